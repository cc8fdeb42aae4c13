"""Source text and positions: every finding's line and column come from here.

Three coordinate systems meet in a schema history, and this module is the only place that converts between them:

* *file offsets*: characters from the start of a file, as Python indexes its text;
* *SQL offsets*: characters from the start of a piece of SQL, which may be a whole file, or a string inside a
  Python file that went through escapes, f-string fields, `.format` and concatenation;
* *byte offsets*: UTF-8 bytes from the start of a piece of SQL, which is what libpg_query's JSON reports.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Location(msgspec.Struct, frozen=True, order=True):
    """A place as people and formats name it: 1-based lines and columns, in characters; the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class SourceFile:
    """The text of one file under check; `path` is relative to the project, with forward slashes."""

    def __init__(self, path: str, text: str) -> None:
        """Hold `text`; nothing is computed until a position is asked for."""
        self.path = path
        self.text = text

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line."""
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at != -1:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column (both from 1) of a character offset."""
        row = bisect_right(self.line_starts, offset) - 1
        return row + 1, offset - self.line_starts[row] + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), without its line end; empty beyond the last line."""
        if not 1 <= number <= len(self.line_starts):
            return ""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """The stretch between two character offsets."""
        return Span(self, start, end)

    def line_span(self, number: int) -> Span:
        """The stretch of line `number` without its indentation."""
        text = self.line(number)
        start = self.line_starts[min(number, len(self.line_starts)) - 1] + len(text) - len(text.lstrip())
        return Span(self, start, start + len(text.strip()))

    def __repr__(self) -> str:
        """Name the file, not its text."""
        return f"SourceFile({self.path!r})"


class Span(NamedTuple):
    """A stretch of a file, in character offsets; the end is exclusive."""

    file: SourceFile
    start: int
    end: int

    @property
    def path(self) -> str:
        """The file's path, relative to the project."""
        return self.file.path

    @property
    def line(self) -> int:
        """The line (from 1) that the stretch starts on."""
        return self.file.position(self.start)[0]

    @property
    def text(self) -> str:
        """The characters of the stretch."""
        return self.file.text[self.start : self.end]

    @property
    def location(self) -> Location:
        """The same stretch in lines and columns."""
        line, column = self.file.position(self.start)
        end_line, end_column = self.file.position(max(self.end, self.start))
        return Location(self.path, line, column, end_line, end_column)


class Piece(NamedTuple):
    """A run of SQL characters and where they were written.

    `verbatim`: the file holds the same characters, so offsets inside the piece map one to one. Otherwise (an escape,
    a value filled into an f-string) every offset inside maps to the whole file stretch.
    """

    start: int
    end: int
    file_start: int
    file_end: int
    verbatim: bool


class SqlText:
    """A piece of SQL and, for each of its characters, the place in a file that it was written at.

    Invariant: `pieces` are in order, do not overlap, and cover `text` without gaps. `presumed`: no migration
    holds it, it was run before the first one by the config's word or the platform's.
    """

    presumed = False

    def __init__(self, text: str, file: SourceFile, pieces: Sequence[Piece]) -> None:
        """Hold `text` with its map; `pieces` as described at `Piece`."""
        self.text = text
        self.file = file
        self.pieces = pieces

    @classmethod
    def whole_file(cls, file: SourceFile) -> SqlText:
        """A file that is SQL from its first to its last character."""
        length = len(file.text)
        return cls(file.text, file, (Piece(0, length, 0, length, verbatim=True),))

    @classmethod
    def part_of(cls, file: SourceFile, start: int, end: int) -> SqlText:
        """The characters of `file` from `start` to `end`, read as SQL."""
        return cls(file.text[start:end], file, (Piece(0, end - start, start, end, verbatim=True),))

    @classmethod
    def written_by(cls, text: str, span: Span) -> SqlText:
        """SQL that no file holds as such (rendered from an operation): all of it maps to `span`."""
        return cls(text, span.file, (Piece(0, len(text), span.start, span.end, verbatim=False),))

    @cached_property
    def _piece_starts(self) -> list[int]:
        return [piece.start for piece in self.pieces]

    @cached_property
    def _byte_starts(self) -> list[int] | None:
        """Byte offset of each character, or None where bytes and characters are the same."""
        if self.text.isascii():
            return None
        starts, at = [], 0
        for char in self.text:
            starts.append(at)
            code = ord(char)
            at += 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
        starts.append(at)
        return starts

    def character_offset(self, byte_offset: int) -> int:
        """The SQL offset of a byte offset, as libpg_query's JSON gives them."""
        starts = self._byte_starts
        return byte_offset if starts is None else bisect_right(starts, byte_offset) - 1

    def file_range(self, start: int, end: int) -> tuple[int, int]:
        """The file offsets of the SQL characters from `start` to `end`."""
        if not self.pieces:
            return 0, 0
        first = self._piece_at(start)
        last = self._piece_at(max(end - 1, start))
        file_start = first.file_start + (start - first.start) if first.verbatim else first.file_start
        file_end = last.file_start + (end - last.start) if last.verbatim else last.file_end
        return min(file_start, len(self.file.text)), max(file_start, min(file_end, len(self.file.text)))

    def part(self, start: int, end: int) -> SqlText:
        """The SQL characters from `start` to `end` as a text of their own, mapped as they are here."""
        pieces = []
        for piece in self.pieces[max(bisect_right(self._piece_starts, start) - 1, 0) :]:
            if piece.start >= end:
                break
            first, last = max(piece.start, start), min(piece.end, end)
            if piece.verbatim:
                shift = piece.file_start - piece.start
                pieces.append(Piece(first - start, last - start, first + shift, last + shift, verbatim=True))
            else:
                pieces.append(
                    Piece(first - start, last - start, piece.file_start, piece.file_end, verbatim=False)
                )
        return SqlText(self.text[start:end], self.file, pieces)

    def span(self, start: int, end: int) -> Span:
        """The place in the file of the SQL characters from `start` to `end`."""
        return Span(self.file, *self.file_range(start, end))

    def _piece_at(self, offset: int) -> Piece:
        index = bisect_right(self._piece_starts, offset) - 1
        return self.pieces[max(index, 0)]

    def __repr__(self) -> str:
        """Name the file and the beginning of the SQL."""
        return f"SqlText({self.file.path!r}, {self.text[:40]!r})"


def join_sql(parts: Iterable[SqlText], file: SourceFile) -> SqlText:
    """Concatenate pieces of SQL, keeping where each character was written (all parts come from `file`)."""
    texts: list[str] = []
    pieces: list[Piece] = []
    at = 0
    for part in parts:
        texts.append(part.text)
        pieces.extend(
            Piece(piece.start + at, piece.end + at, piece.file_start, piece.file_end, piece.verbatim)
            for piece in part.pieces
        )
        at += len(part.text)
    return SqlText("".join(texts), file, pieces)
