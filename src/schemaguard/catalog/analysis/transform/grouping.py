"""ORDER BY, GROUP BY, DISTINCT: which target each means (`parse_clause.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.query_tree import GroupingSet, SortGroup, Target
from schemaguard.catalog.analysis.transform.coercion import coerce, strip_implicit
from schemaguard.catalog.analysis.transform.ordering import has_equality, sort_order
from schemaguard.catalog.analysis.transform.pathways import IMPLICIT
from schemaguard.catalog.builtin.types import TEXT, UNKNOWN
from schemaguard.catalog.errors import INVALID_COLUMN_REFERENCE, SYNTAX_ERROR, UNDEFINED_FUNCTION, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.catalog.analysis.tree import Expr
    from schemaguard.statements.statement import Node

AMBIGUOUS_COLUMN = "42702"
_CONSTRUCTS = {"order": "ORDER BY", "group": "GROUP BY", "distinct": "DISTINCT ON"}


def sort_clause(
    state: ParseState, nodes: Sequence[Node], *, kind: str, sql99: bool = False
) -> tuple[SortGroup, ...]:
    """ORDER BY or PARTITION BY: a SortGroup for each element; new expressions join `state.targets` as junk.

    `sql99`: names are columns only, as in window definitions, never output names or positions.
    """
    found: list[SortGroup] = []
    for node in nodes:
        sort = node.get("SortBy", {"node": node})
        at = find_target(state, sort["node"], kind, sql99=sql99 or kind in {"partition by", "window order"})
        expr = _as_text(state, at)
        ref = _referenced(state, at)
        if kind == "partition by":
            require_equality(state, expr)
            new = SortGroup(ref)
        else:
            new = sort_order(state.environment, sort, expr.type, ref)
        if not any(known.ref == ref for known in found):
            found.append(new)
    return tuple(found)


def _as_text(state: ParseState, at: int) -> Expr:
    """The target's expression, an untyped literal made text."""
    target = state.targets[at]
    if target.expr.type == UNKNOWN:
        target = msgspec.structs.replace(
            target, expr=coerce(state.environment, target.expr, TEXT, -1, IMPLICIT, "implicit")
        )
        state.targets[at] = target
    return target.expr


def _referenced(state: ParseState, at: int) -> int:
    """The `ref` of a target, which gets one if it has none."""
    target = state.targets[at]
    if not target.ref:
        ref = max((other.ref for other in state.targets), default=0) + 1
        state.targets[at] = target = msgspec.structs.replace(target, ref=ref)
    return target.ref


def require_equality(state: ParseState, expr: Expr) -> None:
    """Refuse an expression of which no two values can be told to be the same."""
    if not has_equality(state.environment, expr.type):
        name = state.environment.type_text(expr.type)
        raise Refused(UNDEFINED_FUNCTION, f"could not identify an equality operator for type {name}")


def find_target(state: ParseState, node: Node, kind: str, *, sql99: bool = False) -> int:
    """Index of the target that an element of such a clause means: by name, by position, or the expression itself.

    Raises:
        Refused: the name is ambiguous, or there is no such position.
    """
    from schemaguard.catalog.analysis.transform.expressions import transform

    if not sql99:
        by_name = _by_name(state, node, kind)
        if by_name is not None:
            return by_name
        constant = node.get("A_Const")
        if constant is not None:
            return _by_position(state, constant, kind)
    outer, state.kind = state.kind, kind
    try:
        expr = transform(state, node)
    finally:
        state.kind = outer
    for at, target in enumerate(state.targets):
        if strip_implicit(target.expr) == expr or target.expr == expr:
            return at
    state.targets.append(Target(expr, None, junk=True))
    return len(state.targets) - 1


def _by_name(state: ParseState, node: Node, kind: str) -> int | None:
    from schemaguard.catalog.analysis.transform.scope import find_column

    fields = node.get("ColumnRef", {}).get("fields", ())
    if len(fields) != 1 or "String" not in fields[0]:
        return None
    name = fields[0]["String"]["sval"]
    if kind == "group" and find_column(state, name) is not None and _in_this_query(state, name):
        return None  # SQL says that a column of FROM is meant first
    found: int | None = None
    for at, target in enumerate(state.targets):
        if target.junk or target.name != name:
            continue
        if found is None:
            found = at
        elif state.targets[found].expr != target.expr:
            raise Refused(AMBIGUOUS_COLUMN, f'{_CONSTRUCTS[kind]} "{name}" is ambiguous')
    return found


