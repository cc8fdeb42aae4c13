"""Which columns hold money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.config.patterns import matches_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.catalog.model import Column, Table
    from schemaguard.catalog.state import Catalog
    from schemaguard.config import Policy

INFERRED = ("*_cents", "amount", "*_amount", "*_amount_*", "*revenue*", "price", "*_price")
"""Names that are taken for money where the config says nothing."""

NUMBERS = frozenset((20, 21, 23, 700, 701, 790, 1700))
"""The types in which an unlisted column may hold money: integers, floats, money, numeric (`pg_type.oid`)."""


def money_columns(catalog: Catalog, policy: Policy, tables: Iterable[Table]) -> list[tuple[Table, Column]]:
    """Columns that the config's patterns name; without any, those with a telling name and a type of numbers."""
    if policy.says("money"):
        return [
            (table, column)
            for table in tables
            for column in table.columns
            if policy.is_money(catalog.schema_name(table.schema), table.name, column.name)
        ]
    return [
        (table, column)
        for table in tables
        for column in table.columns
        if column.type.oid in NUMBERS
        and not column.type.array
        and any(matches_name(pattern, column.name) for pattern in INFERRED)
    ]
