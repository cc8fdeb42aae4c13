r"""Where quotes and comments are in SQL: just enough lexing to see what stands outside them.

It must agree with PostgreSQL on where a quoted thing ends, and on nothing else. It reads what PostgreSQL's own lexer
refuses (psql commands, placeholders), which is why that one does not serve here. What holds no mark is stepped over
inside one regular expression, with possessive repeats, so that 50 MB of rows cost a second and no memory.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator

_DOLLAR = r"\$(?:[^\W\d]\w*)?\$"
_DOLLAR_QUOTED = (
    r"| (?<![\w$]) \$(?P<tag>(?:[^\W\d]\w*)?)\$ (?: [^$]++ | \$(?!(?P=tag)\$) )*+ (?: \$(?P=tag)\$ | \Z )"
)
_DOLLAR_QUOTE = re.compile(_DOLLAR)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


class Token(NamedTuple):
    """A stretch of SQL outside strings, names and comments: `kind` is `dollar` (quoted so), or the mark itself."""

    kind: str
    start: int
    end: int


class Lexer:
    """Finds certain characters outside quotes and comments."""

    def __init__(self, marks: str, *, dollar: bool = False) -> None:
        """Look for each character of `marks`; in place of `%` for `%(name)s`, and `::` is no `:`.

        `dollar`: also for dollar quotes, each from its first to its last character.
        """
        own = {"%": r"%(?!\(\w+\)s)", ":": "::"}
        harmless = "".join(f"| {own[mark]}" for mark in marks if mark in own) + (
            "" if dollar else _DOLLAR_QUOTED
        )
        # For a pattern of one's own, with re.VERBOSE and re.DOTALL: anything up to the next mark outside quotes.
        self.skip = rf"""
            (?: [^'"$/\-{re.escape(marks)}]++
              | (?: (?<![eE]) | (?<=[\w$][eE]) ) ' [^']*+ (?: ' | \Z )   # '' begins a string that goes on at once
              | ' (?: [^'\\]++ | \\. | '' )*+ \\? (?: ' | \Z )           # E'…'
              | " [^"]*+ (?: " | \Z )
              | -- [^\n]*+ | -(?!-) | /(?!\*)
              | /\* (?: [^*/]++ | \*(?!/) | /(?!\*) )*+ \*/                # a comment without another in it
              | \$(?!{_DOLLAR[2:]}) | (?<=[\w$])\$                       # a parameter, or inside a name: a$b$
              {harmless}
            )*+
            """
        self._skip = re.compile(self.skip, re.VERBOSE | re.DOTALL)

    def tokens(self, text: str, start: int = 0, end: int | None = None) -> Generator[Token, int | None, None]:
        """The marks and dollar quotes from `start` to `end`, in order; what is not closed runs to the end.

        A consumer may `send` an offset to go on from there: data that is not SQL was stepped over.
        """
        stop = len(text) if end is None else end
        skip = self._skip.match
        at = start
        while True:
            skipped = skip(text, at, stop)
            begin = at = skipped.end() if skipped else at
            if at >= stop:
                return
            char = text[at]
            if char == "/":
                at = comment_end(text, at, stop)
                continue
            kind = char
            if char == "$" and (quote := _DOLLAR_QUOTE.match(text, at, stop)):
                kind = "dollar"
                close = text.find(quote.group(), quote.end(), stop)
                at = stop if close < 0 else close + len(quote.group())
            elif char == "%":
                at = text.index("s", text.index(")", at)) + 1
                kind = text[begin:at]
            else:
                at += 1
            resume = yield Token(kind, begin, at)
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
