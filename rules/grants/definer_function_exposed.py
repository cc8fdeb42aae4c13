"""
PUBLIC may execute a SECURITY DEFINER function.

## Why it matters
The function runs with its owner's rights, past row security and the caller's privileges. PostgreSQL lets PUBLIC execute
every new function: until that is revoked, everybody who can connect acts as the owner.

## When it is fine
EXECUTE is revoked from PUBLIC and granted to the roles that need it. A trigger function can't be called at all.
Where the function touches a tenant or an append-only table it is an error.

## Instead
Revoke EXECUTE from PUBLIC in the migration that creates the function.

## References
* https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import PUBLIC, Function, Rule, Severity, effective_acl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")

TRIGGER_TYPES = ("trigger", "event_trigger")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each definer function of the history that PUBLIC may execute."""
    for function in project.catalog.all(Function):
        if not function.security_definer or function.external or function.extension:
            continue
        if function.returns is not None and project.type_name(function.returns) in TRIGGER_TYPES:
            continue
        items = [item for item in effective_acl(project.catalog, function) if item.grantee == PUBLIC]
        if not items:
            continue
        touched = project.sensitive_tables_touched(function)
        signature = project.signature(function)
        kind = "PROCEDURE" if function.kind == "p" else "FUNCTION"
        what = (
            f", and touches {', '.join(f'`{project.name(table)}`' for table in touched)}" if touched else ""
        )
        yield rule.finding(
            project,
            items[0].because or function.because,
            f"PUBLIC may execute `{signature}`, which runs as `{project.role_name(function.owner)}`{what}",
            object=function,
            severity=Severity.ERROR if touched else None,
            because=[(function.security_because or function.because, "SECURITY DEFINER")],
            fix=f"REVOKE EXECUTE ON {kind} {project.sql(function)} FROM PUBLIC;",
        )