def _in_this_query(state: ParseState, name: str) -> bool:
    return any(item.columns and item.find(name) is not None for item in state.namespace)


def _by_position(state: ParseState, constant: Node, kind: str) -> int:
    if "ival" not in constant:
        raise Refused(SYNTAX_ERROR, f"non-integer constant in {_CONSTRUCTS[kind]}")
    position: int = constant["ival"].get("ival", 0)
    visible = [at for at, target in enumerate(state.targets) if not target.junk]
    if not 1 <= position <= len(visible):
        raise Refused(
            INVALID_COLUMN_REFERENCE, f"{_CONSTRUCTS[kind]} position {position} is not in select list"
        )
    return visible[position - 1]


def group_clause(
    state: ParseState, nodes: Sequence[Node], sort: Sequence[SortGroup]
) -> tuple[tuple[SortGroup, ...], tuple[GroupingSet, ...]]:
    """GROUP BY: its targets, and its grouping sets where it has any but plain expressions."""
    groups: list[SortGroup] = []
    sets: list[GroupingSet] = []
    special = False
    for node in nodes:
        if "GroupingSet" in node:
            special = True
            sets.append(_grouping_set(state, node["GroupingSet"], groups, sort))
        else:
            refs = _group_refs(state, node, groups, sort)
            sets += [GroupingSet("simple", (ref,)) for ref in refs]
    return tuple(groups), tuple(sets) if special else ()


def _grouping_set(
    state: ParseState, node: Node, groups: list[SortGroup], sort: Sequence[SortGroup]
) -> GroupingSet:
    kind = node["kind"].removeprefix("GROUPING_SET_").lower()
    content: list[GroupingSet] = []
    for item in node.get("content", ()):
        if "GroupingSet" in item:
            content.append(_grouping_set(state, item["GroupingSet"], groups, sort))
        else:
            content.append(GroupingSet("simple", tuple(_group_refs(state, item, groups, sort))))
    return GroupingSet(kind, (), tuple(content))


def _group_refs(
    state: ParseState, node: Node, groups: list[SortGroup], sort: Sequence[SortGroup]
) -> list[int]:
    """The targets of an element of GROUP BY; a bare row stands for its parts."""
    row = node.get("RowExpr")
    if row is not None and row.get("row_format") == "COERCE_IMPLICIT_CAST":
        return [ref for part in row.get("args", ()) for ref in _group_refs(state, part, groups, sort)]
    at = find_target(state, node, "group")
    expr = _as_text(state, at)
    require_equality(state, expr)
    ref = _referenced(state, at)
    if not any(known.ref == ref for known in groups):
        ordered = next((known for known in sort if known.ref == ref), None)
        groups.append(ordered or SortGroup(ref))
    return [ref]


def distinct_clause(state: ParseState, sort: Sequence[SortGroup]) -> tuple[SortGroup, ...]:
    """SELECT DISTINCT: every target, those of ORDER BY first.

    Raises:
        Refused: ORDER BY has an expression that is no target, or a type has no equality.
    """
    found: list[SortGroup] = []
    for known in sort:
        target = next(target for target in state.targets if target.ref == known.ref)
        if target.junk:
            raise Refused(
                INVALID_COLUMN_REFERENCE,
                "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
            )
        found.append(known)
    for at, target in enumerate(state.targets):
        if target.junk:
            continue
        expr = _as_text(state, at)
        require_equality(state, expr)
        ref = _referenced(state, at)
        if not any(known.ref == ref for known in found):
            found.append(SortGroup(ref))
    return tuple(found)


def distinct_on_clause(
    state: ParseState, nodes: Sequence[Node], sort: Sequence[SortGroup]
) -> tuple[SortGroup, ...]:
    """SELECT DISTINCT ON (…).

    Raises:
        Refused: ORDER BY does not begin with its expressions.
    """
    refs: list[int] = []
    for node in nodes:
        at = find_target(state, node, "distinct")
        _as_text(state, at)
        refs.append(_referenced(state, at))
    found: list[SortGroup] = []
    skipped = False
    for known in sort:
        if known.ref in refs:
            if skipped:
                _refuse_distinct_on()
            found.append(known)
        else:
            skipped = True
    for ref in refs:
        if any(known.ref == ref for known in found):
            continue
        if skipped:
            _refuse_distinct_on()
        found.append(SortGroup(ref))
    return tuple(found)


def _refuse_distinct_on() -> None:
    raise Refused(
        INVALID_COLUMN_REFERENCE, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions"
    )
