"""Which base columns decide what rows a query gives: conditions, joins, groups, limits, set operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query_tree import Join
from schemaguard.catalog.analysis.walk import has_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.analysis.query_tree import RangeRef, Rte
    from schemaguard.lineage.scope import Scope
    from schemaguard.lineage.values import Found, Values

BaseColumns = set[tuple[int, int]]


def row_columns(values: Values, scope: Scope) -> BaseColumns:
    """The base columns that decide which rows a query gives, those of its sub-selects and views included."""
    found = scope.memo.get("rows")
    if found is None:
        found = {key[:2] for part in _parts(values, scope) for key in part}
        for inner in _queries(values, scope):
            found |= inner
        scope.memo["rows"] = found
    result: BaseColumns = found
    return result


def _parts(values: Values, scope: Scope) -> Iterator[Found]:
    """The sources of every clause that decides about rows."""
    query = scope.query
    for node in query.joins:
        yield from _conditions(values, scope, node)
    yield values.all_of((query.where, query.having, query.limit, query.offset), scope)
    yield values.sorted_by(query.groups, scope)
    yield values.sorted_by(query.distinct or (), scope)
    if query.limit is not None or query.offset is not None or query.distinct_on:
        yield values.sorted_by(query.sort, scope)
    yield values.all_of((target.expr for target in query.targets if has_set(target.expr)), scope)
    limited = bool(query.sort) and (query.limit is not None or query.offset is not None)
    for leaf in scope.leaves():
        if (
            limited
            or leaf.away
            or any(not operation.all or operation.operation != "UNION" for operation in leaf.above)
        ):
            yield from (values.output(leaf.scope, at) for at in range(len(leaf.scope.query.outputs)))


def _conditions(values: Values, scope: Scope, node: Join | RangeRef) -> Iterator[Found]:
    if isinstance(node, Join):
        yield from _conditions(values, scope, node.left)
        yield from _conditions(values, scope, node.right)
        if node.condition is not None:
            yield values.of(node.condition, scope)


def _queries(values: Values, scope: Scope) -> Iterator[BaseColumns]:
    """What decides about the rows that the query reads."""
    for index, rte in enumerate(scope.query.rtes, 1):
        if rte.kind == "subquery":
            yield row_columns(values, scope.subquery(index))
        elif rte.kind == "cte":
            yield _of_cte(values, scope, rte)
        elif rte.kind == "relation":
            inner = values.lineage.under(rte.relation)
            if inner is not None:
                yield set(inner.rows)
        elif rte.kind in ("function", "other", "values"):
            exprs = [expr for row in rte.rows for expr in row] if rte.kind == "other" else []
            yield {key[:2] for key in values.all_of(exprs, scope)}
            for item in rte.functions:
                yield values.rows_of_call(item.call, scope)


def _of_cte(values: Values, scope: Scope, rte: Rte) -> BaseColumns:
    owner, table = scope.common_table(rte)

    def compute(inner: Scope, _at: int) -> BaseColumns:
        return row_columns(values, inner)

    start: BaseColumns = set()
    return owner.cte_outputs(table, "rows", start, compute)[0]
