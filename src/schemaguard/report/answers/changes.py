"""What changes between two revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.changes import change_object
from schemaguard.report.answers.parts import head, place_text
from schemaguard.report.safe import visible
from schemaguard.report.terminal import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.catalog.changes import Change
    from schemaguard.report.terminal import Line


def document(base: str, target: str, changes: Sequence[Change]) -> dict[str, Any]:
    """The changes as JSON."""
    return {**head(), "base": base, "head": target, "changes": [change_object(change) for change in changes]}


_STYLES = {"added": "good", "given": "warning", "gained": "warning", "dropped": "error", "unknown": "warning"}


def lines(changes: Sequence[Change]) -> Iterator[Line]:
    """A line a change, with its place."""
    for change in changes:
        style = _STYLES.get(change.kind.rpartition("-")[2], "")
        where = place_text(change.location)
        verb, _, rest = visible(change.words).partition(" ")
        yield [Part(verb, style), Part(f" {rest}"), Part(f"  {where}" if where else "", "frame")]
    if not changes:
        yield [Part("nothing changes", "good")]
