"""Where the characters of a body are written: a string constant inside of a statement."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.text import Piece, SqlText, join_sql

if TYPE_CHECKING:
    from schemaguard.statements.statement import Statement

_DOLLAR = re.compile(r"\$[^$\s]*\$")
_CONTINUED = re.compile(r"'[ \t\f\v]*(?:--[^\n]*)?\n\s*'")


def body_text(statement: Statement, byte_offset: int, body: str) -> SqlText:
    """The text of the string constant at `byte_offset` (-1: unknown) of a statement's SQL, each character mapped.

    Where the constant can't be followed character by character, all of it maps to the statement.
    """
    text = statement.text
    if byte_offset >= 0:
        start = text.character_offset(byte_offset)
        found = constant_text(text, start, body)
        if found is not None:
            return found
    return SqlText.written_by(body, statement.span)


def constant_text(text: SqlText, start: int, value: str) -> SqlText | None:
    """What the string constant at `start` of a SQL text says, mapped; None where that is not `value`."""
    source = text.text
    if (opening := _DOLLAR.match(source, start)) is not None:
        part = text.part(opening.end(), opening.end() + len(value))
        return part if part.text == value else None
    if source[start : start + 1] in ("E", "e"):
        return _quoted(text, start + 1, value, escapes=True)
    return _quoted(text, start, value, escapes=False)


def _quoted(text: SqlText, start: int, value: str, *, escapes: bool) -> SqlText | None:
    """A constant in single quotes: runs of plain characters, `''` and (with `escapes`) backslash escapes."""
    source = text.text
    if source[start : start + 1] != "'":
        return None
    parts: list[SqlText] = []
    at = run = start + 1
    while at < len(source):
        char = source[at]
        if char == "'" and source[at + 1 : at + 2] == "'":
            parts += [text.part(run, at), _written(text, at, at + 2, "'")]
            at = run = at + 2
        elif char == "'":
            parts.append(text.part(run, at))
            following = _CONTINUED.match(source, at)
            if following is None:
                break
            at = run = following.end()
        elif char == "\\" and escapes:
            length, meaning = _escape(source, at)
            parts += [text.part(run, at), _written(text, at, at + length, meaning)]
            at = run = at + length
        else:
            at += 1
    joined = join_sql(parts, text.file)
    return joined if joined.text == value else None


def _written(text: SqlText, start: int, end: int, meaning: str) -> SqlText:
    first, last = text.file_range(start, end)
    return SqlText(
        meaning, text.file, (Piece(0, len(meaning), first, last, verbatim=False),) if meaning else ()
    )


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_NUMERIC = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{1,3}))")


def _escape(source: str, at: int) -> tuple[int, str]:
    """Length and meaning of the backslash escape at `at`."""
    match = _NUMERIC.match(source, at)
    if match is None:
        letter = source[at + 1 : at + 2]
        return 2, _ESCAPES.get(letter, letter)
    digits, base = (match[4], 8) if match[4] else (match[1] or match[2] or match[3], 16)
    return len(match[0]), chr(int(digits, base))
