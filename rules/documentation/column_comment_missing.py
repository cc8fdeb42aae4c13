"""
A column that must be explained has no comment.

## Why it matters
Columns such as a correlation id mean the same everywhere or nothing: how they are filled and what they join is not
to be seen from their type.

## When it is fine
The column is not named by a pattern of `comments.columns`.

## Instead
Say in a COMMENT ON COLUMN how it is filled and what it is for.

## References
* Seed, phase 2.4: "Column comments present on all correlation_id columns"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, matches_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="comments")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each named column without a comment."""
    patterns = project.policy.comments.columns
    for table in project.governed_tables:
        if table.is_partition:
            continue
        schema = project.catalog.schema_name(table.schema)
        for column in table.columns:
            if project.catalog.comment(table.oid, column.number) is not None:
                continue
            if any(matches_column(pattern, schema, table.name, column.name) for pattern in patterns):
                name = project.name(table, column)
                yield rule.finding(
                    project,
                    column.because,
                    f"`{name}` has no comment that says how it is filled and what it is for",
                    object=table,
                    column=column,
                    fix=f"COMMENT ON COLUMN {project.sql(table, column)} IS '…';",
                )
