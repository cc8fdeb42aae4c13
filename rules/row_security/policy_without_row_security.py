"""
A table has policies, but row security is off.

## Why it matters
Policies of a table without ENABLE ROW LEVEL SECURITY are stored and never asked: the table is as open as without them,
and looks protected.

## When it is fine
Never: enable row security, or drop the policies.

## Instead
Enable row security and force it.

## References
* https://www.postgresql.org/docs/current/sql-createpolicy.html
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
    """Report each table whose policies sleep."""
    for table in project.governed_tables:
        policies = project.policies(table)
        if table.row_security or not policies:
            continue
        name = project.name(table)
        names = ", ".join(f"`{policy.name}`" for policy in policies)
        reached = project.reached_by_app(table)
        yield rule.finding(
            project,
            table.row_security_because or policies[0].because,
            f"`{name}` has the policies {names}, but row security is off: they are never asked",
            object=table,
            because=[(policy.because, "a policy that sleeps") for policy in policies[:3]],
            exposures=[(f"{access.role_name}:{access.privilege}", access.because) for access in reached],
            fix=project.row_security_on(table),
        )
