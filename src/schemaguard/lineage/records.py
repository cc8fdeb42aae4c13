"""What lineage says: of a relation, of each of its columns, and of each base column behind one."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from schemaguard.catalog.model import TypeRef

FLOATS = frozenset((700, 701))
"""`real` and `double precision` (`pg_type.oid`)."""


class Step(NamedTuple):
    """Something done to a value on its way from a base column to an output column.

    `kind`: cast, function, aggregate, window, operator, case, coalesce, array, row, field, subscript or view. `name`:
    the type, function, operator or view, as SQL names it. `type`: the number of the type that results, negative for
    an array of it. `object`: the oid of a view or of a user's function.
    """

    kind: str
    name: str
    type: int = 0
    object: int = 0

    @property
    def keeps_value(self) -> bool:
        """Whether the value comes out as it went in."""
        return self.kind == "view"

    @property
    def to_float(self) -> bool:
        """Whether it makes a binary floating-point number (or an array of them) of the value."""
        return self.kind == "cast" and abs(self.type) in FLOATS

    def __str__(self) -> str:
        """In words."""
        return f"{self.kind} {self.name}" if self.name else self.kind


class Source(msgspec.Struct, frozen=True):
    """A base column behind an output column: relation oid and attribute number (negative for a system column).

    `steps`: what is done to it, the innermost first, each once. `decides`: it is no part of the value, but decides
    which value it is (CASE's conditions, FILTER, the WHERE of a scalar sub-select).
    """

    relation: int
    attribute: int
    steps: tuple[Step, ...] = ()
    decides: bool = False

    @property
    def direct(self) -> bool:
        """Whether the output column is this column, unchanged."""
        return not self.decides and all(step.keeps_value for step in self.steps)

    @property
    def column(self) -> tuple[int, int]:
        """Relation oid and attribute number."""
        return self.relation, self.attribute


class OutputLineage(msgspec.Struct, frozen=True):
    """A column of a view, materialized view or table, and where it comes from.

    `nullable`: whether it may be NULL by what the schema says, None where that can't be told; `why` says so in words.
    `unknown`: why some of its sources can't be known, "" where all are.
    """

    relation: int
    number: int
    name: str
    type: TypeRef
    sources: tuple[Source, ...]
    nullable: bool | None
    why: str = ""
    unknown: str = ""

    @property
    def values(self) -> tuple[Source, ...]:
        """The sources that are part of the value."""
        return tuple(source for source in self.sources if not source.decides)

    @property
    def path(self) -> tuple[Step, ...]:
        """All that is done to the sources of its value, each once."""
        return tuple(dict.fromkeys(step for source in self.values for step in source.steps))

    @property
    def plain(self) -> tuple[int, int] | None:
        """The one base column that this column is, unchanged; None where it is anything else."""
        values = self.values
        return values[0].column if len(values) == 1 and values[0].direct else None


class RelationLineage(msgspec.Struct, frozen=True):
    """A relation: its columns, and the base columns that decide which rows it has (WHERE, joins, GROUP BY …)."""

    oid: int
    columns: tuple[OutputLineage, ...]
    rows: tuple[tuple[int, int], ...] = ()
    unknown: str = ""
