"""Which views let INSERT, UPDATE and DELETE through to their table (`view_query_is_auto_updatable`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.bound import query_of
from schemaguard.catalog.analysis.tree import Aggref, Expr, FuncExpr, Var, WindowFunc
from schemaguard.catalog.analysis.walk import children, has

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.query_tree import Query, Rte
    from schemaguard.catalog.model import View

_SINGLE = "Views that do not select from a single table or view are not automatically updatable."


def why_not_updatable(query: Query) -> str:
    """Why the view of a query is not automatically updatable, in the server's words; "" where it is."""
    return _clause(query) or _targets(query) or _source(query)


def _clause(query: Query) -> str:
    """The first clause of the query that stands in the way."""
    for present, what in (
        (query.distinct is not None, "DISTINCT"),
        (query.groups or query.grouping_sets, "GROUP BY"),
        (query.having, "HAVING"),
        (query.set_operations, "UNION, INTERSECT, or EXCEPT"),
        (query.ctes, "WITH"),
        (query.offset or query.limit, "LIMIT or OFFSET"),
    ):
        if present:
            return f"Views containing {what} are not automatically updatable."
    return ""


def _targets(query: Query) -> str:
    expressions = [target.expr for target in query.targets]
    for kind, what in ((Aggref, "aggregate functions"), (WindowFunc, "window functions")):
        if any(has(expression, kind) for expression in expressions):
            return f"Views that return {what} are not automatically updatable."
    if any(_returns_set(expression) for expression in expressions):
        return "Views that return set-returning functions are not automatically updatable."
    return ""


def _returns_set(expression: Expr) -> bool:
    if isinstance(expression, FuncExpr) and expression.routine.returns_set:
        return True
    return any(_returns_set(child) for child in children(expression) if isinstance(child, Expr))


def _source(query: Query) -> str:
    rte = base_of(query)
    if rte is None or rte.relation_kind not in "rfvp":
        return _SINGLE
    if rte.sample is not None:
        return "Views containing TABLESAMPLE are not automatically updatable."
    plain = (target.expr for target in query.outputs)
    if not any(isinstance(expr, Var) and expr.level == 0 and expr.attribute > 0 for expr in plain):
        return "Views that have no updatable columns are not automatically updatable."
    return ""


def base_of(query: Query) -> Rte | None:
    """The entry of a query's FROM clause if it is one relation and nothing else."""
    sources = [rte for rte in query.rtes if rte.in_from]
    if len(query.joins) != 1 or len(sources) != 1 or sources[0].kind != "relation":
        return None
    return sources[0]


def is_automatically_updatable(view: View) -> bool:
    """Whether a write on the view reaches its table without a rule or INSTEAD OF trigger."""
    return view.kind == "v" and view.query is not None and not why_not_updatable(query_of(view.query))
