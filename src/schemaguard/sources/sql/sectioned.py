"""What layouts share that keep both directions in one file, divided by comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.problems import Problem
from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.ordering import by_number, stem
from schemaguard.sources.sql.pairs import tell_duplicates, version_of

if TYPE_CHECKING:
    import re

    from schemaguard.sources.sql.reader import Program
    from schemaguard.sources.sql.selection import Selection
    from schemaguard.text import SourceFile


class Sections(NamedTuple):
    """Offsets of a file's up and down program; None where the file has no such section."""

    up: tuple[int, int] | None
    down: tuple[int, int] | None


def sections(file: SourceFile, up: re.Pattern[str], down: re.Pattern[str]) -> Sections:
    """The stretches after the first line that `up` matches and after the first that `down` matches."""
    begin, undo = up.search(file.text), down.search(file.text)
    end = len(file.text)
    return Sections(
        (begin.end(), undo.start() if undo and undo.start() > begin.start() else end) if begin else None,
        (undo.end(), begin.start() if begin and begin.start() > undo.start() else end) if undo else None,
    )


class Annotations(NamedTuple):
    """A layout's lines: what begins each section, what switches transactions off, what asks for `${NAME}`."""

    tool: str
    up: re.Pattern[str]
    down: re.Pattern[str]
    no_transaction: re.Pattern[str] | None = None
    braces: re.Pattern[str] | None = None
    up_is_default: bool = False
    numbered: bool = True


def load_sectioned(selection: Selection, lines: Annotations) -> list[SqlMigration]:
    """One migration a file, in the order of the leading numbers; a file without an up section is told of."""
    reader = selection.reader
    migrations = []
    for file in reader.texts(sorted(selection.sql, key=by_number)):
        found = sections(file, lines.up, lines.down)
        up = found.up
        if up is None and lines.up_is_default:
            down_line = lines.down.search(file.text)
            up = (0, down_line.start() if down_line else len(file.text))
        if up is None:
            message = f"{file.path} has no section that {lines.tool} would run: nothing of it is"
            reader.problems.append(Problem("statement-opaque", file.line_span(1), message))
            continue
        braces = bool(lines.braces and lines.braces.search(file.text))
        down = None if found.down is None else reader.program(file, *found.down, braces=braces)
        runs = Runs(transactional=not (lines.no_transaction and lines.no_transaction.search(file.text)))
        program: Program = reader.program(file, *up, braces=braces)
        migrations.append(SqlMigration(stem(file.path), file, program, down, runs))
    if lines.numbered:
        tell_duplicates(reader, migrations, [version_of(each.name) for each in migrations])
    return migrations
