"""
A partition or child of a protected table is open.

## Why it matters
Policies of a partitioned or parent table are asked only for queries that name it. A partition has flags of its own, off
unless set: a role with a privilege on it, straight or by default privileges, reads all tenants' rows there.

## When it is fine
No role of the application has a privilege on the partition.

## Instead
Enable and force row security on each partition, with policies of its own, or grant nothing on it.

## References
* https://www.postgresql.org/docs/current/ddl-inherit.html
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
    """Report each open partition or child that the application can reach."""
    for table in project.governed_tables:
        parent = project.protected_ancestor(table)
        if table.row_security or parent is None:
            continue
        reached = project.reached_by_app(table)
        if not reached:
            continue
        name, first = project.name(table), reached[0]
        word = "partition" if table.is_partition else "child"
        yield rule.finding(
            project,
            table.partition_because or table.because,
            f"`{name}`, a {word} of `{project.name(parent)}`, has no row security of its own: {first.sentence} "
            "on it, and sees the rows of every tenant",
            object=table,
            because=[
                (parent.row_security_because, f"`{project.name(parent)}` is protected"),
                *((access.because, access.sentence) for access in reached[:3]),
            ],
            exposures=[(f"{access.role_name}:{access.privilege}", access.because) for access in reached],
            fix=project.row_security_on(table),
        )
