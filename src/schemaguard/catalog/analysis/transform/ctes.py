"""WITH (`parse_cte.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.query_tree import CommonTable, Query, Target
from schemaguard.catalog.analysis.transform.scope import ParseState
from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import (
    DUPLICATE_ALIAS,
    FEATURE_NOT_SUPPORTED,
    INVALID_COLUMN_REFERENCE,
    Opaque,
    Refused,
)

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.tree import Expr
    from schemaguard.statements.statement import Node

_MATERIALIZED = {"CTEMaterializeAlways": "MATERIALIZED", "CTEMaterializeNever": "NOT MATERIALIZED"}
IN_PROGRESS = "in progress"
"""`materialized` of a recursive query while it is being analysed."""


def transform_with(state: ParseState, node: Node) -> None:
    """Analyse the queries of WITH; they become visible in `state`.

    Raises:
        Refused: two have the same name, or one of them is wrong.
    """
    recursive = bool(node.get("recursive"))
    entries = [item["CommonTableExpr"] for item in node["ctes"]]
    names: list[str] = []
    for entry in entries:
        if entry["ctename"] in names:
            name = entry["ctename"]
            raise Refused(DUPLICATE_ALIAS, f'WITH query name "{name}" specified more than once')
        names.append(entry["ctename"])
    if not recursive:
        for entry in entries:
            state.ctes.append(_analyse(state, entry))
        return
    for entry in _in_order(entries):
        if "SelectStmt" in entry["ctequery"] and _mentions(entry["ctequery"], entry["ctename"]):
            _analyse_recursive(state, entry)
        else:
            state.ctes.append(_analyse(state, entry))
    state.ctes.sort(key=lambda cte: names.index(cte.name) if cte.name in names else -1)


def _in_order(entries: list[Node]) -> list[Node]:
    """The queries of WITH RECURSIVE so that each comes after those it names.

    Raises:
        Refused: two name each other.
    """
    left, ordered = list(entries), []
    while left:
        ready = next(
            (
                entry
                for entry in left
                if not any(
                    _mentions(entry["ctequery"], other["ctename"]) for other in left if other is not entry
                )
            ),
            None,
        )
        if ready is None:
            raise Refused(FEATURE_NOT_SUPPORTED, "mutual recursion between WITH items is not implemented")
        left.remove(ready)
        ordered.append(ready)
    return ordered


def _mentions(node: object, name: str) -> bool:
    """Whether a tree names a relation so, unqualified."""
    pending = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            found = item.get("RangeVar")
            if isinstance(found, dict) and found.get("relname") == name and "schemaname" not in found:
                return True
            pending.extend(item.values())
    return False


def _finish(entry: Node, query: Query, *, recursive: bool = False) -> CommonTable:
    aliases = tuple(strings(entry.get("aliascolnames")))
    name = entry["ctename"]
    width = len(query.outputs)
    if len(aliases) > width:
        raise Refused(
            INVALID_COLUMN_REFERENCE,
            f'WITH query "{name}" has {width} columns available but {len(aliases)} columns specified',
        )
    if "search_clause" in entry or "cycle_clause" in entry:
        raise Opaque("SEARCH and CYCLE of a recursive query are not analysed")
    materialized = _MATERIALIZED.get(entry.get("ctematerialized", ""), "")
    return CommonTable(name, query, aliases, materialized, recursive)


def _analyse(state: ParseState, entry: Node) -> CommonTable:
    from schemaguard.catalog.analysis.transform.changes import transform_change
    from schemaguard.catalog.analysis.transform.queries import transform_query

    if only(entry["ctequery"])[0] != "SelectStmt":
        change = transform_change(ParseState(state.environment, state), entry["ctequery"])
        return _finish(entry, change.query())
    return _finish(entry, transform_query(state.environment, entry["ctequery"], state))


def _analyse_recursive(state: ParseState, entry: Node) -> None:
    """A query that names itself: its columns are those of its first part.

    Raises:
        Refused: it is no UNION whose first part does not name it.
    """
    from schemaguard.catalog.analysis.transform.queries import transform_select

    name = entry["ctename"]
    select = entry["ctequery"]["SelectStmt"]
    if select.get("op") != "SETOP_UNION":
        raise Refused(
            "42P19",
            f'recursive query "{name}" does not have the form non-recursive-term UNION [ALL] recursive-term',
        )
    if _mentions(select.get("larg"), name):
        raise Refused(
            "42P19", f'recursive reference to query "{name}" must not appear within its non-recursive term'
        )
    aliases = tuple(strings(entry.get("aliascolnames")))
    inner = ParseState(state.environment, state)

    def announce(columns: list[Target]) -> None:
        state.ctes.append(
            CommonTable(name, Query(targets=tuple(columns), rtes=()), aliases, IN_PROGRESS, recursive=True)
        )

    inner.recursive_columns = announce
    query = transform_select(inner, select)
    state.ctes = [cte for cte in state.ctes if cte.name != name]
    first = _first_part(query)
    for at, (one, other) in enumerate(zip(first, query.outputs, strict=True), 1):
        if one.type != other.expr.type:
            given, found = (state.environment.type_text(number) for number in (one.type, other.expr.type))
            raise Refused(
                "42804",
                f'recursive query "{name}" column {at} has type {given} in non-recursive term but type {found} overall',
            )
    state.ctes.append(_finish(entry, query, recursive=True))


def _first_part(query: Query) -> list[Expr]:
    from schemaguard.catalog.analysis.query_tree import RangeRef, SetOperation

    tree = query.set_operations.left if query.set_operations is not None else None
    if isinstance(tree, SetOperation):
        return [target.expr for target in query.outputs]
    if isinstance(tree, RangeRef):
        inner = query.rtes[tree.index - 1].query
        if inner is not None:
            return [target.expr for target in inner.outputs]
    return [msgspec.structs.replace(target.expr) for target in query.outputs]
