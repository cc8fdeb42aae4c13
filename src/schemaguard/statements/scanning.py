"""PostgreSQL's lexer, in time that grows with the text and not with its square."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pglast import parser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pglast.parser import Token

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def scan(text: str) -> Sequence[Token]:
    """The tokens of a text, comments among them; offsets are characters, `end` is that of the last one.

    pglast looks for the character of each byte offset from the text's beginning: 200 kB with an accent took a minute.
    To the lexer every character beyond ASCII is a letter, so that another letter may stand in its place. (`z`: it
    begins no kind of string, as `e` or `x` before a quote would.)

    Raises:
        pglast.parser.ParseError: an open quote or comment; its second argument is where it begins.
    """
    return parser.scan(text if text.isascii() else _BEYOND_ASCII.sub("z", text))
