"""Branches of a history that nobody merged: what they come to in either order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.diff import differences
from schemaguard.catalog.diff_words import in_words
from schemaguard.catalog.facts import facts
from schemaguard.sources.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from schemaguard.catalog.replay import History
    from schemaguard.sources.load import Sources
    from schemaguard.sources.migration import Migration

RULE = "branches-disagree"
SHOWN = 5


def disagreements(
    loaded: Sources, history: History, replay: Callable[[Sequence[Migration]], History]
) -> Iterator[Problem]:
    """What depends on the order of unmerged branches, one problem a source; `replay` replays another order."""
    for unmerged in loaded.unmerged:
        other = replay(_other_order(loaded.migrations, unmerged.migrations))
        words = [*_differing(history, other), *_failing(history, other), *_failing(other, history)]
        if not words:
            continue
        names = ", ".join(name for name, _span in unmerged.heads)
        more = f", and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
        yield Problem(
            RULE,
            unmerged.heads[-1][1],
            f"the branches {names} were never merged, and their order matters: {'; '.join(words[:SHOWN])}{more}",
            tuple((f"branch {name}", span) for name, span in unmerged.heads[:-1]),
            object=f"branches {names}",
        )


def _other_order(migrations: Sequence[Migration], swapped: Sequence[Migration]) -> list[Migration]:
    """All migrations, those of one source in another order."""
    among = {id(migration) for migration in swapped}
    order = iter(swapped)
    return [next(order) if id(migration) in among else migration for migration in migrations]


def _differing(history: History, other: History) -> Iterator[str]:
    """The facts that come out differently."""
    for difference in differences(facts(history.catalog), facts(other.catalog)):
        if difference.path[-2:] != ("columns", "order") and "effective_privileges" not in difference.path:
            yield in_words(difference)


def _failing(history: History, other: History) -> Iterator[str]:
    """The statements that fail in one order only."""
    fine = {_place(step) for step in other.steps if step.error is None}
    for step in history.steps:
        if step.error is not None and _place(step) in fine:
            yield f"in one order {step.migration.name} fails: {step.error.message}"


def _place(step: object) -> tuple[object, ...]:
    statement = step.statement  # type: ignore[attr-defined]
    return (statement.span.path, statement.span.start, statement.sql)
