"""Where quotes and comments are in SQL: just enough lexing to see what stands outside them.

It must agree with PostgreSQL on where a quoted thing ends, and on nothing else. It reads what PostgreSQL's own lexer
refuses (psql commands, placeholders), which is why that one does not serve here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator

# What begins something that a semicolon, colon or backslash inside it does not count in; and those three, brackets,
# and Python's `%(name)s`.
_MARK = re.compile(
    r"""
    (?P<comment> -- [^\n]* | /\* )
  | (?P<quoted>  ' [^']* (?: ' | \Z ) | " [^"]* (?: " | \Z ) )
  | (?P<dollar>  \$ (?: [^\W\d] \w* )? \$ )
  | (?P<mark>    [;\[\]()\\] | :: | : | %\(\w+\)s )
    """,
    re.VERBOSE,
)
_ESCAPED_STRING = re.compile(r"'[^'\\]*(?:(?:\\.|'')[^'\\]*)*(?:'|\Z)", re.DOTALL)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


class Token(NamedTuple):
    """A stretch of SQL: `kind` is `comment`, `quoted` (a string or name), `dollar` (quoted so), or the mark itself."""

    kind: str
    start: int
    end: int


def tokens(text: str, start: int = 0, end: int | None = None) -> Generator[Token, int | None, None]:
    """Quoted things, comments and marks from `start` to `end`, in order; what is not closed runs to the end.

    A consumer may `send` an offset to go on from there (data that is not SQL was stepped over).
    """
    stop = len(text) if end is None else end
    at = start
    search = _MARK.search
    while (found := search(text, at, stop)) is not None:
        begin, at = found.span()
        kind = found.lastgroup
        if kind == "comment" and text[begin] == "/":
            at = comment_end(text, begin, stop)
        elif kind == "quoted" and text[begin] == "'" and is_escape_string(text, begin):
            escaped = _ESCAPED_STRING.match(text, begin, stop)
            at = escaped.end() if escaped else stop
        elif kind == "dollar":
            if begin and (text[begin - 1].isalnum() or text[begin - 1] in "_$"):
                at = begin + 1  # inside a name: `a$b$c`
                continue
            close = text.find(found.group(), at, stop)
            at = stop if close < 0 else close + at - begin
        resume = yield Token(found.group() if kind == "mark" else str(kind), begin, at)
        if resume is not None:
            at = resume


def comment_end(text: str, start: int, stop: int) -> int:
    """End of the block comment that begins at `start`; they nest."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start, stop):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return stop


def is_escape_string(text: str, quote: int) -> bool:
    r"""Whether the string whose quote is here is written E'…', in which `\'` does not end it."""
    if quote < 1 or text[quote - 1] not in "eE":
        return False
    return quote < 2 or not (text[quote - 2].isalnum() or text[quote - 2] in "_$")
