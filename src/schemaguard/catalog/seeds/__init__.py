"""Rows that migrations write as literals: what a lookup or taxonomy table holds after the history."""

from __future__ import annotations

from schemaguard.catalog.seeds.changes import (
    column_added,
    column_rewritten,
    delete_rows,
    doubt,
    doubt_since,
    emptied,
    insert_rows,
    update_rows,
)
from schemaguard.catalog.seeds.records import Doubt, SeededRows, Seeds, seeded_rows

__all__ = [
    "Doubt",
    "SeededRows",
    "Seeds",
    "column_added",
    "column_rewritten",
    "delete_rows",
    "doubt",
    "doubt_since",
    "emptied",
    "insert_rows",
    "seeded_rows",
    "update_rows",
]
