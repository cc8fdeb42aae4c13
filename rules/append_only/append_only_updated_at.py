"""
An append-only table has a column for the time of the last update.

## Why it matters
Rows that never change have no last update: the column says that they may, and invites a trigger or code that sets it.

## When it is fine
The column has another meaning; exempt it and say which.

## Instead
Drop the column, and the trigger that sets it.

## References
* Seed, phase 2.1: "`updated_at` … should not change for immutable entries"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0", needs="append_only")

NAMES = frozenset(
    ("updated_at", "modified_at", "last_updated", "last_updated_at", "last_modified", "updated_on")
)


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report the column of each listed table."""
    for each in project.append_only_tables:
        for column in each.table.columns:
            if each.is_part or column.name not in NAMES:
                continue
            yield rule.finding(
                project,
                column.because,
                f"`{project.name(each.table, column)}` tells when a row was last updated, but rows of "
                f"`{project.name(each.table)}` are never updated",
                object=each.table,
                column=column,
                fix=f"ALTER TABLE {project.sql(each.table)} DROP COLUMN {quoted(column.name)};"
                if not project.is_used_elsewhere(each.table, column)
                else "",
            )
