"""Statements for what has none of its own: a setting changed inside of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.session import Run
from schemaguard.statements.statement import Statement
from schemaguard.text import SourceFile, SqlText

if TYPE_CHECKING:
    from schemaguard.catalog.session import Session


def surrogate_run(session: Session) -> Run:
    """A run for a change of the session that leaves no fact in the catalog, and so needs no place in a file."""
    text = SqlText.whole_file(SourceFile("", ""))
    return Run(session, Statement("VariableSetStmt", {}, text, 0, 0))
