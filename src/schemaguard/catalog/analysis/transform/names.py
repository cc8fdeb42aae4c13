"""The name that the server gives a column of a query that has none (`FigureColname`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.statements.statement import Node

_FIXED = {
    "GroupingFunc": "grouping",
    "A_ArrayExpr": "array",
    "RowExpr": "row",
    "CoalesceExpr": "coalesce",
    "XmlSerialize": "xmlserialize",
    "JsonParseExpr": "json",
    "JsonScalarExpr": "json_scalar",
    "JsonSerializeExpr": "json_serialize",
    "JsonObjectConstructor": "json_object",
    "JsonArrayConstructor": "json_array",
    "JsonArrayQueryConstructor": "json_array",
    "JsonObjectAgg": "json_objectagg",
    "JsonArrayAgg": "json_arrayagg",
    "MergeSupportFunc": "merge_action",
}
_XML = {
    "IS_XMLCONCAT",
    "IS_XMLELEMENT",
    "IS_XMLFOREST",
    "IS_XMLPARSE",
    "IS_XMLPI",
    "IS_XMLROOT",
    "IS_XMLSERIALIZE",
}
_JSON = {"JSON_EXISTS_OP": "json_exists", "JSON_QUERY_OP": "json_query", "JSON_VALUE_OP": "json_value"}


def column_name(state: ParseState, node: Node) -> str:
    """The column's name; `?column?` where nothing gives one."""
    return _figure(state, node)[0] or "?column?"


def index_column_name(state: ParseState, node: Node) -> str | None:
    """The name of an index's expression column, None where it is to be called `expr`."""
    return _figure(state, node)[0] or None


def _figure(state: ParseState, node: Node) -> tuple[str, int]:
    """A name and how good it is: 2 for one to keep, 1 for one of a type or CASE, 0 for none."""
    tag, fields = only(node)
    if tag in _FIXED:
        return _FIXED[tag], 2
    match tag:
        case "ColumnRef":
            return _last_string(fields["fields"])
        case "A_Indirection":
            found = _last_string(fields["indirection"])
            return found if found[1] else _figure(state, fields["arg"])
        case "FuncCall":
            return fields["funcname"][-1]["String"]["sval"], 2
        case "A_Expr":
            return ("nullif", 2) if fields["kind"] == "AEXPR_NULLIF" else ("", 0)
        case "TypeCast":
            found = _figure(state, fields["arg"])
            return (fields["typeName"]["names"][-1]["String"]["sval"], 1) if found[1] <= 1 else found
        case "CollateClause":
            return _figure(state, fields["arg"])
        case "CaseExpr":
            found = _figure(state, fields["defresult"]) if "defresult" in fields else ("", 0)
            return ("case", 1) if found[1] <= 1 else found
        case "SubLink":
            return _of_sublink(state, fields)
    return _of_construct(tag, fields)


def _of_construct(tag: str, fields: Node) -> tuple[str, int]:
    if tag == "MinMaxExpr":
        return ("greatest" if fields.get("op", "IS_GREATEST") == "IS_GREATEST" else "least"), 2
    if tag == "SQLValueFunction":
        return fields["op"].removeprefix("SVFOP_").removesuffix("_N").lower(), 2
    if tag == "XmlExpr" and fields["op"] in _XML:
        return fields["op"].removeprefix("IS_").lower(), 2
    if tag == "JsonFuncExpr":
        return _JSON.get(fields["op"], ""), 2
    return "", 0


def _last_string(parts: list[Node]) -> tuple[str, int]:
    for part in reversed(parts):
        if "String" in part:
            return part["String"]["sval"], 2
    return "", 0


def _of_sublink(state: ParseState, fields: Node) -> tuple[str, int]:
    match fields["subLinkType"]:
        case "EXISTS_SUBLINK":
            return "exists", 2
        case "ARRAY_SUBLINK":
            return "array", 2
        case "EXPR_SUBLINK":
            query = state.subqueries.get(id(fields["subselect"]))
            if query is not None and query.targets and query.targets[0].name:
                return query.targets[0].name, 2
    return "", 0
