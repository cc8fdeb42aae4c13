"""CASE, COALESCE, ARRAY, ROW, GREATEST, CURRENT_TIMESTAMP and the SQL/XML and SQL/JSON constructs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.transform.coercion import (
    coerce_all_to_common,
    coerce_to_boolean,
    coerce_to_common,
    coerce_to_target,
)
from schemaguard.catalog.analysis.transform.common_type import common_typmod, select_common_type
from schemaguard.catalog.analysis.transform.operators import make_op
from schemaguard.catalog.analysis.transform.pathways import EXPLICIT
from schemaguard.catalog.analysis.transform.polymorphism import array_of
from schemaguard.catalog.analysis.tree import (
    UNRESOLVED,
    ArrayExpr,
    CaseExpr,
    CaseTestExpr,
    CoalesceExpr,
    Const,
    Expr,
    MinMaxExpr,
    RowExpr,
    SQLValueFunction,
    XmlOrJson,
)
from schemaguard.catalog.analysis.walk import has_set
from schemaguard.catalog.builtin import types as pg
from schemaguard.catalog.errors import FEATURE_NOT_SUPPORTED, Refused

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.statements.statement import Node

MAX_COLUMNS = 1664

_VALUE_FUNCTIONS = {
    "CURRENT_DATE": pg.DATE,
    "CURRENT_TIME": pg.TIMETZ,
    "CURRENT_TIMESTAMP": pg.TIMESTAMPTZ,
    "LOCALTIME": pg.TIME,
    "LOCALTIMESTAMP": pg.TIMESTAMP,
}
_SYSTEM_USER_SINCE = 16


def transform_case(state: ParseState, node: Node) -> Expr:
    """CASE; the ELSE result counts first where the common type is chosen."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    environment = state.environment
    arg: Expr | None = None
    test: Expr | None = None
    if "arg" in node:
        arg = transform(state, node["arg"])
        if arg.type == pg.UNKNOWN:
            arg = coerce_to_common(environment, arg, pg.TEXT, "CASE")
        test = CaseTestExpr(arg.type, arg.typmod)
    conditions: list[Expr] = []
    results: list[Expr] = []
    for item in node["args"]:
        when = item["CaseWhen"]
        condition = transform(state, when["expr"])
        if test is not None:
            condition = make_op(environment, ["="], test, condition)
        conditions.append(coerce_to_boolean(environment, condition, "CASE/WHEN"))
        results.append(transform(state, when["result"]))
    otherwise = transform(state, node["defresult"]) if "defresult" in node else Const(pg.UNKNOWN, value=None)
    _refuse_sets([*conditions, *results, otherwise], "CASE")
    common = select_common_type(environment, [otherwise, *results], "CASE")
    otherwise = coerce_to_common(environment, otherwise, common, "CASE/ELSE")
    results = [coerce_to_common(environment, result, common, "CASE/WHEN") for result in results]
    typmod = common_typmod([otherwise, *results], common)
    whens = tuple(zip(conditions, results, strict=True))
    return CaseExpr(common, typmod, arg=arg, whens=whens, otherwise=otherwise)


def transform_coalesce(state: ParseState, node: Node) -> Expr:
    """COALESCE."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    args = [transform(state, arg) for arg in node["args"]]
    _refuse_sets(args, "COALESCE")
    common, coerced = coerce_all_to_common(state.environment, args, "COALESCE")
    return CoalesceExpr(common, common_typmod(coerced, common), args=coerced)


def _refuse_sets(exprs: list[Expr], construct: str) -> None:
    """Refuse a set-returning function that would be called or not, row by row."""
    if any(has_set(expr) for expr in exprs):
        raise Refused(FEATURE_NOT_SUPPORTED, f"set-returning functions are not allowed in {construct}")


def transform_min_max(state: ParseState, node: Node) -> Expr:
    """GREATEST and LEAST."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    name = "GREATEST" if node.get("op", "IS_GREATEST") == "IS_GREATEST" else "LEAST"
    args = [transform(state, arg) for arg in node["args"]]
    common, coerced = coerce_all_to_common(state.environment, args, name)
    return MinMaxExpr(common, common_typmod(coerced, common), function=name, args=coerced)


def transform_array(state: ParseState, node: Node, target: tuple[int, int] | None = None) -> Expr:
    """ARRAY[…]; `target`: the array type and modifier that a cast right above asks for.

    Raises:
        Refused: it is empty without a cast, or its elements have no common type.
    """
    from schemaguard.catalog.analysis.transform.expressions import transform

    environment = state.environment
    elements: list[Expr] = []
    nested = False
    for element in node.get("elements", ()):
        if "A_ArrayExpr" in element:
            made = transform_array(state, element["A_ArrayExpr"], target)
            nested = True
        else:
            made = transform(state, element)
            nested = nested or made.type < 0 or made.type == -pg.RECORD
        elements.append(made)
    if target is not None:
        return _array_of_type(state, elements, target, nested=nested)
    if not elements:
        raise Refused(
            "42P18",
            "cannot determine type of empty array",
            hint="Explicitly cast to the desired type, for example ARRAY[]::integer[].",
            offset=node.get("location", -1),
        )
    common = select_common_type(environment, elements, "ARRAY")
    array = common if nested or common == UNRESOLVED else array_of(environment, common)
    if not array and common != UNRESOLVED:
        name = environment.type_text(common)
        raise Refused("42704", f"could not find array type for data type {name}")
    coerced = tuple(coerce_to_common(environment, element, common, "ARRAY") for element in elements)
    return ArrayExpr(array, common_typmod(coerced, common), elements=coerced, multidimensional=nested)


