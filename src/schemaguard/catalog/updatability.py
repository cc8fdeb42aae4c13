"""Which views let INSERT, UPDATE and DELETE through to their table (`view_query_is_auto_updatable`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.bound import query_of
from schemaguard.catalog.analysis.tree import Aggref, Expr, FuncExpr, Var, WindowFunc
from schemaguard.catalog.analysis.walk import children, has
from schemaguard.catalog.errors import Refused
from schemaguard.catalog.model import Relation, View

if TYPE_CHECKING:
    from collections.abc import Collection

    from schemaguard.catalog.analysis.query_tree import Query, Rte
    from schemaguard.catalog.state import Catalog

_SINGLE = "Views that do not select from a single table or view are not automatically updatable."


def why_not_updatable(query: Query, *, any_column: bool = True) -> str:
    """Why the view of a query is not automatically updatable, in the server's words; "" where it is.

    `any_column`: one of its columns must be the table's own, as for all but DELETE.
    """
    return _clause(query) or _targets(query) or _source(query, any_column=any_column)


def _is_plain(expression: Expr) -> bool:
    return isinstance(expression, Var) and expression.level == 0 and expression.attribute > 0


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


def _source(query: Query, *, any_column: bool = True) -> str:
    rte = base_of(query)
    if rte is None or rte.relation_kind not in "rfvp":
        return _SINGLE
    if rte.sample is not None:
        return "Views containing TABLESAMPLE are not automatically updatable."
    if any_column and not any(_is_plain(target.expr) for target in query.outputs):
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


_VERBS = {"insert": "insert into", "update": "update", "delete": "delete from"}


def refuse_unwritable(catalog: Catalog, relation: Relation, event: str, columns: Collection[int]) -> None:
    """Refuse an INSERT, UPDATE or DELETE on a view that passes it on to nothing, as the rewriter does.

    `event` in lower case; `columns`: the numbers of those that it sets.

    Raises:
        Refused: the view, or one of those columns, can't be written.
    """
    while isinstance(relation, View) and relation.kind == "v" and relation.query is not None:
        if _is_diverted(catalog, relation, event):
            return
        query = query_of(relation.query)
        why = why_not_updatable(query, any_column=event != "delete")
        base = base_of(query)
        if why or base is None:
            raise Refused("55000", f'cannot {_VERBS[event]} view "{relation.name}"', detail=why)
        outputs = query.outputs
        passed: list[int] = []
        for number in columns if event != "delete" else ():
            expression = outputs[number - 1].expr
            if not isinstance(expression, Var) or not _is_plain(expression):
                column = relation.column_at(number)
                shown = column.name if column is not None else str(number)
                message = f'cannot {_VERBS[event]} column "{shown}" of view "{relation.name}"'
                raise Refused("0A000", message)
            passed.append(expression.attribute)
        columns = passed
        below = catalog.objects.get(base.relation)
        if not isinstance(below, Relation):
            return
        relation = below


def _is_diverted(catalog: Catalog, view: View, event: str) -> bool:
    """Whether an INSTEAD rule without condition, or an INSTEAD OF trigger, takes the command over."""
    return any(
        rule.instead and rule.when is None and rule.event == event for rule in catalog.rules(view.oid)
    ) or any(
        trigger.timing == "instead of" and event in trigger.events for trigger in catalog.triggers(view.oid)
    )
