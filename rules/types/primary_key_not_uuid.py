"""
The primary key of a table is no uuid.

## Why it matters
Numbers that count up tell outsiders how much business there is, can be guessed, and clash where two systems meet.

## When it is fine
Lookup tables with a code for a key, join tables with a composite key, and tables that are never seen from outside.

## Instead
Use a uuid with a random default.

## References
* Seed, phase 2.1: "id uuid PRIMARY KEY"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0")

COUNTING = ("integer", "bigint", "smallint")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each key of one counting column."""
    for table in project.governed_tables:
        for key in project.catalog.constraints(table.oid):
            column = table.column_at(key.columns[0]) if key.type == "p" and len(key.columns) == 1 else None
            if (
                column is None
                or table.parents
                or not any(project.is_type(column.type, name) for name in COUNTING)
            ):
                continue
            yield rule.finding(
                project,
                key.because,
                f"the primary key of `{project.name(table)}`, `{column.name}`, is a number that counts up",
                object=table,
            )