def _array_of_type(state: ParseState, elements: list[Expr], target: tuple[int, int], *, nested: bool) -> Expr:
    """An array whose elements are cast to what the array is cast to."""
    environment = state.environment
    array, typmod = target
    wanted = array if nested else environment.info(array).element
    coerced: list[Expr] = []
    for element in elements:
        found = coerce_to_target(environment, element, wanted, typmod, EXPLICIT, "explicit")
        if found is None:
            source, name = environment.type_text(element.type), environment.type_text(wanted)
            raise Refused("42846", f"cannot cast type {source} to {name}")
        coerced.append(found)
    own_typmod = common_typmod(coerced, wanted) if coerced else -1
    return ArrayExpr(array, own_typmod, elements=tuple(coerced), multidimensional=nested)


def transform_row(state: ParseState, node: Node) -> Expr:
    """ROW(…) or (a, b)."""
    from schemaguard.catalog.analysis.transform.targets import transform_list

    args = transform_list(state, node.get("args", ()))
    if len(args) > MAX_COLUMNS:
        raise Refused("54011", f"ROW expressions can have at most {MAX_COLUMNS} entries")
    form = "implicit" if node.get("row_format") == "COERCE_IMPLICIT_CAST" else "call"
    names = tuple(f"f{at}" for at in range(1, len(args) + 1))
    return RowExpr(pg.RECORD, args=tuple(args), form=form, names=names)  # type: ignore[arg-type]  # a Form


def transform_value_function(_state: ParseState, node: Node) -> Expr:
    """CURRENT_DATE, CURRENT_USER and the like."""
    name = node.get("op", "SVFOP_CURRENT_DATE").removeprefix("SVFOP_")
    typmod = node.get("typmod", 0)
    with_precision = name.endswith("_N")
    name = name.removesuffix("_N")
    number = _VALUE_FUNCTIONS.get(name, pg.NAME)
    typmod = -1 if number in (pg.NAME, pg.DATE) or not with_precision else min(typmod, 6)
    text = f"{name}({typmod})" if with_precision else name
    return SQLValueFunction(number, typmod, text=text)


_RESULTS = {
    "JsonObjectConstructor": pg.JSON,
    "JsonArrayConstructor": pg.JSON,
    "JsonArrayQueryConstructor": pg.JSON,
    "JsonObjectAgg": pg.JSON,
    "JsonArrayAgg": pg.JSON,
    "JsonParseExpr": pg.JSON,
    "JsonScalarExpr": pg.JSON,
    "JsonIsPredicate": pg.BOOL,
    "JsonSerializeExpr": pg.TEXT,
}
_BY_OPERATION = {
    "IS_DOCUMENT": pg.BOOL,
    "JSON_EXISTS_OP": pg.BOOL,
    "JSON_QUERY_OP": pg.JSONB,
    "JSON_VALUE_OP": pg.TEXT,
}


def transform_xml_or_json(state: ParseState, node: Node) -> Expr:
    """An SQL/XML or SQL/JSON construct: its operands and its type."""
    operands = tuple(_operands(state, node))
    output = _output_type(state, node)
    if output is None:
        operation = node.get("op", "")
        output = _BY_OPERATION.get(operation) or _RESULTS.get(_kind_of(node), 0), -1
        if operation.startswith("IS_XML"):
            output = pg.XML, -1
    return XmlOrJson(*output, construct=_kind_of(node), args=operands)


def _kind_of(node: Node) -> str:
    """Which construct the fields are those of."""
    if "xmloption" in node:
        return "XMLSERIALIZE" if "typeName" in node else "XML"
    if "item_type" in node:
        return "JsonIsPredicate"
    if "op" in node:
        return "JsonFuncExpr"
    return "JsonObjectConstructor"


def _output_type(state: ParseState, node: Node) -> tuple[int, int] | None:
    if "typeName" in node:
        return state.environment.type(node["typeName"])
    output = node.get("output") or node.get("constructor", {}).get("output")
    if isinstance(output, dict) and "typeName" in output:
        return state.environment.type(output["typeName"])
    return None


def _operands(state: ParseState, node: object) -> list[Expr]:
    """Every expression somewhere below a construct, for its columns and functions."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    found: list[Expr] = []
    pending = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            for key, value in item.items():
                if key in _EXPRESSIONS and isinstance(value, dict):
                    found.append(transform(state, {key: value}))
                elif key not in ("typeName", "output"):
                    pending.append(value)
    return found


_EXPRESSIONS = {
    "ColumnRef", "A_Const", "A_Expr", "FuncCall", "TypeCast", "BoolExpr", "NullTest", "SubLink", "CaseExpr",
    "CoalesceExpr", "A_ArrayExpr", "RowExpr", "SQLValueFunction", "A_Indirection", "ParamRef", "XmlExpr",
}  # fmt: skip
