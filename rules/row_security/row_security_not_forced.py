"""
Row security of a tenant table is enabled, but not forced.

## Why it matters
The table's owner, and every role that inherits from it, is not subject to policies then. Where the application
connects as the owner, the policies protect nothing; where tests do, they prove nothing.

## When it is fine
Never for a tenant table: give a role that must see all rows BYPASSRLS instead.

## Instead
Force row security.

## References
* Seed, phase 3.1: "FORCE RLS enabled on all 5 tables"
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
    """Report each tenant table whose owner escapes its policies."""
    for table in project.tenant_tables:
        if not table.row_security or table.force_row_security:
            continue
        name = project.name(table)
        because = [
            (table.owner_because or table.because, f"`{name}` belongs to `{project.role_name(table.owner)}`")
        ]
        yield rule.finding(
            project,
            table.force_because or table.row_security_because,
            f"row security of `{name}` is not forced: its owner `{project.role_name(table.owner)}`, and every role "
            "that inherits from it, sees the rows of every tenant",
            object=table,
            because=because,
            fix=f"ALTER TABLE {project.sql(table)} FORCE ROW LEVEL SECURITY;",
        )
