"""
Policies read each other's tables in a circle.

## Why it matters
A sub-select in a policy is itself subject to the policies of the table that it reads. Where these lead back to the
first table, every query fails: "infinite recursion detected in policy for relation".

## When it is fine
The circle is cut by a SECURITY DEFINER function whose owner is not bound by the policies.

## Instead
Read the other table through a SECURITY DEFINER function with a fixed search_path.

## References
* https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Policy, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each circle once, at the first table of it that the history made."""
    reads = {
        table.oid: {
            target: policy for policy in project.policies(table) for target in project.tables_read_by(policy)
        }
        for table in project.governed_tables
        if table.row_security
    }
    reported: set[frozenset[int]] = set()
    for start in reads:
        circle = _circle(reads, start)
        if not circle or frozenset(circle) in reported:
            continue
        reported.add(frozenset(circle))
        policies = [reads[oid][target] for oid, target in zip(circle, (*circle[1:], start), strict=True)]
        names = " → ".join(f"`{project.name(project.catalog.get(oid, Table))}`" for oid in (*circle, start))
        yield rule.finding(
            project,
            policies[0].because,
            f"the policies of {names} read each other: every query over them fails with infinite recursion",
            object=policies[0],
            because=[(policy.because, "leads on") for policy in policies[1:]],
        )


def _circle(reads: dict[int, dict[int, Policy]], start: int) -> list[int]:
    """The shortest way from a table back to itself, without the last step; empty where there is none."""
    pending, seen = [[start]], {start}
    while pending:
        path = pending.pop(0)
        for target in reads.get(path[-1], ()):
            if target == start:
                return path
            if target in reads and target not in seen:
                seen.add(target)
                pending.append([*path, target])
    return []
