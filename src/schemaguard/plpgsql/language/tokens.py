"""A cursor over the tokens of a body, by PostgreSQL's own lexer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson
from pglast.parser import ParseError, parse_sql_json

from schemaguard.catalog.errors import SYNTAX_ERROR
from schemaguard.plpgsql.language.tree import Fragment
from schemaguard.statements.scanning import scan

if TYPE_CHECKING:
    from collections.abc import Collection

OPENING, CLOSING = frozenset("(["), frozenset(")]")
IDENTIFIER = "IDENT"


class BodyError(Exception):
    """The body is not PL/pgSQL; `message` and `sqlstate` are the server's, `offset` is the character where."""

    def __init__(self, message: str, offset: int, sqlstate: str = SYNTAX_ERROR) -> None:
        """Take what the server would say and where."""
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.sqlstate = sqlstate


class Token(NamedTuple):
    """A token: as compared with keywords (`word`: in lower case; a quoted identifier keeps its quotes), its offsets."""

    word: str
    start: int
    end: int
    kind: str


class Tokens:
    """The tokens of `text`, comments left out, and a position among them."""

    def __init__(self, text: str) -> None:
        """Cut `text` into tokens.

        Raises:
            BodyError: an open quote or comment.
        """
        self.text = text
        try:
            found = scan(text)
        except ParseError as error:
            message, index = (*error.args, None)[:2]
            raise BodyError(str(message), int(index or 0)) from None
        self.tokens = [
            Token(text[token.start : token.end + 1].lower(), token.start, token.end + 1, token.name)
            for token in found
            if token.name not in ("SQL_COMMENT", "C_COMMENT")
        ]
        self.end = Token("", len(text), len(text), "END")
        self.at = 0

    def peek(self, ahead: int = 0) -> Token:
        """The token `ahead` of the position, or one with an empty word at the end."""
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else self.end

    def next(self) -> Token:
        """Step over a token."""
        token = self.peek()
        self.at += 1
        return token

    def accept(self, *words: str) -> bool:
        """Step over these words if all of them come next."""
        if all(self.peek(at).word == word for at, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def expect(self, *words: str) -> Token:
        """Step over one of these words.

        Raises:
            BodyError: something else comes next.
        """
        token = self.next()
        if token.word not in words:
            raise self.error(token)
        return token

    def error(self, token: Token | None = None) -> BodyError:
        """A syntax error at a token (the next one)."""
        token = token or self.peek()
        if not token.word:
            return BodyError("syntax error at end of input", token.start)
        return BodyError(f'syntax error at or near "{self.text[token.start : token.end]}"', token.start)

    def name(self) -> str:
        """Step over an identifier: folded, or as quoted."""
        token = self.next()
        if not is_name(token):
            raise self.error(token)
        return identifier(self.text[token.start : token.end])

    def string(self) -> str:
        """Step over a string constant: what it says."""
        token = self.next()
        if token.kind not in ("SCONST", "USCONST"):
            raise self.error(token)
        return string_value(self.text[token.start : token.end])

    def until(self, stops: Collection[str], *, empty: bool = False) -> Fragment:
        """The text up to the first of `stops` outside of parentheses, which is not stepped over.

        Raises:
            BodyError: the body ends before it, or there is nothing before it (unless `empty`).
        """
        first = self.peek()
        depth, last = 0, first.start
        while True:
            token = self.peek()
            if not token.word:
                raise self.error(token)
            if depth == 0 and token.word in stops:
                break
            if token.word in OPENING:
                depth += 1
            elif token.word in CLOSING:
                depth -= 1
                if depth < 0:
                    raise BodyError("mismatched parentheses", token.start)
            elif token.word == ";":
                raise BodyError("mismatched parentheses" if depth else self.error(token).message, token.start)
            last = token.end
            self.at += 1
        if last == first.start and not empty:
            raise BodyError("missing expression", first.start)
        return Fragment(self.text[first.start : last], first.start, last)


def is_name(token: Token) -> bool:
    """Whether a token can be a name: an identifier, or a keyword of SQL (which PL/pgSQL does not reserve)."""
    return token.kind == IDENTIFIER or (
        token.word.replace("_", "a").isalnum() and not token.word[0].isdigit()
    )


def identifier(text: str) -> str:
    """What an identifier names: folded to lower case, or without its quotes."""
    return text[1:-1].replace('""', '"') if text.startswith('"') else text.lower()


def string_value(text: str) -> str:
    """What a string constant says."""
    tree = orjson.loads(parse_sql_json(f"SELECT {text}"))
    constant = tree["stmts"][0]["stmt"]["SelectStmt"]["targetList"][0]["ResTarget"]["val"]["A_Const"]
    return str(constant["sval"].get("sval", ""))
