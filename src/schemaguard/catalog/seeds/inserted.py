"""The rows that an INSERT writes, as far as they are literals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.seeds.literals import NotLiteral, literal
from schemaguard.catalog.seeds.records import MAX_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from schemaguard.statements.statement import Node

Row = list[Any]
"""One value for each target, `UNKNOWN` for what is no literal."""

UNKNOWN = object()


class NotKnown(Exception):  # noqa: N818 - an answer, not an error
    """The query reads what only the database knows."""


def inserted(query: Node | None, guard: Callable[[Node], bool | None]) -> list[Row]:
    """The rows of the query of an INSERT: VALUES, SELECT of literals, FROM (VALUES …), unnest, UNION ALL of those.

    `query`: its SelectStmt fields, None for DEFAULT VALUES. `guard` says whether a WHERE holds, None where it can't.

    Raises:
        NotKnown: they are computed.
    """
    if query is None:
        return [[]]
    if len(query.get("valuesLists", ())) > MAX_ROWS + 1:
        raise NotKnown
    if any(
        clause in query
        for clause in ("limitCount", "limitOffset", "groupClause", "havingClause", "intoClause")
    ):
        raise NotKnown
    if query.get("op", "SETOP_NONE") != "SETOP_NONE":
        return _united(query, guard)
    if "valuesLists" in query:
        return [[_value(item) for item in values["List"]["items"]] for values in query["valuesLists"]]
    if "whereClause" in query:
        holds = guard(query["whereClause"])
        if holds is None:
            raise NotKnown
        if not holds:
            return []
    targets = [item["ResTarget"]["val"] for item in query.get("targetList") or ()]
    sources = query.get("fromClause") or []
    if not sources:
        return _unnested(targets)
    if len(sources) != 1 or "whereClause" in query or "distinctClause" in query:
        raise NotKnown
    names, rows = _source(sources[0], query, guard)
    return [_selected(targets, names, row) for row in rows]


def _value(node: Node) -> Any:  # noqa: ANN401 - a literal's value
    try:
        return literal(node)
    except NotLiteral:
        return UNKNOWN


def _united(query: Node, guard: Callable[[Node], bool | None]) -> list[Row]:
    if query["op"] != "SETOP_UNION":
        raise NotKnown
    found: list[Row] = []
    for side in ("larg", "rarg"):
        found += inserted(query[side], guard)
    if query.get("all"):
        return found
    if any(UNKNOWN in row for row in found):
        raise NotKnown  # which of them are the same is not known
    distinct: list[Row] = []
    for row in found:
        if row not in distinct:
            distinct.append(row)
    return distinct


def _unnested(targets: Sequence[Node]) -> list[Row]:
    """`SELECT 'a', unnest(ARRAY[…])`: a row for each element."""
    series = [_elements(target) for target in targets]
    longest = max((len(each) for each in series if each is not None), default=1)
    found: list[Row] = []
    for at in range(longest):
        row: Row = []
        for target, elements in zip(targets, series, strict=True):
            row.append(_value(target) if elements is None else elements[at] if at < len(elements) else None)
        found.append(row)
    return found


def _elements(node: Node) -> list[Any] | None:
    """The elements of `unnest(ARRAY['a', 'b'])`, None for any other expression.

    Raises:
        NotKnown: it gives rows of which nothing is known.
    """
    tag, fields = only(node)
    if tag != "FuncCall" or strings(fields["funcname"])[-1] != "unnest" or len(fields.get("args", ())) != 1:
        if any(map(_may_be_set, _calls(node))):
            raise NotKnown
        return None
    tag, array = only(fields["args"][0])
    while tag == "TypeCast":
        tag, array = only(array["arg"])
    if tag != "A_ArrayExpr":
        raise NotKnown
    return [_value(element) for element in array.get("elements") or ()]


def _calls(node: Any) -> Iterator[Node]:  # noqa: ANN401 - a tree
    if isinstance(node, dict):
        if "FuncCall" in node:
            yield node["FuncCall"]
        for value in node.values():
            yield from _calls(value)
    elif isinstance(node, list):
        for item in node:
            yield from _calls(item)


def _may_be_set(call: Node) -> bool:
    """Whether a function may give several rows, or none; of a user's own that is not looked up."""
    from schemaguard.catalog.builtin.functions import functions_named

    found = functions_named(strings(call["funcname"])[-1])
    return not found or any(routine.returns_set for routine in found)


def _source(node: Node, query: Node, guard: Callable[[Node], bool | None]) -> tuple[list[str], list[Row]]:
    """The names and rows of what stands in FROM: (VALUES …) AS v (a, b), a query of WITH, unnest(…) AS u (a)."""
    tag, fields = only(node)
    alias = strings((fields.get("alias") or {}).get("colnames"))
    if tag == "RangeSubselect":
        return _named(fields["subquery"].get("SelectStmt"), alias, guard)
    if tag == "RangeVar" and "schemaname" not in fields:
        for item in (query.get("withClause") or {}).get("ctes") or ():
            table = item["CommonTableExpr"]
            if table["ctename"] == fields["relname"]:
                own = strings(table.get("aliascolnames"))
                return _named(table["ctequery"].get("SelectStmt"), alias or own, guard)
    if tag == "RangeFunction" and len(fields["functions"]) == 1 and not fields.get("ordinality"):
        elements = _elements(fields["functions"][0]["List"]["items"][0])
        name = (fields.get("alias") or {}).get("aliasname", "unnest")
        if elements is not None:
            return alias or [name], [[element] for element in elements]
    raise NotKnown


def _named(
    query: Node | None, alias: list[str], guard: Callable[[Node], bool | None]
) -> tuple[list[str], list[Row]]:
    if query is None:
        raise NotKnown
    rows = inserted(query, guard)
    first = query
    while "larg" in first:
        first = first["larg"]
    names = [item["ResTarget"].get("name", "") for item in first.get("targetList") or ()]
    if "valuesLists" in first:
        names = [f"column{at}" for at in range(1, len(first["valuesLists"][0]["List"]["items"]) + 1)]
    return [*alias, *names[len(alias) :]], rows


def _selected(targets: Sequence[Node], names: list[str], row: Row) -> Row:
    """A row of FROM as the target list arranges it.

    Raises:
        NotKnown: a target is a set.
    """
    found: Row = []
    for target in targets:
        tag, fields = only(target)
        while tag == "TypeCast":
            tag, fields = only(fields["arg"])
        if tag == "ColumnRef":
            last = fields["fields"][-1]
            if "A_Star" in last:
                found += row
            else:
                name = last["String"].get("sval", "")
                found.append(row[names.index(name)] if name in names else UNKNOWN)
        elif _elements(target) is not None:
            raise NotKnown
        else:
            found.append(_value(target))
    return found
