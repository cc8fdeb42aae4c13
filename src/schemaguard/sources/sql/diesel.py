"""Diesel: `2024-01-02-030405_add_users/up.sql` and `down.sql`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from schemaguard.sources.sql.foldered import folders, load_folders
from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.tree import join

if TYPE_CHECKING:
    from schemaguard.sources.sql.selection import Selection

NAME = "diesel"

_VERSION = re.compile(r"\d{4}-\d\d-\d\d-\d{4,6}(?:-\d+)?_|0{14}_")


def detect(selection: Selection) -> bool:
    """Its timestamps in the folders' names, or a diesel.toml upwards."""
    found = folders(selection, "up.sql")
    dated = any(_VERSION.match(posixpath.basename(folder)) for folder in found)
    return bool(found) and (dated or selection.upwards("diesel.toml") is not None)


def load(selection: Selection) -> list[SqlMigration]:
    """One migration a folder; the version is what stands before the first underscore, without its hyphens."""

    def runs(folder: str) -> Runs:
        path = join(folder, "metadata.toml")
        file = selection.reader.file(path) if selection.tree.is_file(path) else None
        off = file and re.search(r"^\s*run_in_transaction\s*=\s*false\b", file.text, re.MULTILINE)
        return Runs(transactional=not off)

    return load_folders(selection, lambda name: name.split("_")[0].replace("-", ""), runs)
