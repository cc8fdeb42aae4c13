"""Values put into columns, or into elements and fields of them: converted as an assignment converts them."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query_tree import Query, Rte, Target
from schemaguard.catalog.analysis.transform.coercion import coerce_to_target
from schemaguard.catalog.analysis.transform.pathways import ASSIGNMENT
from schemaguard.catalog.analysis.transform.subscripts import transform_subscripts
from schemaguard.catalog.analysis.tree import UNRESOLVED, Expr, Param, SetToDefault
from schemaguard.catalog.analysis.type_info import row_columns
from schemaguard.catalog.analysis.types import type_number
from schemaguard.catalog.commands.nodes import only
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    FEATURE_NOT_SUPPORTED,
    SYNTAX_ERROR,
    UNDEFINED_COLUMN,
    Refused,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.catalog.model import Column, Relation
    from schemaguard.statements.statement import Node

Place = tuple["Column", "Sequence[Node]"]
"""What a value is put into: a column, and the subscripts and fields that lead to a part of it."""


class Change:
    """An analysed change: its target, the columns it sets, what it computes, and what it returns.

    `given`: of the columns those that are set to anything but DEFAULT.
    """

    def __init__(self, state: ParseState, relation: Relation) -> None:
        """Begin the change of `relation`."""
        self.state = state
        self.relation = relation
        self.columns: list[int] = []
        self.given: list[int] = []
        self.values: list[Expr] = []
        self.joins: list[Expr] = []
        self.subqueries: list[Query] = []
        self.returning: list[Target] = []

    def query(self) -> Query:
        """All of it as a query: what it returns, and as junk all else that it computes."""
        parts = (Target(expr, None, junk=True) for expr in (*self.values, *self.joins))
        inner = (Rte(kind="subquery", name="", query=query) for query in self.subqueries)
        targets = (*self.returning, *parts)
        return Query(targets=targets, rtes=(*self.state.rtes, *inner), ctes=tuple(self.state.ctes))


def assign_row(
    state: ParseState, change: Change, places: list[Place], row: Sequence[Expr | None], *, explicit: bool
) -> None:
    """One row of values to the columns, one by one (`transformInsertRow`)."""
    if len(row) > len(places):
        raise Refused(SYNTAX_ERROR, "INSERT has more expressions than target columns")
    if explicit and len(row) < len(places):
        raise Refused(SYNTAX_ERROR, "INSERT has more target columns than expressions")
    for place, value in zip(places, row, strict=False):
        assign(state, change, place, value)


def assign(state: ParseState, change: Change, place: Place, value: Expr | None) -> None:
    """A value (None: DEFAULT) converted to the type of a column, or of a part of it."""
    column, steps = place
    if column.number not in change.columns:
        change.columns.append(column.number)
    if value is None or isinstance(value, SetToDefault):
        return
    if column.number not in change.given:
        change.given.append(column.number)
    environment = state.environment
    number, typmod = _type_of_place(state, column, steps)
    if UNRESOLVED in (value.type, number):
        change.values.append(value)
        return
    converted = coerce_to_target(environment, value, number, typmod, ASSIGNMENT, "implicit")
    if converted is None:
        wanted, given = environment.type_text(number), environment.type_text(value.type)
        if steps and "String" in steps[-1]:
            message = f'subfield "{steps[-1]["String"]["sval"]}" is of type {wanted}'
        elif steps:
            message = f'subscripted assignment to "{column.name}" requires type {wanted}'
        else:
            message = f'column "{column.name}" is of type {wanted}'
        hint = "You will need to rewrite or cast the expression."
        raise Refused(DATATYPE_MISMATCH, f"{message} but expression is of type {given}", hint=hint)
    change.values.append(converted)


def _type_of_place(state: ParseState, column: Column, steps: Sequence[Node]) -> tuple[int, int]:
    """Type and modifier of a column, or of the part that is set (`transformAssignmentIndirection`)."""
    environment = state.environment
    number, typmod = type_number(column.type), column.type.typmod
    at = 0
    while at < len(steps) and number != UNRESOLVED:
        if "A_Indices" in steps[at]:
            following = takewhile(lambda step: "A_Indices" in step, steps[at:])
            indices = [step["A_Indices"] for step in following]
            part = transform_subscripts(state, Param(number, typmod, number=0), indices)
            number, typmod = part.type, part.typmod
            at += len(indices)
            continue
        name = steps[at]["String"]["sval"]
        fields = row_columns(environment.catalog, environment.base(number))
        if fields is None:
            message = (
                f'cannot assign to field "{name}" of column "{column.name}" because its type '
                f"{environment.type_text(number)} is not a composite type"
            )
            raise Refused(DATATYPE_MISMATCH, message)
        field = next((each for each in fields if each.name == name), None)
        if field is None:
            message = (
                f'cannot assign to field "{name}" of column "{column.name}" because there is no such column in '
                f"data type {environment.type_text(number)}"
            )
            raise Refused(UNDEFINED_COLUMN, message)
        number, typmod = type_number(field.type), field.type.typmod
        at += 1
    return number, typmod


def assign_multiple(state: ParseState, change: Change, place: Place, reference: Node) -> None:
    """One column of ``(a, b) = (…)``: a row written out, or the columns of a sub-select."""
    from schemaguard.catalog.analysis.transform.expressions import transform
    from schemaguard.catalog.analysis.transform.queries import transform_query

    tag, source = only(reference["source"])
    at, count = reference["colno"] - 1, reference["ncolumns"]
    if tag == "RowExpr":
        items = source.get("args") or []
        if len(items) != count:
            raise Refused(SYNTAX_ERROR, "number of columns does not match number of values")
        value = items[at]
        assign(state, change, place, None if "SetToDefault" in value else transform(state, value))
        return
    if tag != "SubLink":
        message = "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression"
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    query = transform_query(state.environment, source["subselect"], state)
    if len(query.outputs) != count:
        raise Refused(SYNTAX_ERROR, "number of columns does not match number of values")
    if at == 0:
        change.subqueries.append(query)
    value_type = query.outputs[at].expr
    assign(state, change, place, Param(value_type.type, value_type.typmod, number=0))
