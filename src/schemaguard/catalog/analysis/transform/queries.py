"""SELECT and VALUES (`analyze.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query_tree import Query, RangeRef, RowMark, Rte, SortGroup, Target
from schemaguard.catalog.analysis.transform.coercion import coerce_to_common, coerce_to_specific
from schemaguard.catalog.analysis.transform.common_type import common_typmod, select_common_type
from schemaguard.catalog.analysis.transform.ctes import transform_with
from schemaguard.catalog.analysis.transform.from_clause import add_entry, transform_condition, transform_from
from schemaguard.catalog.analysis.transform.grouping import (
    distinct_clause,
    distinct_on_clause,
    group_clause,
    sort_clause,
)
from schemaguard.catalog.analysis.transform.scope import ParseState
from schemaguard.catalog.analysis.transform.targets import (
    resolve_unknown,
    transform_list,
    transform_targets,
    with_origins,
)
from schemaguard.catalog.analysis.transform.ungrouped import refuse_ungrouped
from schemaguard.catalog.analysis.transform.windows import transform_windows
from schemaguard.catalog.analysis.walk import has_set
from schemaguard.catalog.builtin.types import INT8
from schemaguard.catalog.commands.nodes import only
from schemaguard.catalog.errors import (
    FEATURE_NOT_SUPPORTED,
    SYNTAX_ERROR,
    UNDEFINED_TABLE,
    Opaque,
    Refused,
)

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.tree import Expr
    from schemaguard.statements.statement import Node


def transform_query(environment: Environment, node: Node, parent: ParseState | None = None) -> Query:
    """A query given as ``{tag: fields}``; `parent` is the query that it stands in.

    Raises:
        Refused: the server would refuse it.
        Opaque: it is a data-modifying statement.
    """
    tag, fields = only(node)
    if tag != "SelectStmt":
        raise Opaque(f"{tag} as a query is not analysed")
    return transform_select(ParseState(environment, parent), fields)


def transform_select(state: ParseState, node: Node) -> Query:
    """A SelectStmt of any kind, at the level of `state`."""
    from schemaguard.catalog.analysis.transform.set_operations import transform_set_operation

    recursive = False
    if "withClause" in node:
        recursive = bool(node["withClause"].get("recursive"))
        transform_with(state, node["withClause"])
    if node.get("op", "SETOP_NONE") != "SETOP_NONE":
        query = transform_set_operation(state, node, recursive=recursive)
    elif "valuesLists" in node:
        query = _values(state, node, recursive=recursive)
    else:
        query = _plain(state, node, recursive=recursive)
    return query


def _plain(state: ParseState, node: Node, *, recursive: bool) -> Query:
    """SELECT … FROM …, clause by clause in the server's order."""
    state.windows = [definition["WindowDef"] for definition in node.get("windowClause", ())]
    joins = transform_from(state, node.get("fromClause", ()))
    state.kind = "select"
    state.targets = transform_targets(state, node.get("targetList", ()))
    where = transform_condition(state, node.get("whereClause"), "where", "WHERE")
    having = transform_condition(state, node.get("havingClause"), "having", "HAVING")
    sort = sort_clause(state, node.get("sortClause", ()), kind="order")
    groups, sets = group_clause(state, node.get("groupClause", ()), sort)
    distinct, on = _distinct(state, node, sort)
    offset = limit_value(state, node.get("limitOffset"), "OFFSET")
    limit = limit_value(state, node.get("limitCount"), "LIMIT")
    windows = transform_windows(state, state.windows)
    targets = with_origins(
        state, state.targets if state.keep_unknown else resolve_unknown(state, state.targets)
    )
    query = Query(
        targets=tuple(targets),
        rtes=tuple(state.rtes),
        joins=joins,
        where=where,
        groups=groups,
        grouping_sets=sets,
        group_distinct=bool(node.get("groupDistinct")),
        having=having,
        windows=windows,
        distinct=distinct,
        distinct_on=on,
        sort=sort,
        offset=offset,
        limit=limit,
        with_ties=node.get("limitOption") == "LIMIT_OPTION_WITH_TIES",
        ctes=tuple(state.ctes),
        recursive=recursive,
        marks=_row_marks(state, node),
    )
    if groups or sets or having is not None or state.aggregates:
        refuse_ungrouped(state, query)
    if query.marks:
        _check_locking(state, query)
    return query


def _distinct(
    state: ParseState, node: Node, sort: tuple[SortGroup, ...]
) -> tuple[tuple[SortGroup, ...] | None, bool]:
    clause = node.get("distinctClause")
    if clause is None:
        return None, False
    if len(clause) == 1 and not clause[0]:
        return distinct_clause(state, sort), False
    return distinct_on_clause(state, clause, sort), True


