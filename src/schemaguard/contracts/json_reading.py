"""JSON read into nodes that know their lines, in one pass over the tokens."""

from __future__ import annotations

import re
from json import JSONDecodeError, loads
from typing import TYPE_CHECKING

from schemaguard.contracts.nodes import Entries, Items, Scalar
from schemaguard.contracts.reading import MAX_DEPTH, MAX_DIGITS, Document, Fault, UnreadDocument

if TYPE_CHECKING:
    from schemaguard.contracts.nodes import Node
    from schemaguard.text import SourceFile

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:([{}\[\],:])"""
    r"""|("[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")"""
    r"""|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)"""
    r"""|(true|false|null)"""
    r"""|(\Z))"""
)
_WORDS = {"true": True, "false": False, "null": None}


def read_json(file: SourceFile) -> Document:
    """Read a JSON file.

    Raises:
        UnreadDocument: it is not JSON, or is nested too deeply.
    """
    return _Reader(file).read()


class _Reader:
    """Reads tokens; `open` holds the lists and mappings around the next one."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.at = 0
        self.token = ""
        self.start = 0
        self.open: list[Items | Entries] = []
        self.faults: list[Fault] = []

    def read(self) -> Document:
        """Read the one value that the file is."""
        self.advance()
        root = self.value()
        while self.open:
            self.member(self.open[-1])
        if self.token:
            raise self.error("has something behind its value")
        return Document(self.file, root, tuple(self.faults))

    def error(self, message: str) -> UnreadDocument:
        return UnreadDocument(self.file.span(self.start, self.at), message)

    def advance(self) -> None:
        """Read the next token; `token` is empty at the end."""
        found = _TOKEN.match(self.file.text, self.at)
        if found is None:
            rest = self.file.text[self.at :]
            self.start = self.at = self.at + len(rest) - len(rest.lstrip())
            raise self.error("is not JSON: a value was expected")
        self.start, self.at = found.span(found.lastindex or 0)
        self.token = self.file.text[self.start : self.at]

    def expect(self, wanted: str) -> None:
        if self.token != wanted:
            raise self.error(f"is not JSON: `{wanted}` was expected")
        self.advance()

    def value(self) -> Node:
        """Begin a value; a list or mapping stays open."""
        word, start, end = self.token, self.start, self.at
        if word in ("{", "["):
            if len(self.open) >= MAX_DEPTH:
                raise self.error(f"is nested more than {MAX_DEPTH} levels deep")
            node = Entries(self.file, start) if word == "{" else Items(self.file, start)
            self.open.append(node)
            self.advance()
            if self.token == ("}" if word == "{" else "]"):
                self.close(node)
            elif isinstance(node, Items):
                node.items.append(self.value())
            else:
                self.entry(node)
            return node
        if not word or word in "}],:":
            raise self.error("is not JSON: a value was expected")
        self.advance()
        if word[0] == '"':
            return Scalar(self.file, start, end, self.string(word, start))
        if word in _WORDS:
            return Scalar(self.file, start, end, _WORDS[word])
        if len(word) > MAX_DIGITS:
            return Scalar(self.file, start, end, word)
        return Scalar(self.file, start, end, float(word) if set(word) & set(".eE") else int(word))

    def string(self, token: str, start: int) -> str:
        if "\\" not in token:
            return token[1:-1]
        try:
            return str(loads(token))
        except JSONDecodeError as error:
            at = start + error.pos
            raise UnreadDocument(self.file.span(at, at), f"is not JSON: {error.msg}") from None

    def entry(self, node: Entries) -> None:
        """Read a key, and begin its value."""
        token, start, end = self.token, self.start, self.at
        if not token.startswith('"'):
            raise self.error("is not JSON: a key in quotes was expected")
        name = self.string(token, start)
        self.advance()
        self.expect(":")
        child = self.value()
        if name in node.entries:
            line = node.place(name).line
            self.faults.append(
                Fault(self.file.span(start, end), f"the key `{name}` is given twice: first at line {line}")
            )
            return
        node.entries[name] = child
        node.keys[name] = (start, end)

    def member(self, node: Items | Entries) -> None:
        """Go on with the innermost list or mapping: another member, or its end."""
        if self.token == ",":  # noqa: S105 - a token of JSON
            self.advance()
            if isinstance(node, Items):
                node.items.append(self.value())
            else:
                self.entry(node)
        elif self.token == ("]" if isinstance(node, Items) else "}"):
            self.close(node)
        else:
            raise self.error("is not JSON: `,` or an end was expected")

    def close(self, node: Items | Entries) -> None:
        node.end = self.at
        self.open.pop()
        self.advance()
