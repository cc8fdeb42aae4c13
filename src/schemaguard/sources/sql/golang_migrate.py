"""golang-migrate: `000001_create_users.up.sql` and `.down.sql`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.pairs import halves, load_pairs
from schemaguard.sources.sql.transactions import leaves_transactions

if TYPE_CHECKING:
    from schemaguard.sources.sql.selection import Selection

NAME = "golang-migrate"
RUNS = Runs()  # a file is one simple query, which PostgreSQL runs as one transaction


def detect(selection: Selection) -> bool:
    """Files in pairs."""
    return bool(halves(selection))


def load(selection: Selection) -> list[SqlMigration]:
    """The pairs; files of other names are not run."""
    found = halves(selection)
    paired = {half.path for half in found}
    selection.reader.notes += [
        f"{path} is not named as a migration of golang-migrate: not run"
        for path in selection.sql
        if path not in paired
    ]
    migrations = load_pairs(selection.reader, found, RUNS)
    for migration in migrations:
        migration.transactional = not leaves_transactions(migration.file.text)
    return migrations
