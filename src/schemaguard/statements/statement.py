"""A parsed SQL statement and the places it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.text import SqlText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.text import Piece, SourceFile, Span

Node = dict[str, Any]


class ShortenedSql(SqlText):
    """SQL without rows of bulk data; `cuts`: where in the text something is left out, and its place in the file."""

    def __init__(
        self, text: str, file: SourceFile, pieces: Sequence[Piece], cuts: tuple[tuple[int, Span], ...]
    ) -> None:
        """Hold what is left, with its map."""
        super().__init__(text, file, pieces)
        self.cuts = cuts


class Statement:
    """One SQL statement: libpg_query's tree as plain dicts, and where it was written.

    `kind` is the tag of the tree's root (``CreateStmt``) and `node` its fields, spelled as libpg_query's JSON spells
    them: absent fields have their zero value, a child node is ``{tag: fields}``. Byte offsets are into `text`.
    """

    __slots__ = ("byte_end", "byte_start", "kind", "migration", "node", "number", "text")

    def __init__(self, kind: str, node: Node, text: SqlText, byte_start: int, byte_end: int) -> None:
        """Take the root's tag and fields, the SQL it stands in and its byte offsets there."""
        self.kind = kind
        self.node = node
        self.text = text
        self.byte_start = byte_start
        self.byte_end = byte_end
        self.migration = ""
        self.number = -1

    @property
    def start(self) -> int:
        """SQL offset of the first character."""
        return self.text.character_offset(self.byte_start)

    @property
    def end(self) -> int:
        """SQL offset after the last character, without the semicolon."""
        return self.text.character_offset(self.byte_end)

    @property
    def sql(self) -> str:
        """The statement as written."""
        return self.text.text[self.start : self.end]

    @property
    def span(self) -> Span:
        """Where the statement is written."""
        return self.text.span(self.start, self.end)

    @property
    def left_out(self) -> list[Span]:
        """The rows, or the further statements of its kind right behind it, that were not parsed: there were many."""
        if not isinstance(self.text, ShortenedSql):
            return []
        return [span for offset, span in self.text.cuts if self.start < offset <= self.end + 1]

    def span_at(self, byte_start: int, byte_end: int) -> Span:
        """Where a part of the statement is written, given its byte offsets in `text`."""
        return self.text.span(self.text.character_offset(byte_start), self.text.character_offset(byte_end))

    def __repr__(self) -> str:
        """Kind and beginning."""
        return f"<{self.kind} {self.sql[:50]!r}>"


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Why a catalog fact is as it is: a statement, and the part of it that says so.

    `offset` is the byte offset of that part (a column definition, a constraint), or -1 for the whole statement.
    """

    statement: Statement
    offset: int = -1

    @property
    def is_presumed(self) -> bool:
        """Whether no migration did it: the config, or the platform that hosts the database, brought it."""
        return self.statement.text.presumed

    @property
    def span(self) -> Span:
        """Where it is written: the statement, or the list element that begins at `offset`."""
        statement = self.statement
        if self.offset < 0:
            return statement.span
        text = statement.text
        start = text.character_offset(self.offset)
        return text.span(start, element_end(text.text, start, statement.end))


def element_end(sql: str, start: int, end: int) -> int:
    """End of the list element that begins at `start`: the next comma or closing parenthesis at its own depth.

    Quoted strings, quoted identifiers and comments are stepped over; dollar quotes do not occur in list elements
    of definitions other than as default values, where the plain scan is right unless they hold parentheses.
    """
    depth = 0
    at = start
    while at < end:
        char = sql[at]
        if char in "'\"":
            close = sql.find(char, at + 1, end)
            at = end if close < 0 else close
        elif char == "-" and sql.startswith("--", at):
            line_end = sql.find("\n", at, end)
            if depth == 0 and _only_closes(sql, line_end, end):
                break
            at = end if line_end < 0 else line_end
        elif char in "([":
            depth += 1
        elif char in ")]":
            if depth == 0:
                break
            depth -= 1
        elif (char == "," and depth == 0) or char == ";":
            break
        at += 1
    at = min(at, end)
    while at > start and sql[at - 1].isspace():
        at -= 1
    return at


def _only_closes(sql: str, line_end: int, end: int) -> bool:
    """Whether the element is over at this comment: only a closing parenthesis follows it."""
    return line_end >= 0 and sql[line_end:end].lstrip()[:1] == ")"


def named_relations(statement: Statement) -> Iterator[tuple[str, str]]:
    """Schema ("" where none is written) and name of each relation that a statement names, in no particular order."""
    stack: list[Any] = [statement.node]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            if "relname" in item:
                yield item.get("schemaname", ""), item["relname"]
            stack.extend(item.values())
