"""SQL text to statements, with libpg_query: PostgreSQL's own grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from pglast.parser import ParseError, parse_sql_json, scan

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


def parse(sql: SqlText) -> list[Parsed]:
    """Parse `sql` into its statements; one that does not parse costs only itself."""
    text = sql.text
    if not text.strip():
        return []
    try:
        return list(_statements(sql, parse_sql_json(text), 0, len(text.encode()) if not text.isascii() else len(text)))
    except ParseError:
        return list(_one_by_one(sql))
    except ValueError as error:  # orjson: the tree is nested deeper than it decodes
        return [_unparsed(sql, f"nested too deeply to be read ({error})", 0, len(text), 0)]


def _statements(sql: SqlText, json: str, base: int, length: int) -> Iterator[Statement]:
    """Statements of libpg_query's answer; `base` is the byte offset of the parsed part in `sql`."""
    for raw in orjson.loads(json).get("stmts", ()):
        [(kind, node)] = raw["stmt"].items()
        start = raw.get("stmt_location", 0)
        stop = start + raw["stmt_len"] if "stmt_len" in raw else length
        if base:
            _shift(node, base)
        yield Statement(kind, node, sql, base + start, base + stop)


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
    "location arg_location conninfo_location name_location rexpr_list_start rexpr_list_end list_start list_end".split()
)


def _one_by_one(sql: SqlText) -> Iterator[Parsed]:
    """Find the statements' borders by tokens and parse each alone."""
    text = sql.text
    for start, end in borders(text):
        part = text[start:end]
        if not part.strip():
            continue
        base = start if text.isascii() else len(text[:start].encode())
        try:
            yield from _statements(sql, parse_sql_json(part), base, len(part.encode()))
        except ParseError as error:
            message, index = (*error.args, None)[:2]
            at = len(part.rstrip()) - 1 if index is None else int(index)
            yield _unparsed(sql, str(message), start, end, start + at)
        except ValueError as error:
            yield _unparsed(sql, f"nested too deeply to be read ({error})", start, end, start)


def _unparsed(sql: SqlText, message: str, start: int, end: int, at: int) -> Unparsed:
    text = sql.text
    first = start + len(text[start:end]) - len(text[start:end].lstrip())
    last = max(first, end - (len(text[start:end]) - len(text[start:end].rstrip())))
    return Unparsed(message, sql.span(first, last), sql.span(at, min(at + 1, max(last, at))), text[first:last])


def borders(text: str) -> list[tuple[int, int]]:
    """Start and end (without the semicolon) of each statement, by the lexer's tokens.

    A semicolon ends a statement unless it stands in parentheses or in the `BEGIN ATOMIC … END` body of a routine.
    Where the lexer itself gives up (an open quote), the text from the last border to the end is one statement.
    """
    try:
        tokens = scan(text)
    except ParseError as error:
        return _borders_before_lexical_error(text, error)
    found: list[tuple[int, int]] = []
    start = depth = atomic = 0
    previous = ""
    for token in tokens:
        name = token.name
        if name == "ASCII_40":
            depth += 1
        elif name == "ASCII_41":
            depth = max(depth - 1, 0)
        elif name == "ATOMIC" and previous == "BEGIN_P":
            atomic = 1
        elif atomic and name == "CASE":
            atomic += 1
        elif atomic and name == "END_P":
            atomic -= 1
        elif name == "ASCII_59" and not atomic and depth == 0:
            found.append((start, token.start))
            start = token.end + 1
        previous = name
    found.append((start, len(text)))
    return found


def _borders_before_lexical_error(text: str, error: ParseError) -> list[tuple[int, int]]:
    """Borders of what precedes an open quote or comment; the statement with the open one runs to the text's end."""
    index = error.args[1] if len(error.args) > 1 else None
    if not index:
        return [(0, len(text))]
    good = borders(text[:index])
    return [*good[:-1], (good[-1][0], len(text))]
