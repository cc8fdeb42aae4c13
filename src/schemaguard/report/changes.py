"""What a change does to the schema, for reports: a sentence each, with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.changes import Change
    from schemaguard.linting.result import Result

MOST = 40
"""So many are told; what is left out is counted."""


def told(result: Result) -> tuple[list[tuple[str, str]], int]:
    """The first of the changes, each in words with its place (``db/0002.sql:1``, or empty); how many are left out."""
    shown = result.changes[:MOST]
    return [(change.words, _place(change)) for change in shown], len(result.changes) - len(shown)


def heading(result: Result) -> str:
    """What stands above them; empty without a base."""
    if result.base is None:
        return ""
    return (
        "What this change does to the schema" if result.changes else "This change does nothing to the schema."
    )


def sentences(result: Result) -> Iterator[str]:
    """All of it as plain text."""
    shown, more = told(result)
    for words, place in shown:
        yield f"{words} ({place})" if place else words
    if more:
        yield f"and {more:,} changes more"


def _place(change: Change) -> str:
    return "" if change.location is None else f"{change.location.path}:{change.location.line}"
