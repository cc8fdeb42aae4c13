"""Files of SQL, run in the order of their leading numbers, then of their names."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.ordering import by_number, stem

if TYPE_CHECKING:
    from schemaguard.sources.sql.selection import Selection

NAME = "plain"
RUNS = Runs(transactional=False, shares_session=False, knows_down=False)

_DOWN = re.compile(r"(.+?)[._-](?:down|undo|rollback|revert)$", re.IGNORECASE)
_UP = re.compile(r"(.+?)[._-](?:up|deploy)$", re.IGNORECASE)
_DOWN_FOLDERS = frozenset(("down", "downs", "undo", "rollback", "rollbacks", "revert"))
_UP_FOLDERS = frozenset(("up", "ups", "deploy", "migrate"))


def detect(selection: Selection) -> bool:
    """Whatever nothing else recognises."""
    return bool(selection.sql)


def load(selection: Selection) -> list[SqlMigration]:
    """One migration a file; files that others include are no migrations of their own."""
    reader = selection.reader
    downs = {key: path for path in selection.sql if (key := _undone(path)) is not None}
    runs = RUNS._replace(knows_down=bool(downs))
    migrations = []
    order = sorted(selection.sql, key=lambda path: (selection.ranks.get(path, 0), by_number(path)))
    for path in (path for path in order if _undone(path) is None):
        file = reader.file(path)
        if file is None:
            continue
        down = downs.pop(_key(path), None)
        program = None if down is None else reader.program(down)
        migrations.append(SqlMigration(stem(path), file, reader.program(file), program, runs))
    reader.notes += [f"{path} undoes nothing that is there: not read" for path in downs.values()]
    return [each for each in migrations if each.file.path not in reader.included]


def _key(path: str) -> tuple[str, str]:
    """What an up and a down file have in common: the folder above a folder `up` or `down`, and the bare name."""
    folder, name = posixpath.split(path)
    if posixpath.basename(folder).lower() in _UP_FOLDERS | _DOWN_FOLDERS:
        folder = posixpath.dirname(folder)
    bare = stem(name)
    found = _UP.match(bare) or _DOWN.match(bare)
    return folder, found[1] if found else bare


def _undone(path: str) -> tuple[str, str] | None:
    """The key of the migration that a file undoes, None where it is no down program."""
    folder, name = posixpath.split(path)
    is_down = _DOWN.match(stem(name)) or posixpath.basename(folder).lower() in _DOWN_FOLDERS
    return _key(path) if is_down else None
