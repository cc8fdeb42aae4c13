"""The SQL that migrations run, statement by statement, with its origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.report.answers.parts import head, place_text
from schemaguard.report.safe import visible, visible_lines
from schemaguard.report.terminal import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.linting.programs import Entry, Program
    from schemaguard.report.terminal import Line


def document(programs: Sequence[Program], direction: str) -> dict[str, Any]:
    """The programs as JSON."""
    return {
        **head(),
        "direction": direction,
        "migrations": [
            {
                "name": program.migration.name,
                "title": program.migration.title,
                "path": program.migration.file.path,
                "role": program.migration.role,
                "transactional": program.migration.transactional,
                "statements": [_entry(entry) for entry in program.entries],
            }
            for program in programs
        ],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    place = entry.location
    return {
        "kind": entry.kind,
        "sql": entry.sql,
        "reason": entry.reason or None,
        "location": {"path": place.path, "line": place.line, "column": place.column},
    }


def lines(programs: Sequence[Program]) -> Iterator[Line]:
    """A script that psql can run; where each statement was written, and what could not be known, as comments."""
    for program in programs:
        migration = program.migration
        title = f": {migration.title}" if migration.title and migration.title != migration.name else ""
        yield [Part(visible(f"-- migration {migration.name}{title}"), "message")]
        if not program.entries:
            yield [Part("-- runs nothing", "quiet")]
        for entry in program.entries:
            yield [Part(f"-- {place_text(entry.location)}", "quiet")]
            if entry.reason:
                yield [Part(f"-- {_WORDS[entry.kind]}: {visible(entry.reason)}", "warning")]
            end = ";" if entry.sql else ""
            shown = visible_lines(entry.sql.strip() + end) if entry.sql else []
            comment = "-- " if entry.kind in ("unparsed", "refused") else ""
            yield from ([Part(f"{comment}{text}", "sql" if not comment else "quiet")] for text in shown)
        yield []


_WORDS = {
    "statement": "",
    "opaque": "what it does could not be known",
    "maybe": "it may or may not run",
    "refused": "a server would refuse it",
    "unparsed": "this is not SQL that PostgreSQL reads",
}
