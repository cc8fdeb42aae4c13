"""Bulk data is not parsed row by row: of many rows the first thousand tell all that a schema check can learn.

A long text is looked through once for `INSERT … VALUES`: rows beyond the first of one statement are left out, and so
are statements beyond the first that insert into the same columns of the same table. What is left out is listed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.sql.lexer import Lexer
from schemaguard.statements.statement import ShortenedSql
from schemaguard.text import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.text import SqlText

LONG_TEXT = 1_000_000
LONG_STATEMENT = 50_000
ROWS_KEPT = 1_000
STATEMENTS_KEPT = 1_000
TEXT_KEPT = 1_000_000
"""So many characters of statements that insert into the same columns of the same table are read."""

_HEAD = re.compile(
    r"""(?: \s++ | --[^\n]*+\n | /\*.*?\*/ )*+
        (?P<head> insert \s+ into \s+ [^;()']+? (?: \([^()']*\) \s* )? (?: overriding \s+ \w+ \s+ value \s+ )?
        values ) \s* \(""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_LONGEST_HEAD = 20_000
_TAIL = re.compile(
    r"\)\s*((?:on\s+conflict|returning)\b(?!.*\)\s*on\s+conflict\b).*)\Z", re.IGNORECASE | re.DOTALL
)
_LONGEST_TAIL = 4_000
_BORDERS = Lexer(";")
_ROWS = Lexer("()")


class Stretch(NamedTuple):
    """A run of characters of a text that is left out."""

    start: int
    end: int


def shorten(sql: SqlText) -> SqlText:
    """The same SQL without the rows that nothing is learnt from; short texts are returned as they are."""
    if len(sql.text) < LONG_TEXT:
        return sql
    left_out: list[Stretch] = []
    for stretch in _superfluous(sql.text):
        if left_out and left_out[-1].end == stretch.start:
            left_out[-1] = Stretch(left_out[-1].start, stretch.end)
        else:
            left_out.append(stretch)
    return _without(sql, left_out) if left_out else sql


def _superfluous(text: str) -> Iterator[Stretch]:
    """Stretches to leave out, in order."""
    seen: dict[str, int] = {}
    kept: dict[str, int] = {}
    stream = _BORDERS.tokens(text)
    border = next(stream, None)
    start = 0
    while border is not None and start < len(text):
        end = resume = border.end if border.kind == ";" else None
        if end is not None:
            head = _HEAD.match(text, start, min(end, start + _LONGEST_HEAD))
            if head is not None:
                count = seen[head["head"]] = seen.get(head["head"], 0) + 1
                so_far = kept[head["head"]] = kept.get(head["head"], 0) + end - start
                if count > STATEMENTS_KEPT or so_far > max(TEXT_KEPT, end - start):
                    run = _like(head["head"]).match(text, end)
                    resume = run.end() if run else end
                    yield Stretch(start, resume)
                elif end - start > LONG_STATEMENT:
                    yield from _rows(text, head.end() - 1, end)
            start = resume or end
        try:
            border = stream.send(resume)
        except StopIteration:
            border = None
    head = _HEAD.match(text, start, min(len(text), start + _LONGEST_HEAD))
    if head is not None and len(text) - start > LONG_STATEMENT:
        yield from _rows(text, head.end() - 1, len(text))


@lru_cache(maxsize=64)
def _like(head: str) -> re.Pattern[str]:
    """Any number of statements that begin with this, each with its semicolon."""
    return re.compile(rf"(?:\s*+{re.escape(head)}{_BORDERS.skip};)++", re.VERBOSE | re.DOTALL)


def _rows(text: str, first: int, end: int) -> Iterator[Stretch]:
    """What follows the rows kept of an INSERT, up to its ON CONFLICT or RETURNING, or its end."""
    depth = rows = 0
    for token in _ROWS.tokens(text, first, end):
        if token.kind == "(":
            depth += 1
        elif token.kind == ")":
            depth -= 1
            rows += depth == 0
        if rows == ROWS_KEPT:
            last = end - 1 if text[end - 1] == ";" else end
            window = max(token.end, last - _LONGEST_TAIL)
            tail = _TAIL.search(text, window, last)
            if tail is not None and tail[1].count("'") % 2 == 0:
                last = tail.start(1)
            if last > token.end:
                yield Stretch(token.end, last)
            return


def _without(sql: SqlText, left_out: list[Stretch]) -> ShortenedSql:
    """The SQL without some stretches; each character left knows its place as before."""
    texts: list[str] = []
    pieces: list[Piece] = []
    cuts = []
    length = at = 0
    for stretch in [*left_out, Stretch(len(sql.text), len(sql.text))]:
        texts.append(sql.text[at : stretch.start])
        pieces.extend(_moved(sql, at, stretch.start, length))
        length += stretch.start - at
        if stretch.end > stretch.start:
            cuts.append((length, sql.span(*stretch)))
        at = stretch.end
    return ShortenedSql("".join(texts), sql.file, pieces, tuple(cuts))


def _moved(sql: SqlText, start: int, end: int, to: int) -> Iterator[Piece]:
    """The pieces of a stretch of SQL, clipped, for a text in which it begins at `to`."""
    for piece in sql.pieces:
        first, last = max(piece.start, start), min(piece.end, end)
        if first >= last:
            continue
        file_start, file_end = piece.file_start, piece.file_end
        if piece.verbatim:
            file_start, file_end = file_start + first - piece.start, file_start + last - piece.start
        yield Piece(first - start + to, last - start + to, file_start, file_end, piece.verbatim)
