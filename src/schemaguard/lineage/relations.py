"""Lineage by relation: of views and materialized views, and of a table's generated columns."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.bound import Bound, BoundQuery
from schemaguard.catalog.model import Relation, View
from schemaguard.lineage.functions import Body, body_of
from schemaguard.lineage.nullability import Nullability, table_query
from schemaguard.lineage.records import OutputLineage, RelationLineage, Source
from schemaguard.lineage.rows import row_columns
from schemaguard.lineage.scope import Scope
from schemaguard.lineage.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column, Function
    from schemaguard.catalog.state import Catalog
    from schemaguard.lineage.values import Found
    from schemaguard.lineage.verdicts import Verdict

ITSELF = "the view reads itself"


class Lineage:
    """The lineage of a catalog's relations, each worked out when it is asked for, once.

    `deep`: views and SQL functions are followed to the tables; else a view's columns are base columns, too, and what a
    function gives is made of its arguments: the level of `pg_depend`.
    """

    def __init__(self, catalog: Catalog, *, deep: bool = True) -> None:
        """Ask about a catalog that does not change any more."""
        self.catalog = catalog
        self.deep = deep
        self._found: dict[int, RelationLineage] = {}
        self._bodies: dict[int, Body] = {}
        self._pending: set[int] = set()

    def of(self, oid: int) -> RelationLineage:
        """The lineage of a view, a materialized view or a table.

        Raises:
            LookupError: that is no relation of the catalog.
        """
        if oid not in self._found:
            self._found[oid] = self._work_out(self.catalog.get(oid, Relation))
        return self._found[oid]

    def under(self, oid: int) -> RelationLineage | None:
        """The lineage of a relation that a query reads; None where its columns are base columns."""
        record = self.catalog.objects.get(oid)
        if not self.deep or not isinstance(record, View) or _query(record) is None:
            return None
        if oid in self._pending:
            return _unknown(record, ITSELF)
        return self.of(oid)

    @contextmanager
    def body(self, function: Function) -> Iterator[Body]:
        """What a function's result is made of; inside of its own body that is not followed again."""
        if not self.deep:
            yield Body(None)
            return
        if function.oid in self._pending:
            yield Body(None, f"{function.name}() calls itself")
            return
        if function.oid not in self._bodies:
            self._bodies[function.oid] = body_of(self.catalog, function)
        self._pending.add(function.oid)
        try:
            yield self._bodies[function.oid]
        finally:
            self._pending.discard(function.oid)

    def _work_out(self, record: Relation) -> RelationLineage:
        if isinstance(record, View):
            self._pending.add(record.oid)
            try:
                return self._of_view(record)
            finally:
                self._pending.discard(record.oid)
        return RelationLineage(
            record.oid, tuple(self._of_column(record, column) for column in record.columns)
        )

    def _of_column(self, record: Relation, column: Column) -> OutputLineage:
        """A table's own column: itself, or what it is generated from."""
        values = Values(self)
        sources: tuple[Source, ...] = (Source(record.oid, column.number),)
        generated = column.default.bound if column.generated and column.default is not None else None
        if isinstance(generated, Bound):
            sources = _sources(values.of(generated.tree, Scope(table_query(record))))
        return _output(record, column, sources, Nullability(self).of_base(record.oid, column.number), values)

    def _of_view(self, view: View) -> RelationLineage:
        query = _query(view)
        if query is None:
            why = "its query is not known"
            return _unknown(view, why)
        scope = Scope(query.query)
        nullability = Nullability(self)
        columns = []
        unknown: dict[str, None] = {}
        for at, column in enumerate(view.columns):
            values = Values(self)
            sources = _sources(values.output(scope, at))
            columns.append(_output(view, column, sources, nullability.output(scope, at), values))
            unknown |= values.unknown
        values = Values(self)
        rows = tuple(sorted(row_columns(values, scope)))
        unknown |= values.unknown
        return RelationLineage(view.oid, tuple(columns), rows, "; ".join(unknown))


def columns_of(catalog: Catalog, oid: int, *, deep: bool = True) -> list[OutputLineage]:
    """The columns of a view, a materialized view or a table, in their order, each with where it comes from.

    Raises:
        LookupError: that is no relation of the catalog.
    """
    return list(lineage_of(catalog, oid, deep=deep).columns)


def lineage_of(catalog: Catalog, oid: int, *, deep: bool = True) -> RelationLineage:
    """The lineage of one relation; a `Lineage` that is kept answers for several with less work.

    Raises:
        LookupError: that is no relation of the catalog.
    """
    return Lineage(catalog, deep=deep).of(oid)


def _query(view: View) -> BoundQuery | None:
    """A view's query as it was analysed; None for a view that is only known to be there."""
    bound = view.query.bound if view.query is not None else None
    return bound if isinstance(bound, BoundQuery) else None


def _sources(found: Found) -> tuple[Source, ...]:
    """In the order of appearance, what is part of the value first."""
    sources = [
        Source(relation, number, steps, decides) for (relation, number, decides), steps in found.items()
    ]
    return tuple(sorted(sources, key=lambda source: source.decides))


def _output(
    relation: Relation, column: Column, sources: tuple[Source, ...], verdict: Verdict, values: Values
) -> OutputLineage:
    return OutputLineage(
        relation.oid, column.number, column.name, column.type, sources, verdict.nullable, verdict.why,
        "; ".join(values.unknown),
    )  # fmt: skip


def _unknown(view: View, why: str) -> RelationLineage:
    """A view of whose columns only the names are known."""
    columns = tuple(
        OutputLineage(view.oid, each.number, each.name, each.type, (), None, why, why)
        for each in view.columns
    )
    return RelationLineage(view.oid, columns, unknown=why)
