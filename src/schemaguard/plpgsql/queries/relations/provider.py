"""What a system relation is here: where its rows come from, and how each column is computed of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.plpgsql.values.kinds import Reg, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from schemaguard.plpgsql.context import Context

Row = Any
"""A catalog record, or a tuple of some: whatever the columns' functions take."""


class Provider(NamedTuple):
    """`rows(context)` gives all rows, `columns` compute a column of one, `lookups` find those with a value in it.

    A lookup may give too many rows (the condition is checked again), but never too few.
    """

    rows: Callable[[Context], Iterable[Row]]
    columns: Mapping[str, Callable[[Context, Row], Value]]
    lookups: Mapping[str, Callable[[Context, Value], Iterable[Row]]]


def number(value: Value) -> int | None:
    """A value as an oid, or None where it is none."""
    if isinstance(value, Reg):
        return value.oid
    if isinstance(value, str):
        return int(value) if value.isdigit() else None
    return value if isinstance(value, int) else None


def constant(value: Value) -> Callable[[Context, Row], Value]:
    """A column that is the same for all rows."""
    return lambda _context, _row: value
