"""What several answers are made of: places, tables of words, what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard import __version__
from schemaguard.report.safe import cells, visible
from schemaguard.report.terminal import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from schemaguard.catalog.facts.shape import Place, UnknownFact
    from schemaguard.report.terminal import Line
    from schemaguard.statements.statement import Origin
    from schemaguard.text import Location

FORMAT = 1
"""Version of the shape of the answers in JSON, but for the schema's, which has its own."""


def head() -> dict[str, Any]:
    """What every answer in JSON begins with."""
    return {"schemaguard": __version__, "format": FORMAT}


def place_text(place: Place | Location | None) -> str:
    """`path:line:column`; nothing where there is no place."""
    if place is None:
        return ""
    if isinstance(place, dict):
        return f"{visible(place['path'])}:{place['line']}:{place['column']}"
    return f"{visible(place.path)}:{place.line}:{place.column}"


def place_object(origin: Origin | None) -> dict[str, Any] | None:
    """The place of a statement, as the facts have it."""
    if origin is None:
        return None
    place = origin.span.location
    return {"path": place.path, "line": place.line, "column": place.column}


def columns(rows: Sequence[Sequence[Part]], indent: int = 2) -> Iterator[Line]:
    """Rows of words under each other; the last word of a row takes what room it needs."""
    count = max((len(row) for row in rows), default=0)
    widths = [
        max((cells(row[column].text) for row in rows if len(row) > column + 1), default=0)
        for column in range(count)
    ]
    for row in rows:
        line = [Part(" " * indent)]
        for column, part in enumerate(row):
            pad = widths[column] - cells(part.text) + 2 if column < len(row) - 1 else 0
            line += [part, Part(" " * pad)]
        yield line


def unknown_lines(unknown: Iterable[UnknownFact]) -> Iterator[Line]:
    """What cannot be known, each with its reason and place."""
    for fact in unknown:
        where = place_text(fact["location"])
        yield [
            Part("unknown ", "warning"),
            Part(visible(f"{fact['path']}: {fact['reason']}")),
            Part(f"  {where}" if where else "", "quiet"),
        ]
