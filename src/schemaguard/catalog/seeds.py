"""Rows that migrations write as literals: what a lookup or taxonomy table holds after the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import constant, only, strings

if TYPE_CHECKING:
    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

MAX_ROWS = 500
"""A table with more literal rows than this is data, not a lookup table; its rows are not kept."""

Row = dict[str, Any]


class _NotLiteral(Exception):  # noqa: N818 - an answer, not an error
    """An expression that is no literal."""


DEFAULT = object()


def literal(node: Node) -> Any:  # noqa: ANN401 - str, int, bool, None, or DEFAULT
    """The value of a literal, through casts and a sign.

    Raises:
        _NotLiteral: it is something else.
    """
    tag, fields = only(node)
    if tag == "A_Const":
        return constant(fields)
    if tag == "TypeCast":
        value = literal(fields["arg"])
        if strings(fields["typeName"].get("names"))[-1] == "bool" and isinstance(value, str):
            return value.lower() in ("t", "true", "on", "yes", "1")
        return value
    if tag == "SetToDefault":
        return DEFAULT
    if tag == "A_Expr" and strings(fields["name"]) == ["-"] and "lexpr" not in fields:
        value = literal(fields["rexpr"])
        return -value if isinstance(value, int) else f"-{value}"
    raise _NotLiteral


def literal_rows(node: Node, columns: list[str]) -> list[Row] | None:
    """The rows of an INSERT … VALUES (or SELECT of literals), columns that are no literal left out; None otherwise."""
    query = (node.get("selectStmt") or {}).get("SelectStmt")
    if query is None:
        return [] if "selectStmt" in node else None
    names = [item["ResTarget"]["name"] for item in node.get("cols") or ()] or columns
    if "valuesLists" in query:
        lists = [item["List"]["items"] for item in query["valuesLists"]]
    elif "targetList" in query and "fromClause" not in query and query.get("op") == "SETOP_NONE":
        lists = [[item["ResTarget"]["val"] for item in query["targetList"]]]
    elif (values := _values_in_from(query)) is not None:
        lists = values
    elif query.get("op") == "SETOP_UNION":
        return _union_rows(node, query, columns)
    else:
        return None
    rows: list[Row] = []
    for values in lists[: MAX_ROWS + 1]:
        row: Row = {}
        for name, value in zip(names, values, strict=False):
            try:
                found = literal(value)
            except _NotLiteral:
                continue
            if found is not DEFAULT:
                row[name] = found
        rows.append(row)
    return rows


def _values_in_from(query: Node) -> list[list[Node]] | None:
    """`SELECT … FROM (VALUES …) AS v(a, b)`: the rows in the order of the target list's plain columns."""
    sources = query.get("fromClause") or []
    if len(sources) != 1 or "RangeSubselect" not in sources[0] or "whereClause" in query:
        return None
    source = sources[0]["RangeSubselect"]
    inner = source["subquery"].get("SelectStmt", {})
    names = strings((source.get("alias") or {}).get("colnames"))
    if "valuesLists" not in inner or not names:
        return None
    rows = []
    for item in inner["valuesLists"]:
        values = dict(zip(names, item["List"]["items"], strict=False))
        row: list[Node] = []
        for target in query.get("targetList") or ():
            tag, fields = only(target["ResTarget"]["val"])
            while tag == "TypeCast":
                tag, fields = only(fields["arg"])
            if tag == "ColumnRef":
                last = fields["fields"][-1]
                row.extend(
                    values.values() if "A_Star" in last else [values.get(last["String"]["sval"], target)]
                )
            else:
                row.append(target["ResTarget"]["val"])
        rows.append(row)
    return rows


def _union_rows(node: Node, query: Node, columns: list[str]) -> list[Row] | None:
    rows: list[Row] = []
    for side in ("larg", "rarg"):
        part = literal_rows({**node, "selectStmt": {"SelectStmt": query[side]}}, columns)
        if part is None:
            return None
        rows.extend(part)
    return rows


