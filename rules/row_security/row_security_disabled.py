"""
A tenant table ends without row security.

## Why it matters
Every role that may read the table reads the rows of all tenants: policies, if there are any, are not asked.

## When it is fine
The table holds no tenant's rows: list it under `tenancy.shared`. A partition or inheritance child of a protected table
is the business of `partition-without-row-security`.

## Instead
Enable row security and force it, and write a policy that compares the tenant.

## References
* Seed, phase 3.1: "RLS enabled on all tenant-scoped tables"
* https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="tenancy")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each open tenant table, with the roles that reach it as exposures."""
    for table in project.tenant_tables:
        if table.row_security or project.protected_ancestor(table) is not None or project.policies(table):
            continue
        name = project.name(table)
        reached = project.reached_by_app(table)
        roles = ", ".join(f"`{role}`" for role in dict.fromkeys(access.role_name for access in reached))
        who = f": {roles} can use it, and see the rows of every tenant" if roles else ""
        yield rule.finding(
            project,
            table.row_security_because or table.because,
            f"`{name}` has no row security{who}",
            object=table,
            because=[(access.because, access.sentence) for access in reached[:3]],
            exposures=[(f"{access.role_name}:{access.privilege}", access.because) for access in reached],
            fix=project.row_security_on(table),
        )
