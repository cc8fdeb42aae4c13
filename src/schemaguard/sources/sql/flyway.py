"""Flyway: `V1_2__add_users.sql`, undone by `U1_2__….sql`; `R__views.sql` runs again whenever it changes, so last."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.problems import Problem
from schemaguard.sources.sql.flyway_settings import placeholders
from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.ordering import stem
from schemaguard.sources.sql.pairs import tell_duplicates
from schemaguard.sources.sql.transactions import leaves_transactions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.sources.sql.reader import Program
    from schemaguard.sources.sql.selection import Selection
    from schemaguard.text import SourceFile

NAME = "flyway"
RUNS = Runs(shares_session=False, knows_down=False)  # it puts role and search_path back after each

_VERSIONED = re.compile(r"(?P<prefix>[VUB])(?P<version>\d+(?:[._]\d+)*)__(?P<title>.*)\.sql$")
_REPEATABLE = re.compile(r"R__(?P<title>.*)\.sql$")
_CALLBACK = re.compile(r"(?P<event>(?:before|after|create)[A-Z]\w*?)(?:__.*)?\.sql$")

# When callbacks that run once in `flyway migrate` do so; others run with other commands, or for each migration.
_ONCE = {
    "beforeMigrate": 0,
    "beforeVersioned": 1,
    "afterVersioned": 4,
    "beforeRepeatables": 5,
    "afterMigrate": 7,
}
_FOR_EACH = (
    "beforeEachMigrate",
    "afterEachMigrate",
    "beforeEachMigrateStatement",
    "afterEachMigrateStatement",
)
_BASELINE, _VERSION, _REPEATED = 2, 3, 6


class _Named(NamedTuple):
    """A file's place in the run, and its version."""

    step: int
    version: tuple[int, ...]
    title: str
    path: str


def detect(selection: Selection) -> bool:
    """A versioned file."""
    return any(_VERSIONED.match(posixpath.basename(path)) for path in selection.sql)


def load(selection: Selection) -> list[SqlMigration]:
    """Versioned files by version, then repeatable ones by title; callbacks of `migrate` around them."""
    reader = selection.reader
    for folder in dict.fromkeys(map(posixpath.dirname, selection.sql)):
        for name, value in placeholders(reader, folder).items():
            reader.values.setdefault(name, value)
    named, undo = _named(selection)
    baselines = [each for each in named if each.step == _BASELINE]
    start = max((each.version for each in baselines), default=())
    if start:
        reader.notes.append(f"an empty database begins at the baseline {'.'.join(map(str, start))}")
    run = [
        each
        for each in sorted(named)
        if not (each.step == _BASELINE and each.version < start)
        and not (each.step == _VERSION and each.version <= start)
    ]
    reader.not_sql(
        [path for path in selection.paths if re.search(r"(?:^|/)[VR][\d._]*__\w+\.java$", path)], NAME
    )
    migrations = []
    versions = []
    for each in run:
        file = reader.file(each.path)
        if file is None:
            continue
        undone = undo.get(each.version) if each.step == _VERSION else None
        down = None if undone is None else reader.program(undone, braces=True)
        migrations.append(
            _migration(selection, file, each, down, knows_down=bool(undo) and each.step == _VERSION)
        )
        versions.append(".".join(map(str, each.version)) or each.path)
    tell_duplicates(reader, migrations, versions)
    return migrations


def _migration(
    selection: Selection, file: SourceFile, named: _Named, down: Program | None, *, knows_down: bool
) -> SqlMigration:
    program = selection.reader.program(file, braces=True)
    options = f"{file.path}.conf"
    settings = selection.reader.file(options) if selection.tree.is_file(options) else None
    alone = settings and re.search(r"^\s*executeInTransaction\s*=\s*false", settings.text, re.MULTILINE)
    runs = RUNS._replace(
        knows_down=knows_down,
        once=named.step in (_BASELINE, _VERSION),
        transactional=not alone and not leaves_transactions(file.text),
    )
    return SqlMigration(stem(file.path), file, program, down, runs, named.title.replace("_", " "))


def _named(selection: Selection) -> tuple[list[_Named], dict[tuple[int, ...], str]]:
    """The files that run, and the undo files by version; what has no name that Flyway knows is told of."""
    named: list[_Named] = []
    undo: dict[tuple[int, ...], str] = {}
    unknown: list[str] = []
    for path in selection.sql:
        name = posixpath.basename(path)
        if match := _VERSIONED.match(name):
            version = _version(match["version"])
            if match["prefix"] == "U":
                undo[version] = path
            else:
                step = _BASELINE if match["prefix"] == "B" else _VERSION
                named.append(_Named(step, version, match["title"], path))
        elif match := _REPEATABLE.match(name):
            named.append(_Named(_REPEATED, (), match["title"], path))
        elif (match := _CALLBACK.match(name)) and match["event"] in _ONCE:
            named.append(_Named(_ONCE[match["event"]], (), match["event"], path))
        elif match and match["event"] in _FOR_EACH:
            _tell_callback(selection, path)
        else:
            unknown.append(path)
    _note(selection, unknown)
    return named, undo


def _version(text: str) -> tuple[int, ...]:
    """A version's parts; trailing zeros say nothing."""
    parts = [int(part) for part in re.split(r"[._]", text)]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def _tell_callback(selection: Selection, path: str) -> None:
    file = selection.reader.file(path)
    if file is not None:
        message = f"{path} runs around every migration, which is not followed"
        selection.reader.problems.append(Problem("statement-opaque", file.line_span(1), message))


def _note(selection: Selection, unknown: Iterable[str]) -> None:
    selection.reader.notes += [f"{path} has no name that Flyway runs in `migrate`" for path in unknown]
