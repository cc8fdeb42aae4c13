"""gobuffalo pop (soda): pairs that may be for one database only, `20240102_users.postgres.up.sql`."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.pairs import PAIR, halves, load_pairs
from schemaguard.sources.sql.selection import file_dialect

if TYPE_CHECKING:
    from schemaguard.sources.sql.selection import Selection

NAME = "pop"
RUNS = Runs()


def detect(selection: Selection) -> bool:
    """Pairs, of which some name a database, or `.fizz` files."""
    ours = any(file_dialect(half.path) for half in halves(selection))
    others = any(PAIR.match(posixpath.basename(path)) for path in selection.foreign())
    return ours or others or bool(selection.ending(".up.fizz"))


def load(selection: Selection) -> list[SqlMigration]:
    """The pairs for PostgreSQL or for any database."""
    selection.reader.not_sql(selection.ending(".up.fizz"), "pop")
    return load_pairs(selection.reader, halves(selection), RUNS)
