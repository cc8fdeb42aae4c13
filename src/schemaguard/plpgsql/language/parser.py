"""The statements of a PL/pgSQL body."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from schemaguard.plpgsql.language import loops, statements
from schemaguard.plpgsql.language.declarations import read_declarations
from schemaguard.plpgsql.language.tokens import BodyError, Tokens
from schemaguard.plpgsql.language.tree import Block, Handler

if TYPE_CHECKING:
    from schemaguard.plpgsql.language.tree import Body, Command

__all__ = ["BodyError", "Parser", "parse_body"]


@lru_cache(maxsize=4096)
def parse_body(text: str) -> Block:
    """Parse the body of a function or DO block.

    Raises:
        BodyError: it is not PL/pgSQL.
    """
    parser = Parser(text)
    return parser.whole()


class Parser:
    """Recursive descent over the tokens; `cursors` are the bound cursors in scope, innermost last."""

    def __init__(self, text: str) -> None:
        """Prepare to parse `text`."""
        self.tokens = Tokens(text)
        self.cursors: list[set[str]] = []

    def whole(self) -> Block:
        """A body: compiler options, one block, an optional semicolon."""
        tokens = self.tokens
        while tokens.accept("#"):
            tokens.at += 2
        label = self.label()
        if tokens.peek().word not in ("declare", "begin"):
            raise tokens.error()
        block = self.block(label)
        tokens.accept(";")
        if tokens.peek().word:
            raise tokens.error()
        return block

    def label(self) -> str:
        """<<label>>, or nothing."""
        tokens = self.tokens
        if tokens.peek().word != "<<":
            return ""
        tokens.next()
        name = tokens.name()
        tokens.expect(">>")
        return name

    def block(self, label: str) -> Block:
        """[DECLARE …] BEGIN … [EXCEPTION …] END [label]."""
        tokens = self.tokens
        start = tokens.peek().start
        declarations = read_declarations(tokens) if tokens.accept("declare") else ()
        self.cursors.append({item.name for item in declarations if item.query is not None})
        tokens.expect("begin")
        body = self.body("end", "exception")
        handlers = []
        if tokens.accept("exception"):
            while tokens.peek().word == "when":
                handlers.append(self.handler())
        end = tokens.expect("end").end
        self.end_label(label)
        self.cursors.pop()
        return Block(
            start=start, end=end, label=label, declarations=declarations, body=body, handlers=tuple(handlers)
        )

    def end_label(self, label: str) -> None:
        """The label that may follow END."""
        token = self.tokens.peek()
        if token.word in (";", ""):
            return
        if self.tokens.name() != label or not label:
            raise BodyError(f'end label "{token.word}" differs from block\'s label "{label}"', token.start)

    def handler(self) -> Handler:
        """WHEN condition OR … THEN …."""
        tokens = self.tokens
        start = tokens.expect("when").start
        conditions = []
        while True:
            conditions.append(tokens.string() if tokens.accept("sqlstate") else tokens.name())
            if not tokens.accept("or"):
                break
        tokens.expect("then")
        body = self.body("when", "end")
        return Handler(start=start, end=self.before(), conditions=tuple(conditions), body=body)

    def body(self, *ends: str) -> Body:
        """Statements up to one of these words, which is not stepped over."""
        found: list[Command] = []
        while self.tokens.peek().word not in ends:
            if not self.tokens.peek().word:
                raise self.tokens.error()
            found.append(self.command())
        return tuple(found)

    def command(self) -> Command:
        """One statement with its semicolon."""
        label = self.label()
        token = self.tokens.peek()
        if label and token.word not in _LABELLED:
            raise self.tokens.error(token)
        if token.word in ("declare", "begin"):
            found: Command = self.block(label)
        elif (loop := loops.READERS.get(token.word)) is not None:
            found = loop(self, label)
        else:
            found = statements.read(self)
        self.tokens.expect(";")
        return found

    def before(self) -> int:
        """Where the last token that was stepped over ends."""
        return self.tokens.tokens[self.tokens.at - 1].end

    def is_cursor(self, name: str) -> bool:
        """Whether a name is a bound cursor in scope."""
        return any(name in scope for scope in self.cursors)


_LABELLED = frozenset(("declare", "begin", *loops.READERS))
