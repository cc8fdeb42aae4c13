"""What layouts share that keep a migration's two directions in two files, `x.up.sql` and `x.down.sql`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.problems import Problem
from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.selection import OURS, file_dialect

if TYPE_CHECKING:
    from schemaguard.sources.sql.reader import Program, Reader
    from schemaguard.sources.sql.selection import Selection

# 0001_name.up.sql, 0001_name.postgres.autocommit.up.sql
PAIR = re.compile(r"(?P<version>\d+)_(?P<title>[^.]*(?:\.(?!up\.|down\.)[^.]+)*)\.(?P<way>up|down)\.sql$")


class Half(NamedTuple):
    """One file of a pair."""

    version: int
    name: str
    way: str
    path: str


def halves(selection: Selection) -> list[Half]:
    """The files that are half of a pair, and other halves that the source's pattern left out."""
    ups = [path for path in selection.sql if path.endswith(".up.sql")]
    others = [path.removesuffix(".up.sql") + ".down.sql" for path in ups]
    paths = dict.fromkeys([*selection.sql, *(path for path in others if selection.tree.is_file(path))])
    found = ((path, PAIR.match(posixpath.basename(path))) for path in paths)
    return [
        Half(int(match["version"]), posixpath.basename(path).split(".")[0], match["way"], path)
        for path, match in found
        if match
    ]


def load_pairs(reader: Reader, files: list[Half], runs: Runs) -> list[SqlMigration]:
    """One migration a version, in the order of the numbers; a file for PostgreSQL goes before one for any database."""
    chosen: dict[tuple[int, str, str], Half] = {}
    for half in files:
        key = half.version, half.name, half.way
        if key not in chosen or file_dialect(half.path) in OURS:
            chosen[key] = half
    migrations = []
    for version, name in sorted({(version, name) for version, name, _ in chosen}):
        up, down = chosen.get((version, name, "up")), chosen.get((version, name, "down"))
        down_program = None if down is None else reader.program(down.path)
        if up is None:
            if down is not None:
                reader.notes.append(f"{down.path} has no up file: nothing to undo")
            continue
        file = reader.file(up.path)
        if file is None:
            continue
        own = runs._replace(transactional=runs.transactional and ".autocommit." not in up.path)
        migrations.append(SqlMigration(name, file, reader.program(file), down_program, own))
    tell_duplicates(reader, migrations, [version_of(each.name) for each in migrations])
    return migrations


def version_of(name: str) -> str:
    """The version that a name begins with, without leading zeros."""
    return name.split("_", maxsplit=1)[0].lstrip("0") or "0"


def tell_duplicates(reader: Reader, migrations: list[SqlMigration], versions: list[str]) -> None:
    """Report every migration that has the version of one before it: the tool would refuse to run."""
    first: dict[str, SqlMigration] = {}
    for migration, version in zip(migrations, versions, strict=True):
        earlier = first.setdefault(version, migration)
        if earlier is not migration:
            message = f"the version {version} is given twice: {earlier.file.path} has it, too"
            evidence = ((f"the first migration {version}", earlier.file.line_span(1)),)
            span = migration.file.line_span(1)
            about = f"version {version}"
            reader.problems.append(Problem("revision-graph-broken", span, message, evidence, "", about))


def whole(reader: Reader, path: str | None) -> Program | None:
    """The program of a file that may not be there."""
    return reader.program(path) if path is not None and reader.tree.is_file(path) else None
