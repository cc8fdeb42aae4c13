"""The columns of a relation as `pg_attribute` has them: also those of indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Column, Index, Relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.plpgsql.context import Context


def columns_of(context: Context, record: Relation) -> Iterable[Column]:
    """The columns of a relation; those of an index are its keys and what it includes."""
    return _index_columns(context, record) if isinstance(record, Index) else record.columns


def _index_columns(context: Context, index: Index) -> Iterator[Column]:
    from schemaguard.catalog.analysis.bound import bound_of
    from schemaguard.catalog.analysis.types import type_ref

    table = context.catalog.get(index.table, Relation)
    for at, key in enumerate(index.keys, 1):
        column = table.column_at(key.number)
        if column is not None:
            yield Column(
                at, key.name or column.name, column.type, collation=key.collation or column.collation
            )
        elif key.expression is not None:
            tree = bound_of(key.expression).tree
            yield Column(at, key.name, type_ref(tree.type, tree.typmod), collation=key.collation)
    for at, attribute in enumerate(index.include, len(index.keys) + 1):
        if (included := table.column_at(attribute)) is not None:
            yield Column(at, included.name, included.type)
