"""Sub-queries in expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import SYNTAX_ERROR, Refused
from schemaguard.plpgsql.values.kinds import Record, Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.plpgsql.expressions.scope import Env, Getter, Scope
    from schemaguard.plpgsql.queries.query import Query
    from schemaguard.statements.statement import Node

CARDINALITY = "21000"


def compile_sublink(fields: Node, scope: Scope) -> Getter:
    """EXISTS, IN, ANY, ALL, ARRAY or a scalar sub-query; one whose rows are not known has an unknown value."""
    from schemaguard.plpgsql.queries.select import compile_query

    kind = fields["subLinkType"]
    query = compile_query(fields["subselect"], scope.context, scope)
    if kind == "EXISTS_SUBLINK":
        return lambda env: _guarded(lambda: any(True for _ in query.rows(env)))
    if kind in ("ARRAY_SUBLINK", "EXPR_SUBLINK") and len(query.columns) != 1:
        raise Refused(SYNTAX_ERROR, "subquery must return only one column")
    if kind == "ARRAY_SUBLINK":
        return lambda env: _guarded(lambda: [row[0] for row in query.rows(env)])
    if kind == "EXPR_SUBLINK":
        return lambda env: _guarded(lambda: _scalar(query, env))
    return _quantified(fields, query, scope)


def _guarded(compute: object) -> Value:
    try:
        return compute()  # type: ignore[operator]  # a function of no arguments
    except Unanswerable as unanswerable:
        return Unknown(str(unanswerable))


def _scalar(query: Query, env: Env) -> Value:
    rows = query.rows(env)
    first = next(rows, None)
    if first is None:
        return None
    if next(rows, None) is not None:
        raise Refused(CARDINALITY, "more than one row returned by a subquery used as an expression")
    return first[0]


def _quantified(fields: Node, query: Query, scope: Scope) -> Getter:
    from schemaguard.plpgsql.expressions.comparisons import quantify
    from schemaguard.plpgsql.expressions.compile import compile_node
    from schemaguard.plpgsql.expressions.operators import OPERATORS

    left = compile_node(fields["testexpr"], scope)
    name = strings(fields["operName"])[-1] if "operName" in fields else "="
    operator, context = OPERATORS[name], scope.context
    every = fields["subLinkType"] == "ALL_SUBLINK"
    names = tuple(query.columns)

    def items(env: Env) -> Iterator[Value]:
        for row in query.rows(env):
            yield row[0] if len(row) == 1 else Record(names, row)

    return lambda env: _guarded(lambda: quantify(left(env), items(env), operator, context, every=every))
