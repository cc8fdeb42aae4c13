"""Hasura: `migrations/default/1700000000000_add_users/up.sql` and `down.sql`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.sql.foldered import folders, load_folders, timestamped
from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.tree import parent

if TYPE_CHECKING:
    from schemaguard.sources.sql.selection import Selection

NAME = "hasura"


def detect(selection: Selection) -> bool:
    """Folders of a number and a title that hold an up.sql."""
    return any(timestamped(folder) for folder in folders(selection, "up.sql"))


def load(selection: Selection) -> list[SqlMigration]:
    """One migration a folder, by number."""
    databases = {parent(folder) for folder in folders(selection, "up.sql")}
    if len(databases) > 1:
        names = ", ".join(sorted(databases))
        selection.reader.notes.append(f"{names}: the migrations of several databases are replayed into one")
    return load_folders(selection, lambda name: name.split("_")[0].zfill(20), lambda _: Runs())