def insert_rows(catalog: Catalog, relation: Relation, rows: list[Row], conflict: Node | None) -> None:
    """Add literal rows; with ON CONFLICT a row that has an equal key is left alone, or updated with literals."""
    known = catalog.seed_rows.get(relation.oid, ())
    if len(known) > MAX_ROWS or not rows:
        return
    if conflict is None:
        catalog.put(catalog.seed_rows, relation.oid, (*known, *rows))
        return
    keys = _conflict_columns(catalog, relation, conflict)
    merged = list(known)
    index = {tuple(row.get(key) for key in keys): at for at, row in enumerate(merged)} if keys else {}
    for row in rows:
        at = index.get(tuple(row.get(key) for key in keys)) if keys else None
        if at is None:
            index[tuple(row.get(key) for key in keys)] = len(merged)
            merged.append(row)
        elif conflict.get("action") == "ONCONFLICT_UPDATE":
            merged[at] = {**merged[at], **_excluded(conflict, row)}
    catalog.put(catalog.seed_rows, relation.oid, tuple(merged))


def _conflict_columns(catalog: Catalog, relation: Relation, conflict: Node) -> list[str]:
    elements = (conflict.get("infer") or {}).get("indexElems") or ()
    names = [element["IndexElem"].get("name", "") for element in elements]
    if names:
        return names
    named = (conflict.get("infer") or {}).get("conname")
    for constraint in catalog.constraints(relation.oid):
        if constraint.name == named or (not named and constraint.type == "p"):
            return [column.name for column in relation.columns if column.number in constraint.columns]
    return []


def _excluded(conflict: Node, row: Row) -> Row:
    """What `DO UPDATE SET a = EXCLUDED.a, b = 'x'` changes."""
    changes: Row = {}
    for item in conflict.get("targetList") or ():
        target = item["ResTarget"]
        tag, fields = only(target["val"])
        if tag == "ColumnRef":
            names = [part["String"]["sval"] for part in fields["fields"] if "String" in part]
            if names[0] == "excluded" and names[-1] in row:
                changes[target["name"]] = row[names[-1]]
            continue
        try:
            changes[target["name"]] = literal(target["val"])
        except _NotLiteral:
            continue
    return changes


def update_rows(catalog: Catalog, relation: Relation, targets: list[Node], node: Node) -> None:
    """Apply UPDATE … SET literals WHERE literals to the known rows; a condition beyond that leaves them unknown."""
    known = catalog.seed_rows.get(relation.oid)
    if not known:
        return
    changed: list[Row] = []
    for row in known:
        verdict = matches(row, node.get("whereClause"))
        if verdict is False:
            changed.append(row)
            continue
        new = dict(row)
        for target in targets:
            new.pop(target["name"], None)
            if verdict:
                try:
                    new[target["name"]] = literal(target["val"])
                except _NotLiteral:
                    continue
        changed.append(new)
    catalog.put(catalog.seed_rows, relation.oid, tuple(changed))


def delete_rows(catalog: Catalog, relation: Relation, node: Node) -> None:
    """Apply DELETE … WHERE literals; a row of which the condition can't be decided stays."""
    known = catalog.seed_rows.get(relation.oid)
    if not known:
        return
    if "usingClause" in node:
        return
    kept = tuple(row for row in known if matches(row, node.get("whereClause")) is not True)
    catalog.put(catalog.seed_rows, relation.oid, kept)


def matches(row: Row, condition: Node | None) -> bool | None:
    """Whether a row meets a condition of comparisons with literals; None where that can't be decided."""
    if condition is None:
        return True
    tag, fields = only(condition)
    if tag == "BoolExpr":
        verdicts = [matches(row, item) for item in fields["args"]]
        if fields["boolop"] == "NOT_EXPR":
            return None if verdicts[0] is None else not verdicts[0]
        if fields["boolop"] == "AND_EXPR":
            return False if False in verdicts else None if None in verdicts else True
        return True if True in verdicts else None if None in verdicts else False
    if tag != "A_Expr" or fields["kind"] not in ("AEXPR_OP", "AEXPR_IN"):
        return None
    name = _column_name(fields.get("lexpr"))
    if name is None or name not in row:
        return None
    operator = strings(fields["name"])[-1]
    try:
        right = fields["rexpr"]
        values = [literal(item) for item in right["List"]["items"]] if "List" in right else [literal(right)]
    except _NotLiteral:
        return None
    if row[name] is None or operator not in ("=", "<>"):
        return False if row[name] is None else None
    equal = any(str(row[name]) == str(value) for value in values)
    return equal if operator == "=" else not equal


def _column_name(node: Node | None) -> str | None:
    if node is None:
        return None
    tag, fields = only(node)
    if tag != "ColumnRef" or "String" not in fields["fields"][-1]:
        return None
    return str(fields["fields"][-1]["String"]["sval"])
