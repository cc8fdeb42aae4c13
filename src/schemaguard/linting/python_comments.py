"""Python comments and the statements they stand on or above."""

from __future__ import annotations

import ast
import io
import tokenize
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.text import SourceFile

_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class PythonComment(NamedTuple):
    """A comment: its words, its offsets in the file, and the statement it belongs to.

    That is the statement that it stands in (`inside`: neither on its first nor on its last line) or at the
    end of, or else above; `statement` has its offsets, None where nothing follows or a whole function would
    be meant. `alone`: nothing else stands on its line. `at_top`: only comments and the docstring precede it.
    """

    words: str
    start: int
    end: int
    statement: tuple[int, int] | None
    inside: bool
    alone: bool
    at_top: bool


def python_comments(file: SourceFile, having: str) -> Iterator[PythonComment]:
    """The comments of a Python file whose words hold `having`; none where the file is not Python."""
    try:
        tree = ast.parse(file.text)
        tokens = list(tokenize.generate_tokens(io.StringIO(file.text).readline))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the file's reader has said so
        return
    statements = sorted(
        (node for node in ast.walk(tree) if isinstance(node, ast.stmt)),
        key=lambda node: (node.lineno, -(node.end_lineno or node.lineno)),
    )
    body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    first = body[0].lineno if body else len(file.line_starts) + 1
    for token in tokens:
        if token.type != tokenize.COMMENT or having not in token.string:
            continue
        row, column = token.start
        start = file.line_starts[row - 1] + column
        alone = not token.line[:column].strip()
        statement, inside = _statement_of(row, alone, statements)
        yield PythonComment(
            " ".join(token.string.lstrip("#").split()),
            start,
            start + len(token.string),
            None if statement is None else _offsets(file, statement),
            inside,
            alone,
            at_top=row < first,
        )


def _statement_of(row: int, alone: bool, statements: list[ast.stmt]) -> tuple[ast.stmt | None, bool]:
    """The statement that a comment in line `row` belongs to, and whether it stands inside."""
    around = [node for node in statements if node.lineno <= row <= (node.end_lineno or node.lineno)]
    simple = [node for node in around if not hasattr(node, "body")]
    if simple and (not alone or simple[-1].lineno < row):
        node = simple[-1]
        return node, row not in (node.lineno, node.end_lineno)
    if not alone:
        found = next((node for node in around if node.lineno == row), around[-1] if around else None)
    else:
        found = next((node for node in statements if node.lineno > row), None)
    return (None if isinstance(found, _Scope) else found), False


def _offsets(file: SourceFile, node: ast.stmt) -> tuple[int, int]:
    """Character offsets of whole lines: columns of the tree are in bytes, and one statement a line is the rule."""
    end_line = node.end_lineno or node.lineno
    start = file.line_span(node.lineno).start
    return start, file.line_span(end_line).end
