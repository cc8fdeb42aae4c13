"""Source frames: the lines a location names, with the guilty text underlined."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.report.safe import TAB, cells, visible

if TYPE_CHECKING:
    from schemaguard.text import Location, SourceFile

LINES = 3
"""The stretch to blame is cut after this many lines."""

EVIDENCE_LINES = 1
"""What is only evidence needs its beginning."""

MARGIN = 20
"""Cells kept before a long guilty text where a line is cut on the left."""


class FrameLine(NamedTuple):
    """A source line as shown: number (from 1), text, and the cells that are underlined (end exclusive)."""

    number: int
    text: str
    start: int
    end: int


class Frame(NamedTuple):
    """The lines of a location; `cut`: there are more."""

    lines: list[FrameLine]
    cut: bool


def frame(file: SourceFile | None, location: Location, width: int, lines: int = LINES) -> Frame:
    """The first `lines` lines at `location`, each cut to `width` cells; none where the text is not known."""
    if file is None or not file.text:
        return Frame([], cut=False)
    end_line, end_column = location.end_line, location.end_column
    if end_column == 1 and end_line > location.line:  # the stretch ends with a line end
        end_line, end_column = end_line - 1, len(file.line(end_line - 1)) + 1
    last = min(end_line, location.line + lines - 1)
    shown = []
    for number in range(location.line, last + 1):
        text = file.line(number)
        start = location.column - 1 if number == location.line else len(text) - len(text.lstrip())
        end = end_column - 1 if number == end_line else len(text.rstrip())
        shown.append(_shown(number, text, start, max(end, start + 1), width))
    return Frame(shown, cut=end_line > last)


def _shown(number: int, text: str, start: int, end: int, width: int) -> FrameLine:
    """One line; `start` and `end` are character offsets in `text`, made cell offsets in what is shown."""
    before, guilty, after = (
        _shown_text(part) for part in (text[:start], text[start:end], text[end:].rstrip())
    )
    if cells(before) + cells(guilty) >= width:
        before = _cut_left(before, max(width - cells(guilty) - 1, min(MARGIN, width // 3)))
        guilty = _cut_right(guilty, width - cells(before))
    after = _cut_right(after, width - cells(before) - cells(guilty))
    at = cells(before)
    return FrameLine(number, before + guilty + after, at, at + max(cells(guilty), 1))


def _shown_text(text: str) -> str:
    return visible(text.replace("\t", " " * TAB))


def _cut_left(text: str, room: int) -> str:
    if cells(text) <= room:
        return text
    kept = text[-room:]
    while cells(kept) > room - 2:
        kept = kept[1:]
    return "… " + kept


def _cut_right(text: str, room: int) -> str:
    if cells(text) <= room:
        return text
    kept = text[: max(room, 0)]
    while kept and cells(kept) > room - 1:
        kept = kept[:-1]
    return kept + "…" if room > 0 else ""
