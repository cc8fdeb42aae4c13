"""SQL comments and the statements they stand on or above: a parse tree has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pglast.parser import ParseError

from schemaguard.statements.parse import borders
from schemaguard.statements.scanning import scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COMMENTS = frozenset(("SQL_COMMENT", "C_COMMENT"))


class SqlComment(NamedTuple):
    """A comment: its words without the marks, its offsets in the text, and the statement it belongs to.

    That is the statement that it stands in (`inside`), behind on the same line, or else above; `statement`
    has its offsets from the first word to the last, None where nothing follows. `alone`: nothing else stands
    on its line.
    """

    words: str
    start: int
    end: int
    statement: tuple[int, int] | None
    inside: bool
    alone: bool


def comments(text: str, having: str) -> Iterator[SqlComment]:
    """The comments of `text` whose words hold `having`, also those in dollar-quoted bodies, in order.

    Where the text can't be tokenized (an open quote), what follows has no comments.
    """
    if having not in text:
        return
    tokens = _tokens(text)
    statements = _statements(text, tokens)
    for name, start, end in tokens:
        if having not in text[start:end]:
            continue
        if name in COMMENTS:
            statement, inside = _statement_of(text, start, statements)
            yield _comment(text, start, end, statement, inside)
        elif text[start] == "$":
            yield from _in_body(text, start, end, statements, having)


def first_statement(text: str) -> int:
    """Offset of the first word of the first statement; the text's length where there is none."""
    return next((start for name, start, _ in _tokens(text) if name not in COMMENTS), len(text))


def _tokens(text: str) -> list[tuple[str, int, int]]:
    """Name, start and end (exclusive) of each token, as far as the text can be tokenized."""
    try:
        return [(token.name, token.start, token.end + 1) for token in scan(text)]
    except ParseError as error:
        index = error.args[1] if len(error.args) > 1 else 0
        return _tokens(text[:index]) if index and index < len(text) else []


def _statements(text: str, tokens: Sequence[tuple[str, int, int]]) -> list[tuple[int, int]]:
    """Offsets of each statement, from its first word to its last."""
    words = iter([(start, end) for name, start, end in tokens if name not in COMMENTS and name != "ASCII_59"])
    found: list[tuple[int, int]] = []
    word = next(words, None)
    for _, stop in borders(text):
        first = last = -1
        while word is not None and word[0] < stop:
            first = word[0] if first < 0 else first
            last = word[1]
            word = next(words, None)
        if first >= 0:
            found.append((first, last))
    return found


def _statement_of(
    text: str, start: int, statements: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int] | None, bool]:
    """The statement that a comment at `start` belongs to, and whether it stands inside."""
    before: tuple[int, int] | None = None
    for statement in statements:
        if statement[0] > start:
            behind = before is not None and "\n" not in text[before[1] : start]
            return (before if behind else statement), False
        if start < statement[1]:
            return statement, True
        before = statement
    behind = before is not None and "\n" not in text[before[1] : start]
    return (before if behind else None), False


def _in_body(
    text: str, start: int, end: int, statements: Sequence[tuple[int, int]], having: str
) -> Iterator[SqlComment]:
    """Comments in the dollar-quoted string from `start` to `end`; they stand inside its statement."""
    tag = text.index("$", start + 1) + 1 - start
    statement, _ = _statement_of(text, start, statements)
    for comment in comments(text[start + tag : end - tag], having):
        at = start + tag + comment.start
        yield _comment(text, at, start + tag + comment.end, statement, inside=True)


def _comment(text: str, start: int, end: int, statement: tuple[int, int] | None, inside: bool) -> SqlComment:
    raw = text[start:end]
    words = raw[2:] if raw.startswith("--") else raw[2:].removesuffix("*/")
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    rest = text[end : len(text) if line_end < 0 else line_end]
    alone = not text[line_start:start].strip() and not rest.strip()
    return SqlComment(" ".join(words.split()), start, end, statement, inside, alone)