def limit_value(state: ParseState, node: Node | None, name: str) -> Expr | None:
    """LIMIT or OFFSET: a bigint without columns.

    Raises:
        Refused: it is another type, or names a column.
    """
    from schemaguard.catalog.analysis.transform.expressions import transform
    from schemaguard.catalog.analysis.walk import variables

    if node is None:
        return None
    outer, state.kind = state.kind, name.lower()
    try:
        expr = coerce_to_specific(state.environment, transform(state, node), INT8, name)
    finally:
        state.kind = outer
    if any(variables(expr)):
        raise Refused("42P10", f"argument of {name} must not contain variables")
    return expr


def _values(state: ParseState, node: Node, *, recursive: bool) -> Query:
    """VALUES (…), (…): a query over a range table entry of its rows.

    Raises:
        Refused: the rows differ in length, or a column has no common type.
    """
    outer, state.kind = state.kind, "values"
    rows = [transform_list(state, row["List"].get("items", ())) for row in node["valuesLists"]]
    state.kind = outer
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise Refused(SYNTAX_ERROR, "VALUES lists must all be the same length")
    environment = state.environment
    types: list[int] = []
    typmods: list[int] = []
    for at in range(width):
        column = [row[at] for row in rows]
        common = select_common_type(environment, column, "VALUES")
        for row in rows:
            row[at] = coerce_to_common(environment, row[at], common, "VALUES")
        types.append(common)
        typmods.append(common_typmod([row[at] for row in rows], common))
    rte = Rte(
        kind="values",
        name="*VALUES*",
        columns=tuple(f"column{at}" for at in range(1, width + 1)),
        types=tuple(types),
        typmods=tuple(typmods),
        rows=tuple(tuple(row) for row in rows),
    )
    item = add_entry(state, rte)
    state.namespace.append(item)
    state.targets = [Target(expr, name) for name, expr in item.all_columns()]
    sort = sort_clause(state, node.get("sortClause", ()), kind="order")
    offset = limit_value(state, node.get("limitOffset"), "OFFSET")
    limit = limit_value(state, node.get("limitCount"), "LIMIT")
    if "lockingClause" in node:
        raise Refused(FEATURE_NOT_SUPPORTED, "FOR UPDATE cannot be applied to VALUES")
    return Query(
        targets=tuple(state.targets),
        rtes=tuple(state.rtes),
        joins=(RangeRef(item.index),),
        sort=sort,
        offset=offset,
        limit=limit,
        ctes=tuple(state.ctes),
        recursive=recursive,
    )


_STRENGTHS = {
    "LCS_FORKEYSHARE": "KEY SHARE",
    "LCS_FORSHARE": "SHARE",
    "LCS_FORNOKEYUPDATE": "NO KEY UPDATE",
    "LCS_FORUPDATE": "UPDATE",
}
_WAITS = {"LockWaitSkip": "SKIP LOCKED", "LockWaitError": "NOWAIT"}


def _check_locking(state: ParseState, query: Query) -> None:
    """Refuse FOR UPDATE where rows of the result are not rows of a table (`CheckSelectLocking`)."""
    reasons = {
        "DISTINCT clause": query.distinct is not None,
        "GROUP BY clause": bool(query.groups or query.grouping_sets),
        "HAVING clause": query.having is not None,
        "aggregate functions": state.aggregates,
        "window functions": state.windows_used,
        "set-returning functions in the target list": any(has_set(target.expr) for target in query.targets),
    }
    for reason, holds in reasons.items():
        if holds:
            strength = query.marks[0].strength
            raise Refused(FEATURE_NOT_SUPPORTED, f"FOR {strength} is not allowed with {reason}")


def _row_marks(state: ParseState, node: Node) -> tuple[RowMark, ...]:
    """FOR UPDATE and its like; each of the relations it locks.

    Raises:
        Refused: OF names none of FROM.
    """
    found: list[RowMark] = []
    for item in node.get("lockingClause", ()):
        clause = item["LockingClause"]
        strength = _STRENGTHS[clause["strength"]]
        wait = _WAITS.get(clause.get("waitPolicy", ""), "")
        wanted = [relation["RangeVar"]["relname"] for relation in clause.get("lockedRels", ())]
        named = {
            (rte.alias.name if rte.alias else rte.name): index for index, rte in enumerate(state.rtes, 1)
        }
        for name in wanted:
            if name not in named:
                raise Refused(
                    UNDEFINED_TABLE, f'relation "{name}" in FOR {strength} clause not found in FROM clause'
                )
        for index, rte in enumerate(state.rtes, 1):
            if rte.kind in ("relation", "subquery") and (
                not wanted or any(named[name] == index for name in wanted)
            ):
                found.append(RowMark(index, strength, wait))
    return tuple(found)
