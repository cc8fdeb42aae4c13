"""The order in which objects can be made: each after those that its definition needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import (
    CompositeType,
    Constraint,
    Function,
    Index,
    Other,
    Sequence,
    Table,
    Type,
    View,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.ddl.writer import Writer
    from schemaguard.catalog.state import Catalog


def in_order(writer: Writer) -> list[Any]:
    """Types, routines, sequences, tables, views and what else is made by one statement, dependencies first.

    Where two need each other (a function in the default of a table whose row it takes) the older one comes first.
    """
    catalog = writer.catalog
    wanted = {record.oid: record for record in _wanted(writer)}
    done: dict[int, Any] = {}
    for start in sorted(wanted):
        stack: list[tuple[int, Iterator[int]]] = [(start, iter(_needs(catalog, wanted, start)))]
        open_ = {start}
        if start in done:
            continue
        while stack:
            oid, needs = stack[-1]
            following = next((need for need in needs if need not in done and need not in open_), None)
            if following is None:
                done[oid] = wanted[oid]
                open_.discard(oid)
                stack.pop()
            else:
                open_.add(following)
                stack.append((following, iter(_needs(catalog, wanted, following))))
    return list(done.values())


def _wanted(writer: Writer) -> Iterator[Any]:
    catalog = writer.catalog
    for record in catalog.objects.values():
        match record:
            case Type():
                if _is_made(writer, record):
                    yield record
            case Sequence():
                if not record.internal and writer.build.is_users(record):
                    yield record
            case Table() | View():
                if writer.build.is_users(record):
                    yield record
            case Function():
                if writer.build.is_users(record) and not _came_along(catalog, record):
                    yield record
            case Other():
                made = record.because is not None and record.catalog != "pg_database"
                if made and not _came_along(catalog, record):
                    yield record


def _is_made(writer: Writer, record: Type) -> bool:
    """Whether a statement makes a type, and nothing else does on the way."""
    if record.kind in "edcr":
        return _is_stand_alone(writer.catalog, record) and writer.build.is_users(record)
    return record.kind in "bp" and not (
        record.external or record.extension or _came_along(writer.catalog, record)
    )


def _is_stand_alone(catalog: Catalog, record: Type) -> bool:
    """Whether a type was made as a type: a table's row type was not."""
    return record.kind != "c" or isinstance(catalog.objects.get(record.relation), CompositeType)


def _came_along(catalog: Catalog, record: Function | Type | Other) -> bool:
    """Whether it came with a range type: a constructor, the type of its multiranges, the cast to it."""
    return any(
        edge.kind == "i" and isinstance(catalog.objects.get(on), Type)
        for on, edge in catalog.references.get(record.oid, ())
    )


def _needs(catalog: Catalog, wanted: dict[int, Any], oid: int) -> list[int]:
    """What the definition of an object needs; defaults come later, so what they need does not count."""
    record = wanted[oid]
    generated = (
        {column.number for column in record.columns if column.generated}
        if isinstance(record, Table)
        else set()
    )
    edges = list(catalog.references.get(oid, ()))
    if isinstance(record, Type):
        edges += catalog.references.get(record.relation, ())
        for constraint in catalog.constraints(oid):
            edges += catalog.references.get(constraint.oid, ())
    found = []
    for on, edge in edges:
        if isinstance(record, Table) and edge.sub < 0 and -edge.sub not in generated:
            continue
        if isinstance(record, Sequence):
            continue  # it is owned by a column, which is said later
        found.append(_maker(catalog, on))
    return sorted(on for on in found if on in wanted and on != oid)


def _maker(catalog: Catalog, oid: int) -> int:
    """Who brings an object along: the table of a row type or constraint."""
    record = catalog.objects.get(oid)
    if isinstance(record, Type) and record.kind == "c" and not _is_stand_alone(catalog, record):
        return record.relation
    if isinstance(record, (Constraint, Index)):
        return record.table
    return oid


def needs_views(writer: Writer, ordered: list[Any]) -> set[int]:
    """The views, and all that is made of one: they come when tables have their constraints, which they may need."""
    wanted = {record.oid: record for record in ordered}
    late: set[int] = set()
    for record in ordered:
        if isinstance(record, View) or late.intersection(_needs(writer.catalog, wanted, record.oid)):
            late.add(record.oid)
    return late
