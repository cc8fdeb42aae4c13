"""Whether a value may be NULL: never, that can't be told, or yes; with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(NamedTuple):
    """`rank`: 0 never, 1 not known, 2 it may be; verdicts compare by it. `why`: what makes it so."""

    rank: int
    why: str = ""

    @property
    def nullable(self) -> bool | None:
        """As `OutputLineage.nullable` has it."""
        return (False, None, True)[self.rank]


NEVER = Verdict(0)


def unknown(why: str) -> Verdict:
    """It can't be told."""
    return Verdict(1, why)


def maybe(why: str) -> Verdict:
    """It may be NULL."""
    return Verdict(2, why)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Of a value that is NULL where any of these is."""
    found = NEVER
    for verdict in verdicts:
        if verdict.rank > found.rank:
            found = verdict
    return found


def first_not_null(verdicts: Iterable[Verdict]) -> Verdict:
    """Of COALESCE: NULL only where all of these are."""
    found: list[Verdict] = list(verdicts)
    return min(found, key=lambda verdict: verdict.rank) if found else NEVER
