"""What is known of a table's rows: those that are there for certain, and why there may be others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.statements.statement import Origin

if TYPE_CHECKING:
    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.state import Catalog

MAX_ROWS = 500
"""A table with more literal rows than this is data, not a lookup table; its rows are not kept."""

Values = dict[int, Any]
"""A row by attribute numbers, so that it follows renames; what is not in it is not known."""


class Doubt(msgspec.Struct, frozen=True):
    """Why a table may hold other rows than those that are known, and the statement that makes it so."""

    reason: str
    because: Origin | None = None


class Seeds(msgspec.Struct, frozen=True):
    """The rows of a table. `rows` are there for certain; without `doubts` there are no others."""

    rows: tuple[Values, ...] = ()
    doubts: tuple[Doubt, ...] = ()


class SeededRows(msgspec.Struct, frozen=True):
    """The same, with the columns' names of today."""

    rows: tuple[dict[str, Any], ...]
    doubts: tuple[Doubt, ...]

    @property
    def complete(self) -> bool:
        """Whether there are no other rows."""
        return not self.doubts

    def why_open(self, column: str) -> Doubt | None:
        """Why a column may hold other values than those that are known; None where it does not."""
        if self.doubts:
            return self.doubts[0]
        return (
            Doubt(f"`{column}` of a row is not known")
            if any(column not in row for row in self.rows)
            else None
        )


def seeded_rows(catalog: Catalog, relation: Relation) -> SeededRows:
    """The rows that the history writes into a table as literals; a value that is not known is left out of its row."""
    seeds = seeds_of(catalog, relation)
    names = {column.number: column.name for column in relation.columns}
    rows = tuple(
        {names[number]: value for number, value in row.items() if number in names} for row in seeds.rows
    )
    return SeededRows(rows, seeds.doubts)


def seeds_of(catalog: Catalog, relation: Relation) -> Seeds:
    """What is known of a table's rows; one that the history did not make may hold anything."""
    found: Seeds | None = catalog.seed_rows.get(relation.oid)
    if found is not None:
        return found
    if relation.external or relation.kind == "f":
        return Seeds((), (Doubt("its rows are not the history's own", relation.because),))
    return Seeds()
