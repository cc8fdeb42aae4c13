"""Where money becomes a binary floating-point number: in views, generated columns, and the queries of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.model import Function

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.catalog.model import Column, Table, View
    from schemaguard.lineage.records import Source, Step
    from schemaguard.linting.project import Project
    from schemaguard.statements.statement import Origin
    from schemaguard.text import Span


class FloatCast(NamedTuple):
    """A cast of a money column to a float. `record` does it, in what is called `name`; `step` is the cast."""

    record: View | Table | Function
    name: str
    table: Table
    column: Column
    step: Step
    at: Origin | Span | None


def float_casts(project: Project) -> Iterator[FloatCast]:
    """Each view's column, generated column and function that makes a float of a money column."""
    money = {(table.oid, column.number): (table, column) for table, column in project.money_columns}
    for view in project.governed_views:
        for output in project.lineage.of(view.oid).columns:
            for source, step in _casts(output.values):
                if source.column in money:
                    name = f"{project.name(view)}.{output.name}"
                    yield FloatCast(view, name, *money[source.column], step, view.because)
    for table in project.governed_tables:
        for column in table.columns:
            output = project.lineage.of(table.oid).columns[table.columns.index(column)]
            for source, step in _casts(output.values) if column.generated else ():
                if source.column in money:
                    at = column.default_because or column.because
                    yield FloatCast(table, project.name(table, column), *money[source.column], step, at)
    yield from _in_functions(project, money)


def _casts(sources: Iterable[Source]) -> Iterator[tuple[Source, Step]]:
    """The sources that become floats, those aside that a view further in has made floats of."""
    for source in sources:
        own = source.steps
        for at, step in enumerate(source.steps):
            if step.kind == "view":
                own = source.steps[at + 1 :]
        found = next((step for step in own if step.to_float), None)
        if found is not None:
            yield source, found


def _in_functions(
    project: Project, money: dict[tuple[int, int], tuple[Table, Column]]
) -> Iterator[FloatCast]:
    from schemaguard.lineage.queries import query_sources
    from schemaguard.linting.questions.bodies import queries

    for function in project.catalog.all(Function):
        if function.external or function.extension:
            continue
        seen: set[tuple[int, int]] = set()
        for query, span in queries(project.catalog, function):
            for source, step in _casts(query_sources(project.lineage, query)):
                if source.column in money and source.column not in seen:
                    seen.add(source.column)
                    yield FloatCast(function, project.signature(function), *money[source.column], step, span)
