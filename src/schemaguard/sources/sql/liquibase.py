"""Liquibase's formatted SQL: `--changeset author:id` begins each change, `--rollback` lines undo it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.problems import Problem
from schemaguard.sources.sql.blanking import Edit, blank
from schemaguard.sources.sql.changelog import in_order
from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.pairs import tell_duplicates
from schemaguard.sources.sql.reader import Program
from schemaguard.text import SqlText

if TYPE_CHECKING:
    from schemaguard.sources.sql.selection import Selection
    from schemaguard.text import SourceFile

NAME = "liquibase"

_HEADER = r"^\s*--\s*liquibase\s+formatted\s+sql\b"
_CHANGESET = re.compile(
    r"^[ \t]*--[ \t]*changeset[ \t]+(?P<author>[^:\n]+?):(?P<id>\S+)(?P<rest>.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_ATTRIBUTE = re.compile(r"""(\w+):("[^"]*"|\S+)""")
_ROLLBACK = re.compile(r"^[ \t]*--[ \t]*rollback[ \t]+(.*)$", re.IGNORECASE | re.MULTILINE)
_ROLLBACK_BLOCK = re.compile(r"/\*[ \t]*liquibase[ \t]+rollback\s*\n(.*?)\*/", re.IGNORECASE | re.DOTALL)
_MAY_SKIP = re.compile(
    r"^[ \t]*--[ \t]*preconditions\b.*\bonFail:(?:MARK_RAN|CONTINUE|WARN)\b.*$", re.IGNORECASE | re.MULTILINE
)
_NOTHING = re.compile(r"(?:empty|not[ \t]+required)?[ \t]*;?[ \t]*$", re.IGNORECASE)


class ChangeSet(NamedTuple):
    """One change: who and which, its attributes, and the offsets of its SQL."""

    name: str
    attributes: dict[str, str]
    start: int
    end: int


def detect(selection: Selection) -> bool:
    """Its header at the top of some file."""
    return any(re.match(_HEADER, head, re.IGNORECASE) for head in selection.heads())


def load(selection: Selection) -> list[SqlMigration]:
    """One migration a change set, in the order of the changelog that includes the files, else of their names."""
    reader = selection.reader
    migrations = []
    for file in reader.texts(in_order(selection)):
        if not re.match(_HEADER, file.text, re.IGNORECASE):
            migrations.append(SqlMigration(file.path, file, reader.program(file, braces=False)))
            continue
        for change in change_sets(file):
            if not _runs_here(change):
                reader.notes.append(
                    f"{file.path}: the change set {change.name} is not for PostgreSQL: not run"
                )
                continue
            _tell_precondition(selection, file, change)
            program = reader.program(file, change.start, change.end, extra=_delimiters(file, change))
            down = rollback(file, change)
            runs = Runs(transactional=change.attributes.get("runInTransaction", "true").lower() != "false")
            migrations.append(SqlMigration(change.name, file, program, down, runs, change.name))
    tell_duplicates(reader, migrations, [f"{each.file.path}::{each.name}" for each in migrations])
    return migrations


def change_sets(file: SourceFile) -> list[ChangeSet]:
    """The change sets of a file, each up to the next."""
    found = list(_CHANGESET.finditer(file.text))
    ends = [match.start() for match in found[1:]] + [len(file.text)]
    return [
        ChangeSet(
            f"{match['author'].strip()}:{match['id']}",
            {key: value.strip('"') for key, value in _ATTRIBUTE.findall(match["rest"])},
            match.end(),
            end,
        )
        for match, end in zip(found, ends, strict=True)
    ]


def _runs_here(change: ChangeSet) -> bool:
    """Whether it is for PostgreSQL, and not switched off."""
    if change.attributes.get("ignore", "").lower() == "true":
        return False
    names = [name.strip().lower() for name in change.attributes.get("dbms", "all").split(",")]
    wanted = [name for name in names if not name.startswith("!")]
    return "!postgresql" not in names and (not wanted or bool({"all", "postgresql"} & set(wanted)))


def rollback(file: SourceFile, change: ChangeSet) -> Program | None:
    """What `--rollback` lines or the rollback block of a change set hold; None where it has neither."""
    lines = list(_ROLLBACK.finditer(file.text, change.start, change.end))
    blocks = list(_ROLLBACK_BLOCK.finditer(file.text, change.start, change.end))
    if not lines and not blocks:
        return None
    spans = sorted(match.span(1) for match in lines + blocks if not _NOTHING.match(match[1]))
    return Program(tuple(_joined(file, spans)))


def _joined(file: SourceFile, spans: list[tuple[int, int]]) -> list[SqlText]:
    """The stretches as SQL: consecutive lines belong together, as a statement may take several."""
    if not spans:
        return []
    text: list[str] = []
    start, end = spans[0][0], spans[-1][1]
    at = start
    for first, last in spans:
        text += [blank(file.text[at:first]), file.text[first:last]]
        at = last
    whole = SqlText.part_of(file, start, end)
    return [SqlText("".join(text), file, whole.pieces)]


def _delimiters(file: SourceFile, change: ChangeSet) -> list[Edit]:
    """The change set's own end of a statement, read as a semicolon."""
    delimiter = change.attributes.get("endDelimiter", ";").strip()
    if delimiter in ("", ";") or not delimiter.strip("\\"):
        return []
    line_end = re.compile(rf"(?:{re.escape(delimiter)})[ \t]*\r?$", re.MULTILINE)
    return [
        Edit(found.start(), found.end(), ";" + blank(found.group()[1:]), "delimiter", delimiter)
        for found in line_end.finditer(file.text, change.start, change.end)
    ]


def _tell_precondition(selection: Selection, file: SourceFile, change: ChangeSet) -> None:
    if found := _MAY_SKIP.search(file.text, change.start, change.end):
        message = f"whether the change set {change.name} runs depends on its precondition; it is taken to run"
        span = file.span(*found.span())
        about = f"change set {change.name}"
        selection.reader.problems.append(Problem("statement-opaque", span, message, (), "", about))
