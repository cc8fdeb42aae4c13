"""What migrations run: their statements in order, each with its place, and what could not be known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.linting.history import continued
from schemaguard.sources.revisions import find_migration, is_repeated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.catalog.replay import History, Note, Step
    from schemaguard.sources.migration import Migration
    from schemaguard.statements.parse import Unparsed
    from schemaguard.text import Location


class Entry(NamedTuple):
    """One statement. `kind`: statement, opaque, maybe, refused or unparsed; `reason` says why it is none of the plain.

    `opaque`: what it does is not known, or with an empty `sql` not even what it is. `maybe`: nor is whether it runs.
    `refused`: a server would refuse it.
    """

    kind: str
    sql: str
    reason: str
    location: Location


class Program(NamedTuple):
    """What one migration runs, in one direction."""

    migration: Migration
    entries: Sequence[Entry]


def up_programs(history: History, wanted: str = "") -> list[Program]:
    """What every migration of a history runs, or the one that `wanted` names.

    Raises:
        UnknownRevision: there is no such migration.
    """
    chosen = [find_migration(history.migrations, wanted)] if wanted else history.migrations
    return [
        Program(migration, _entries(history, migration)) for migration in chosen if not is_repeated(migration)
    ]


def down_programs(history: History, wanted: str = "") -> list[Program]:
    """What the down programs run, the last migration first, each on the state that the one before has left.

    `history` must end with the migration that `wanted` names; without a name all are undone.
    """
    chosen = [find_migration(history.migrations, wanted)] if wanted else history.migrations[::-1]
    replay = continued(history)
    found = []
    for migration in chosen:
        if is_repeated(migration):
            continue
        replay.apply_down(migration)
        found.append(Program(migration, _entries(replay.history, migration)))
    return found


def _entries(history: History, migration: Migration) -> list[Entry]:
    """The statements in the order they run in; what has none stands before the first that is written after it."""
    entries = [_statement(step) for step in history.steps_of(migration) if not step.depth]
    others = [_note(note) for note in history.notes if note.migration is migration]
    others += [_unparsed(unparsed) for owner, unparsed in history.unparsed if owner is migration]
    for other in sorted(others, key=lambda entry: entry.location):
        entries.insert(_position(entries, other), other)
    return entries


def _position(entries: list[Entry], other: Entry) -> int:
    place = other.location
    for number, entry in enumerate(entries):
        if entry.location.path == place.path and entry.location > place:
            return number
    return len(entries)


def _statement(step: Step) -> Entry:
    statement = step.statement
    kind, reason = "statement", ""
    if step.opaque is not None:
        kind, reason = "opaque", step.opaque.reason
    elif step.error is not None:
        kind, reason = "refused", str(step.error)
    elif step.maybe:
        kind, reason = "maybe", step.maybe
    elif statement.left_out:
        reason = "only its first rows are shown, the others were not read"
    return Entry(kind, statement.sql, reason, statement.span.location)


def _note(note: Note) -> Entry:
    remedy = f"; {note.remedy}" if note.remedy else ""
    return Entry("opaque", "", f"{note.message}{remedy}", note.span.location)


def _unparsed(unparsed: Unparsed) -> Entry:
    return Entry("unparsed", unparsed.sql, unparsed.message, unparsed.span.location)


def statements_not_known(history: History) -> int:
    """How many statements of a history have effects that nobody can tell."""
    return sum(1 for _ in _not_known(history))


def _not_known(history: History) -> Iterator[object]:
    yield from (step for step in history.steps if step.opaque is not None or step.maybe)
    yield from (note for note in history.notes if note.rule == "statement-opaque")
    yield from history.unparsed
