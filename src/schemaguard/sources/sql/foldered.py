"""What layouts share that give each migration a folder with `up.sql` and `down.sql` in it."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.pairs import tell_duplicates, whole
from schemaguard.sources.tree import join, parent

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.sql.selection import Selection


def folders(selection: Selection, name: str) -> list[str]:
    """The folders that hold a file of this name, sorted."""
    return [parent(path) for path in selection.sql if posixpath.basename(path) == name]


def load_folders(
    selection: Selection, version: Callable[[str], str], runs: Callable[[str], Runs]
) -> list[SqlMigration]:
    """One migration a folder, in the order of the versions that the folders' names hold."""
    reader = selection.reader
    migrations = []
    found = sorted(
        folders(selection, "up.sql"), key=lambda folder: (version(posixpath.basename(folder)), folder)
    )
    for folder in found:
        file = reader.file(join(folder, "up.sql"))
        if file is not None:
            down = whole(reader, join(folder, "down.sql"))
            name = posixpath.basename(folder)
            migrations.append(SqlMigration(name, file, reader.program(file), down, runs(folder)))
    tell_duplicates(
        reader, migrations, [f"{parent(parent(m.file.path))}:{version(m.name)}" for m in migrations]
    )
    return migrations


def timestamped(folder: str) -> bool:
    """Whether a folder's name is a number and a title."""
    return re.match(r"\d+[_-]\S", posixpath.basename(folder)) is not None
