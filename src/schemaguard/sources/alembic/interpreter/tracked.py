"""Strings that know where each of their characters was written.

`Text` is a `str`, so it compares, hashes and passes through any library as one. What the interpreter does to strings
(concatenation, slices, formatting, the methods of `str`) goes through this module and its neighbours, which keep the
map from characters to files; whatever else comes out as a plain `str`, written nowhere in particular.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from schemaguard.text import Piece, SqlText

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.text import SourceFile, Span


class Written(NamedTuple):
    """A run of `length` characters and the stretch of a file it was written at; see `text.Piece` for `verbatim`."""

    length: int
    file: SourceFile
    start: int
    end: int
    verbatim: bool


class Text(str):
    """A string with the places of its characters: `written` covers it from end to end, in order."""

    __slots__ = ("written",)
    written: tuple[Written, ...]

    def __new__(cls, value: str, written: Iterable[Written] = ()) -> Self:
        """Make `value` with its places."""
        text = super().__new__(cls, value)
        text.written = tuple(written)
        return text


def written_at(value: str, span: Span) -> Text:
    """All of `value` attributed to one stretch of a file: what an expression came to."""
    return Text(
        value, (Written(len(value), span.file, span.start, span.end, verbatim=False),) if value else ()
    )


def places(value: str, span: Span) -> tuple[Written, ...]:
    """Where the characters of any string were written; those of a plain one at `span`."""
    if isinstance(value, Text):
        return value.written
    return (Written(len(value), span.file, span.start, span.end, verbatim=False),) if value else ()


def concat(parts: Iterable[str], span: Span) -> Text:
    """Join strings, each keeping its places; plain ones were written at `span`."""
    values: list[str] = []
    written: list[Written] = []
    for part in parts:
        if part:
            values.append(part)
            written.extend(places(part, span))
    return Text("".join(values), written)


def part(text: str, start: int, end: int) -> str:
    """The characters from `start` to `end` (0 <= start <= end <= length) with their places."""
    value = str.__getitem__(text, slice(start, end))
    if not isinstance(text, Text):
        return value
    return Text(value, _cut(text.written, start, end))


def _cut(written: tuple[Written, ...], start: int, end: int) -> Iterable[Written]:
    at = 0
    for run in written:
        first, last = max(start - at, 0), min(end - at, run.length)
        if first < last:
            if run.verbatim:
                yield Written(last - first, run.file, run.start + first, run.start + last, verbatim=True)
            else:
                yield Written(last - first, run.file, run.start, run.end, verbatim=False)
        at += run.length
        if at >= end:
            return


def stretch(text: str, start: int, end: int, span: Span) -> Written:
    """The whole stretch of a file that the characters from `start` to `end` were written at, for what replaces them."""
    runs = list(_cut(places(text, span), start, max(end, start + 1)))
    if not runs:
        return Written(0, span.file, span.start, span.end, verbatim=False)
    first, last = runs[0], runs[-1]
    in_order = first.file is last.file and first.start <= last.end
    return Written(0, first.file, first.start, last.end if in_order else first.end, verbatim=False)


def fill(value: str, place: Written) -> Text:
    """A value filled into a placeholder that was written at `place`.

    A name or an expression belongs to the placeholder: that is the line whose statement it completes. A text of
    several lines is a piece of SQL in its own right, and keeps its places.
    """
    if isinstance(value, Text) and "\n" in value:
        return value
    run = Written(len(value), place.file, place.start, place.end, verbatim=False)
    return Text(value, (run,) if value else ())


def sql_text(value: str, span: Span) -> SqlText:
    """A string as SQL with its map to one file: the file of the first characters that were written out.

    Characters from other files (a fragment from a helper module) are put at the border to what precedes them.
    """
    runs = places(value, span)
    file = next((run.file for run in runs if run.verbatim), runs[0].file if runs else span.file)
    border = next((run.start for run in runs if run.file is file), span.start)
    pieces: list[Piece] = []
    at = 0
    for run in runs:
        if run.file is file:
            pieces.append(Piece(at, at + run.length, run.start, run.end, run.verbatim))
            border = run.end
        else:
            pieces.append(Piece(at, at + run.length, border, border, verbatim=False))
        at += run.length
    return SqlText(str(value), file, pieces)
