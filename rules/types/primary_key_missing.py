"""
A table has no primary key.

## Why it matters
Rows can't be told apart: a duplicate can't be deleted, a foreign key can't refer to it, logical replication can't
update it.

## When it is fine
A partition or child whose rows are addressed through its parent's key; a temporary table.

## Instead
Add a primary key.

## References
* https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-PRIMARY-KEYS
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each governed table without one, partitions and foreign tables aside."""
    for table in project.governed_tables:
        if table.kind == "f" or table.parents or table.persistence == "t":
            continue
        if any(constraint.type == "p" for constraint in project.catalog.constraints(table.oid)):
            continue
        name = project.name(table)
        yield rule.finding(
            project,
            table.because,
            f"`{name}` has no primary key: its rows can't be told apart, nor referred to",
            object=table,
        )
