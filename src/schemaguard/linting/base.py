"""The state before a change, beside the one after it: which migrations are the same, which are new, edited or gone."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.sql.ordering import leading_number
from schemaguard.statements.meaning import meaning, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from schemaguard.catalog.replay import History, Step
    from schemaguard.sources.migration import Migration
    from schemaguard.text import SourceFile, Span


class Edited(NamedTuple):
    """A migration that the base has, too, and that does something else now.

    `place`: where the two part, in the file of today. `was`: what stood there at the base, "" for nothing.
    """

    migration: Migration
    place: Span
    was: str


class Base:
    """Two histories, that of the base and that of the head, and how their migrations belong together.

    `label` is what people call the base: the revision or folder that was named. A migration is known again by its file
    and name, by its name, or by what it does, so that it may be moved, renamed, commented and laid out anew.
    """

    def __init__(self, label: str, history: History, head: History) -> None:
        """Take the base's history and the head's."""
        self.label = label
        self.history = history
        self.head = head
        self._effects = {**_effects(history), **_effects(head)}

    def had(self, migration: Migration) -> bool:
        """Whether the base has a migration of the head."""
        return id(migration) in self._pairs

    @cached_property
    def added(self) -> list[Migration]:
        """The migrations that only the head has, in its order."""
        return [each for each in self.head.migrations if not self.had(each)]

    def new_steps(self) -> Iterator[Step]:
        """The steps of the migrations that only the head has."""
        new = frozenset(map(id, self.added))
        return (step for step in self.head.steps if id(step.migration) in new)

    @cached_property
    def removed(self) -> list[Migration]:
        """The migrations that only the base has, in its order; those that would be run anew are left out."""
        kept = {id(each) for each in self._pairs.values()}
        return [each for each in self.history.migrations if id(each) not in kept and each.once]

    def edited(self) -> Iterator[Edited]:
        """The migrations that do something else than at the base, of those that are never run again."""
        for migration in self.head.migrations:
            other = self._pairs.get(id(migration))
            if other is None or not (migration.once and other.once):
                continue
            now, then = self._effects[id(migration)], self._effects[id(other)]
            if not now.same(then):
                yield Edited(migration, *now.first_difference(then))
            elif migration.after is not None and migration.name != other.name:
                yield Edited(migration, self.place_of(migration), f"it is remembered as {other.name}")

    def out_of_order(self) -> Iterator[tuple[Migration, Migration]]:
        """Each new migration that runs before one that the base has, with that one."""
        later: dict[str, Migration] = {}
        for migration in reversed(self.head.migrations):
            if not migration.once:
                continue
            if self.had(migration):
                later[migration.origin] = migration
            elif (after := self._that_waits_for(migration, later.get(migration.origin))) is not None:
                yield migration, after

    def _that_waits_for(self, migration: Migration, later: Migration | None) -> Migration | None:
        """Of the base's migrations one that needs a new one to have run: by the graph where there is one."""
        if later is None or migration.after is None:
            return later
        known = (each for each in self.head.migrations if self.had(each))
        return next((each for each in known if migration.name in (each.after or ())), None)

    def place_of(self, migration: Migration) -> Span:
        """The first statement of a migration of the head, else the file's first line."""
        steps = self._effects[id(migration)].steps
        return steps[0].statement.span if steps else migration.file.line_span(1)

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Names and paths of the head that were others at the base, with those; for keys."""
        found: dict[str, str] = {}
        for migration in self.head.migrations:
            other = self._pairs.get(id(migration))
            if other is not None:
                found[migration.name] = other.name
                found[migration.file.path] = other.file.path
        return {new: old for new, old in found.items() if new != old}

    @cached_property
    def _pairs(self) -> dict[int, Migration]:
        """The base's migration for each of the head's that it has, by identity."""
        pairs: dict[int, Migration] = {}
        ours, theirs = self.head.migrations, self.history.migrations
        by: tuple[Callable[[Migration], object], ...] = (
            lambda each: (each.file.path, each.name),
            lambda each: each.name,
            lambda each: self._effects[id(each)].digest or id(each),
            lambda each: each.file.path,
            lambda each: (each.origin, leading_number(each.name) or id(each)),
        )
        for identity in by:
            taken = {id(each) for each in pairs.values()}
            waiting: defaultdict[object, list[Migration]] = defaultdict(list)
            for migration in theirs:
                if id(migration) not in taken:
                    waiting[identity(migration)].append(migration)
            for migration in ours:
                if id(migration) not in pairs and (found := waiting.get(identity(migration))):
                    pairs[id(migration)] = found.pop(0)
        return pairs


class _Effect:
    """What a migration does: its statements, what of it could not be read, and its file."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.steps: list[Step] = []
        self.unread: list[str] = []
        self.unread_at: list[Span] = []

    def cannot_read(self, words: str, span: Span) -> None:
        """Take a part of it of which it is not known what it does."""
        self.unread.append(words)
        self.unread_at.append(span)

    def same(self, other: _Effect) -> bool:
        """Whether the two do the same, as far as that can be known; else whether their programs are the same."""
        if self.file.text == other.file.text and self.texts == other.texts and self.unread == other.unread:
            return True
        if self.digest != other.digest:
            return False
        return not self.unread or self.program == other.program

    @cached_property
    def texts(self) -> list[tuple[str, ...]]:
        """The statements as written, with the rows that were left out of each."""
        return [(step.statement.sql, *(span.text for span in step.statement.left_out)) for step in self.steps]

    @cached_property
    def digest(self) -> tuple[str, ...]:
        """What it does, laid out alike; empty where it does nothing."""
        return (*(meaning(step.statement) for step in self.steps), *sorted(self.unread))

    @cached_property
    def program(self) -> str:
        """The file without comments and layout."""
        if not self.file.path.endswith(".py"):
            return words_of(self.file.text)
        try:
            tree = ast.parse(self.file.text)
        except (SyntaxError, ValueError, RecursionError):
            return self.file.text
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined] # it has one
        return ast.dump(tree)

    def first_difference(self, other: _Effect) -> tuple[Span, str]:
        """Where it first does something else than `other`, and what that does there."""
        then = [meaning(step.statement) for step in other.steps]
        for number, step in enumerate(self.steps):
            if number >= len(then) or then[number] != meaning(step.statement):
                was = other.steps[number].statement.sql if number < len(then) else ""
                return step.statement.span, was
        was = other.steps[len(self.steps)].statement.sql if len(self.steps) < len(then) else ""
        unread = (
            at for words, at in zip(self.unread, self.unread_at, strict=True) if words not in other.unread
        )
        last = self.steps[-1].statement.span if self.steps else self.file.line_span(1)
        return next(unread, last), was or next(
            (words for words in other.unread if words not in self.unread), ""
        )


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _effects(history: History) -> dict[int, _Effect]:
    """What each migration of a history does, by identity."""
    found = {id(migration): _Effect(migration.file) for migration in history.migrations}
    for step in _of_known(history.steps, found):
        if step.depth == 0:
            found[id(step.migration)].steps.append(step)
    for migration, unparsed in history.unparsed:
        if id(migration) in found:
            found[id(migration)].cannot_read(words_of(unparsed.sql), unparsed.span)
    for note in history.notes:
        if id(note.migration) in found:
            found[id(note.migration)].cannot_read(note.message, note.span)
    return found


def _of_known(steps: Sequence[Step], known: Iterable[int]) -> Iterator[Step]:
    """The steps of known migrations: not of what the config presumes."""
    wanted = frozenset(known)
    return (step for step in steps if id(step.migration) in wanted)
