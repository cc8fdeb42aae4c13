"""
A name must be written in quotes, or is not in snake_case.

## Why it matters
PostgreSQL folds unquoted names to lower case. A table created as `"OrderItems"` has to be quoted by everybody, for
ever; a column named like a keyword reads like one, and fails in the one query that forgets the quotes.

## When it is fine
Names that a framework insists on: exempt them.

## Instead
Use lower case letters, digits and underscores, and no keyword.

## References
* https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, needs_quotes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")

SNAKE_CASE = re.compile(r"[a-z_][a-z0-9_]*")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each governed table, view and table column with such a name."""
    for relation in (*project.governed_tables, *project.governed_views):
        if problem := _problem(relation.name):
            yield rule.finding(
                project, relation.because, f"`{project.name(relation)}` {problem}", object=relation
            )
    for table in project.governed_tables:
        for column in table.columns:
            if not column.parents and (problem := _problem(column.name)):
                yield rule.finding(
                    project,
                    column.because,
                    f"`{project.name(table, column)}` {problem}",
                    object=table,
                    column=column,
                )


def _problem(name: str) -> str:
    if not SNAKE_CASE.fullmatch(name):
        return "is not in snake_case: everybody has to write it in quotes"
    if needs_quotes(name):
        return "is a keyword of SQL: it has to be written in quotes"
    return ""
