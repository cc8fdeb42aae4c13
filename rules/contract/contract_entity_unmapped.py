"""
A table has no entity in the contract mapping.

## Why it matters
The mapping is meant to be complete: what is in no entity has not been looked at, and its columns are held to nothing.

## When it is fine
The table is no part of what the API is about (a queue, a job table): give it an entity that says `no contract field`,
or exempt it.

## Instead
Add an entity for the table to the mapping.

## References
* Seed, phase 4: "all 6 entities mapped"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, unmapped_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each governed table that no mapping names."""
    for table in unmapped_tables(project):
        yield rule.finding(
            project,
            table.because,
            f"no mapping has an entity for `{project.name(table)}`",
            object=table,
        )
