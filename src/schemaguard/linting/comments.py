"""Comments of any language, placed in their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.linting.suppressions import Comment
from schemaguard.text import SqlText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.text import SourceFile


def python_file_comments(file: SourceFile, having: str) -> Iterator[Comment]:
    """Python comments of a file whose words hold `having`."""
    from schemaguard.linting.python_comments import python_comments

    for found in python_comments(file, having):
        span = file.span(found.start, found.end)
        yield Comment(found.words, span, found.statement, found.inside, found.alone, found.at_top)


def sql_file_comments(file: SourceFile, having: str) -> Iterator[Comment]:
    """Comments of a file that is SQL."""
    return sql_text_comments(SqlText.whole_file(file), having)


def sql_text_comments(text: SqlText, having: str) -> Iterator[Comment]:
    """Comments of a piece of SQL, wherever it is written; `at_top` is for whole files only."""
    from schemaguard.statements.comments import comments, first_statement

    whole = len(text.pieces) == 1 and text.pieces[0].file_end - text.pieces[0].file_start == len(
        text.file.text
    )
    first: int | None = None
    for found in comments(text.text, having):
        if first is None:
            first = first_statement(text.text)
        statement = None if found.statement is None else text.file_range(*found.statement)
        at_top = whole and found.start < first
        yield Comment(
            found.words, text.span(found.start, found.end), statement, found.inside, found.alone, at_top
        )
