"""Supabase: `supabase/migrations/20240102030405_add_users.sql`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.ordering import stem
from schemaguard.sources.sql.pairs import tell_duplicates, version_of

if TYPE_CHECKING:
    from schemaguard.sources.sql.selection import Selection

NAME = "supabase"
RUNS = Runs(shares_session=False, knows_down=False)  # the CLI sends RESET ALL before each

_NAMED = re.compile(r"\d+_.*\.sql$")


def detect(selection: Selection) -> bool:
    """The folder's name."""
    return re.search(r"(?:^|/)supabase/migrations(?:/|$)", selection.folder) is not None


def load(selection: Selection) -> list[SqlMigration]:
    """One migration a file, in the order of the names; files of other names are not run by the CLI either."""
    reader = selection.reader
    named = [path for path in selection.sql if _NAMED.match(posixpath.basename(path))]
    reader.notes += [
        f"{path} is not named TIMESTAMP_title.sql: the Supabase CLI does not run it"
        for path in selection.sql
        if path not in named
    ]
    migrations = [
        SqlMigration(stem(file.path), file, reader.program(file), None, RUNS)
        for file in reader.texts(sorted(named, key=posixpath.basename))
    ]
    tell_duplicates(reader, migrations, [version_of(each.name) for each in migrations])
    return migrations
