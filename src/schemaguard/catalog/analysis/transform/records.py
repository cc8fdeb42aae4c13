"""The columns of a value of type record, where the query tells them (`expandRecordVariable`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.tree import Expr, FuncExpr, RowExpr, Var
from schemaguard.catalog.analysis.type_info import row_columns
from schemaguard.catalog.builtin.types import RECORD

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.query_tree import Rte
    from schemaguard.catalog.analysis.transform.scope import ParseState

Described = list[tuple[str, int, int]]
"""Name, type and typmod of each column."""


def record_columns(state: ParseState, expr: Expr) -> Described | None:
    """The columns of a composite value, None where they can't be told."""
    if isinstance(expr, RowExpr) and expr.type == RECORD:
        return [(f"f{at}", arg.type, arg.typmod) for at, arg in enumerate(expr.args, 1)]
    if isinstance(expr, FuncExpr):
        return result_columns(state.environment, expr)
    if isinstance(expr, Var) and expr.type == RECORD:
        rte = _entry(state, expr)
        if rte is None:
            return None
        if expr.attribute == 0:
            return list(zip(rte.columns, rte.types, rte.typmods, strict=True))
        if rte.query is not None:
            return _of_target(state, rte, expr.attribute)
        return None
    return _of_type(state.environment, expr.type)


def _of_target(state: ParseState, rte: Rte, number: int) -> Described | None:
    from schemaguard.catalog.analysis.transform.scope import ParseState as State

    if rte.query is None:
        return None
    inner = State(state.environment, state)
    inner.rtes = list(rte.query.rtes)
    return record_columns(inner, rte.query.outputs[number - 1].expr)


def _entry(state: ParseState, variable: Var) -> Rte | None:
    for level, found_in in state.levels():
        if level == variable.level:
            return found_in.rtes[variable.relation - 1] if variable.relation <= len(found_in.rtes) else None
    return None


def _of_type(environment: Environment, number: int) -> Described | None:
    columns = row_columns(environment.catalog, number)
    if columns is None:
        return None
    return [
        (column.name, -column.type.oid if column.type.array else column.type.oid, column.type.typmod)
        for column in columns
    ]


def result_columns(environment: Environment, call: FuncExpr) -> Described | None:
    """The columns of a function's composite result: of its OUT parameters, or of its type."""
    outputs = call.routine.outputs
    if call.type == RECORD and outputs:
        from schemaguard.catalog.analysis.transform.polymorphism import POLYMORPHIC, solve

        types = [of for _name, of in outputs]
        if POLYMORPHIC.intersection(types):
            declared = call.routine.arguments
            solution = solve(environment, [arg.type for arg in call.args], declared)
            types = [solution.of(environment, of) for of in types]
        return [
            (name or f"column{at}", of, -1)
            for at, ((name, _declared), of) in enumerate(zip(outputs, types, strict=True), 1)
        ]
    return _of_type(environment, call.type)
