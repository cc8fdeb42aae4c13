"""Rows of the system catalogs about objects of which not all is known.

A row that is perhaps not there decides nothing: a query that it meets has no answer. Of a row whose object has changed
or not, only what it is called is known.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import Column
from schemaguard.catalog.uncertainty import doubts
from schemaguard.plpgsql.values.kinds import Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.catalog.state import Catalog
    from schemaguard.plpgsql.expressions.scope import Entry

_IDENTITY = re.compile(r"(name|oid|relid|kind|type|namespace|schema|num|classid|_catalog)$")
"""Columns that say which object a row is about."""


def doubtful(entry: Entry, catalog: Catalog, rows: Callable[[], Iterable[Any]]) -> None:
    """Let an item of FROM say where its rows are in doubt."""
    known = doubts(catalog)
    for name, get in list(entry.columns.items()):
        if not _IDENTITY.search(name):
            entry.columns[name] = partial(_perhaps, get, known.facts)
    entry.doubt = partial(_existence, known.existence)
    gone = [(record, why) for record, why in known.gone if _shows(record, rows)]
    if gone:
        entry.missing = partial(_missing, gone)


def _perhaps(get: Callable[[Any], Value], facts: dict[tuple[int, int], str], row: Any) -> Value:  # noqa: ANN401 - a row
    for key in _keys(row):
        if key in facts:
            return Unknown(facts[key])
    return get(row)


def _existence(existence: dict[tuple[int, int], str], row: Any) -> str:  # noqa: ANN401 - a row
    return next((existence[key] for key in _keys(row) if key in existence), "")


def _keys(row: Any) -> list[tuple[int, int]]:  # noqa: ANN401 - a record, or a tuple of them
    """The objects and columns that a row is about."""
    parts = row if isinstance(row, tuple) and not hasattr(row, "__struct_fields__") else (row,)
    found: list[tuple[int, int]] = []
    for part in parts:
        if isinstance(part, Column):
            found += [(oid, part.number) for oid, _sub in found[:1]]
        elif isinstance(oid := getattr(part, "oid", None), int):
            found.append((oid, 0))
    return found


def _shows(record: Any, rows: Callable[[], Iterable[Any]]) -> bool:  # noqa: ANN401 - any record
    """Whether a system relation has rows about records of that class; one without rows may be about any."""
    found = list(rows())
    for row in found:
        parts = row if isinstance(row, tuple) and not hasattr(row, "__struct_fields__") else (row,)
        if any(isinstance(part, type(record)) for part in parts):
            return True
    return not found


def _missing(gone: list[tuple[Any, str]], value: Value) -> None:
    """Refuse to find nothing where something is perhaps still there: `value` is looked for, None for all rows.

    Raises:
        Unanswerable: it may be what is perhaps there.
    """
    for record, why in gone:
        if value is None or value in (getattr(record, "name", None), getattr(record, "oid", None)):
            raise Unanswerable(why)
