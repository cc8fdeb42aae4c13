"""Prisma Migrate: `prisma/migrations/20240102030405_add_users/migration.sql`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from schemaguard.sources.sql.foldered import folders, timestamped
from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.transactions import leaves_transactions
from schemaguard.sources.tree import join, parent

if TYPE_CHECKING:
    from schemaguard.sources.sql.selection import Selection
    from schemaguard.text import SourceFile

NAME = "prisma"
RUNS = Runs(knows_down=False)

_PROVIDER = re.compile(r"^\s*provider\s*=\s*\"(\w+)\"", re.MULTILINE)


def detect(selection: Selection) -> bool:
    """Folders that hold a migration.sql."""
    return any(
        timestamped(folder) or selection.tree.is_file(join(parent(folder), "migration_lock.toml"))
        for folder in folders(selection, "migration.sql")
    )


def provider(selection: Selection) -> str:
    """The database that migration_lock.toml names; empty: it does not say."""
    lock = selection.upwards("migration_lock.toml")
    file = selection.reader.file(lock) if lock else None
    found = _PROVIDER.search(file.text) if file else None
    return found[1] if found else ""


def load(selection: Selection) -> list[SqlMigration]:
    """One migration a folder, in the order of the names; there are no down programs."""
    if (other := provider(selection)) not in ("", "postgresql", "postgres", "cockroachdb"):
        selection.reader.notes.append(
            f"{selection.folder}: migration_lock.toml says that these are for {other}"
        )
    found = sorted(folders(selection, "migration.sql"), key=posixpath.basename)
    files = selection.reader.texts(join(folder, "migration.sql") for folder in found)
    return [_migration(selection, file) for file in files]


def _migration(selection: Selection, file: SourceFile) -> SqlMigration:
    runs = RUNS._replace(transactional=not leaves_transactions(file.text))
    return SqlMigration(
        posixpath.basename(parent(file.path)), file, selection.reader.program(file), None, runs
    )
