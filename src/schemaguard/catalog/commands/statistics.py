"""CREATE STATISTICS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import (
    DUPLICATE_COLUMN,
    DUPLICATE_OBJECT,
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    INVALID_OBJECT_DEFINITION,
    SYNTAX_ERROR,
    UNDEFINED_COLUMN,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.names import make_object_name, truncate
from schemaguard.catalog.other_objects import add_other
from schemaguard.catalog.type_records import target_of

if TYPE_CHECKING:
    from schemaguard.catalog.model import Expression, Relation
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

MAXIMUM_COLUMNS = 8
_KINDS = ("ndistinct", "dependencies", "mcv")


def create_statistics(run: Run, node: Node) -> None:
    """CREATE STATISTICS: a record that depends on the columns it is about."""
    relations = node.get("relations") or []
    if len(relations) != 1 or "RangeVar" not in relations[0]:
        raise Refused(FEATURE_NOT_SUPPORTED, "only a single relation is allowed in CREATE STATISTICS")
    relation: Relation = run.session.relation(relations[0]["RangeVar"])
    if relation.kind not in "rmfp":
        message = f'cannot define statistics for relation "{relation.name}"'
        raise Refused(WRONG_OBJECT_TYPE, message)
    if not run.session.owns(relation.owner):
        word = run.session.describe(relation).split(' "')[0]
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of {word} {relation.name}")
    numbers, expressions = _elements(run, relation, node)
    if defnames := strings(node.get("defnames")):
        schema, name = target_of(run, defnames)
        oid = schema.oid
    else:
        oid, name = relation.schema, _choose_name(run, relation, node)
    if ("pg_statistic_ext", oid, name) in run.catalog.others:
        if node.get("if_not_exists"):
            return
        raise Refused(DUPLICATE_OBJECT, f'statistics object "{name}" already exists')
    for kind in strings(node.get("stat_types")):
        if kind not in _KINDS:
            raise Refused(SYNTAX_ERROR, f'unrecognized statistics kind "{kind}"')
    _depend(run, relation, add_other(run, "pg_statistic_ext", oid, name).oid, numbers, expressions)


def _elements(run: Run, relation: Relation, node: Node) -> tuple[list[int], list[Expression]]:
    """The columns and expressions that the statistics are about."""
    from schemaguard.catalog.analysis.binding import bind_expression

    elements = node.get("exprs") or []
    if len(elements) > MAXIMUM_COLUMNS:
        message = f"cannot have more than {MAXIMUM_COLUMNS} columns in statistics"
        raise Refused("54011", message)
    numbers: list[int] = []
    expressions: list[Expression] = []
    for element in elements:
        fields = element["StatsElem"]
        if (name := fields.get("name")) is None:
            bound = bind_expression(run.session, fields["expr"], relation, run.origin(), context="statistics")
            expressions.append(bound)
            continue
        column = relation.column(name)
        if column is None:
            raise Refused(UNDEFINED_COLUMN, f'column "{name}" does not exist')
        if column.number in numbers:
            raise Refused(DUPLICATE_COLUMN, "duplicate column name in statistics definition")
        numbers.append(column.number)
    if len(numbers) + len(expressions) < 2 and not expressions:
        message = "extended statistics require at least 2 columns"
        raise Refused(INVALID_OBJECT_DEFINITION, message)
    if expressions and len(numbers) + len(expressions) == 1 and "stat_types" in node:
        message = "when building statistics on a single expression, statistics kinds may not be specified"
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    return numbers, expressions


def _choose_name(run: Run, relation: Relation, node: Node) -> str:
    """`table_a_b_stat`, with a number where that is taken (`ChooseExtendedStatisticName`)."""
    middle = ""
    for element in node.get("exprs") or ():
        part = element["StatsElem"].get("name", "expr")
        middle = f"{middle}_{part}" if middle else part
    middle = truncate(middle)
    number = 0
    while True:
        label = f"stat{number}" if number else "stat"
        name = make_object_name(relation.name, middle, label)
        if ("pg_statistic_ext", relation.schema, name) not in run.catalog.others:
            return name
        number += 1


def _depend(
    run: Run, relation: Relation, oid: int, numbers: list[int], expressions: list[Expression]
) -> None:
    """Statistics go with their table, and with any of their columns."""
    from schemaguard.catalog.analysis.binding import dependencies

    run.catalog.depend(oid, relation.oid, "a")
    for number in numbers:
        run.catalog.depend(oid, relation.oid, "a", on_sub=number)
    for expression in expressions:
        for _name, number in expression.columns:
            run.catalog.depend(oid, relation.oid, "a", on_sub=number)
        for other, sub in dependencies(run.session, expression, relation):
            run.catalog.depend(oid, other, on_sub=sub)


HANDLERS = {"CreateStatsStmt": create_statistics}
