"""SQL text to statements, with libpg_query: PostgreSQL's own grammar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pglast.parser import ParseError, parse_sql_json

from schemaguard.sources.sql.lexer import Lexer
from schemaguard.statements.bulk import shorten
from schemaguard.statements.depth import TOO_DEEP, TooDeep, loads
from schemaguard.statements.scanning import scan
from schemaguard.statements.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.text import Span, SqlText


class Unparsed:
    """A stretch of SQL that PostgreSQL's grammar refuses: where the statement is, where the error is, and why."""

    __slots__ = ("at", "message", "span", "sql")

    def __init__(self, message: str, span: Span, at: Span, sql: str) -> None:
        """Take the parser's message, the statement's place, the error's place, and the text."""
        self.message = message
        self.span = span
        self.at = at
        self.sql = sql


Parsed = Statement | Unparsed

# How the parser says that a statement is nested too deeply for its own stack.
_OUT_OF_STACK = ("stack depth limit exceeded", "memory exhausted")


def parse(sql: SqlText) -> list[Parsed]:
    """Parse `sql` into its statements; one that does not parse costs only itself. Bulk data is shortened."""
    sql = shorten(sql)
    text = sql.text
    if not text.strip():
        return []
    try:
        json = parse_sql_json(text)
        return _statements(sql, json, 0, len(text) if text.isascii() else len(text.encode()))
    except (ParseError, TooDeep):
        return list(_one_by_one(sql, 0, len(text)))


def _statements(sql: SqlText, json: str, base: int, length: int) -> list[Parsed]:
    """Statements of libpg_query's answer; `base` is the byte offset of the parsed part in `sql`.

    Raises:
        TooDeep: one of them is nested deeper than what reads it can follow.
    """
    found: list[Parsed] = []
    for raw in loads(json).get("stmts", ()):
        [(kind, node)] = raw["stmt"].items()
        start = raw.get("stmt_location", 0)
        stop = start + raw["stmt_len"] if "stmt_len" in raw else length
        if base:
            _shift(node, base)
        found.append(Statement(kind, node, sql, base + start, base + stop))
    return found


def _shift(node: object, base: int) -> None:
    """Add `base` to every location in a tree that was parsed from the middle of a text."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            for key, value in item.items():
                if key in _LOCATION_FIELDS and isinstance(value, int):
                    item[key] = value + base if value >= 0 else value
                elif isinstance(value, (dict, list)):
                    stack.append(value)
        elif isinstance(item, list):
            stack.extend(item)


_LOCATION_FIELDS = frozenset(
    [
        "location",
        "arg_location",
        "conninfo_location",
        "name_location",
        "rexpr_list_start",
        "rexpr_list_end",
        "list_start",
        "list_end",
    ]
)


def _one_by_one(sql: SqlText, first: int, last: int, *, parentheses: bool = True) -> Iterator[Parsed]:
    """Find the statements' borders by tokens and parse each alone."""
    text = sql.text[first:last]
    base = len(sql.text[:first].encode())
    counted = 0
    for start, end in borders(text, parentheses=parentheses):
        part = text[start:end]
        base += len(text[counted:start].encode())
        counted = start
        if not part.strip():
            continue
        try:
            yield from _statements(sql, parse_sql_json(part), base, len(part.encode()))
        except ParseError as error:
            if parentheses and ";" in part:  # one that is not closed must not take those after it along
                yield from _one_by_one(sql, first + start, first + end, parentheses=False)
            else:
                yield _refused(sql, error, first + start, first + end)
        except TooDeep as error:
            yield _unparsed(sql, str(error), first + start, first + end, first + start)


def _refused(sql: SqlText, error: ParseError, start: int, end: int) -> Unparsed:
    """What PostgreSQL's parser says of a statement, in its words but where it ran out of stack."""
    message, index = (*error.args, None)[:2]
    at = len(sql.text[start:end].rstrip()) - 1 if index is None else int(index)
    if any(words in str(message) for words in _OUT_OF_STACK):
        return _unparsed(sql, f"{TOO_DEEP} ({message})", start, end, start)
    return _unparsed(sql, str(message), start, end, start + at)


def _unparsed(sql: SqlText, message: str, start: int, end: int, at: int) -> Unparsed:
    text = sql.text
    before = _BEFORE.match(text, start, end)
    first = before.end() if before and before.end() < end else start
    last = max(first, end - (len(text[start:end]) - len(text[start:end].rstrip())))
    word = _WORD.match(text, at, max(last, at))
    return Unparsed(
        message, sql.span(first, last), sql.span(at, word.end() if word else at), text[first:last]
    )


_BEFORE = re.compile(r"(?:\s+|--[^\n]*|/\*.*?\*/)*", re.DOTALL)
"""Blanks and comments before a statement; of a nested comment at least the beginning."""

_WORD = re.compile(r"\w+|'[^'\n]*'?|\"[^\"\n]*\"?|.", re.DOTALL)
"""What stands at an error: a word, a number, a quoted text on its line, or a sign."""


def borders(text: str, *, parentheses: bool = True) -> list[tuple[int, int]]:
    """Start and end (without the semicolon) of each statement.

    A semicolon ends a statement unless it stands in the `BEGIN ATOMIC … END` body of a routine or, with
    `parentheses`, inside such (the actions of a rule). A quote or comment that is not closed runs to the text's end.
    """
    ends = (
        _ends_by_words(text, parentheses=parentheses)
        if "atomic" in text.lower() and _ATOMIC.search(text)  # of the two the first is the quick one
        else _ends(text, parentheses=parentheses)
    )
    found: list[tuple[int, int]] = []
    start = 0
    for end in ends:
        found.append((start, end))
        start = end + 1
    found.append((start, len(text)))
    return found


_ATOMIC = re.compile(r"\batomic\b", re.IGNORECASE)
_LEXERS = {True: Lexer(";()"), False: Lexer(";")}


def _ends(text: str, *, parentheses: bool) -> Iterator[int]:
    """Offsets of the semicolons outside quotes, and outside parentheses if wanted."""
    depth = 0
    for token in _LEXERS[parentheses].tokens(text):
        if token.kind == "(":
            depth += 1
        elif token.kind == ")":
            depth = max(depth - 1, 0)
        elif token.kind == ";" and depth == 0:
            yield token.start


def _ends_by_words(text: str, *, parentheses: bool) -> Iterator[int]:
    """The same where a routine may have its body between BEGIN ATOMIC and END, which takes reading every word."""
    try:
        tokens = scan(text)
    except ParseError as error:
        index = error.args[1] if len(error.args) > 1 else None
        tokens = scan(text[:index]) if index else ()
    depth = atomic = 0
    previous = ""
    for token in tokens:
        name = token.name
        if name == "ASCII_40":
            depth += parentheses
        elif name == "ASCII_41":
            depth = max(depth - 1, 0)
        elif name == "ATOMIC" and previous == "BEGIN_P":
            atomic = 1
        elif atomic and name == "CASE":
            atomic += 1
        elif atomic and name == "END_P":
            atomic -= 1
        elif name == "ASCII_59" and not atomic and depth == 0:
            yield int(token.start)
        previous = name
