"""
A function that the application may execute changes an append-only table with its owner's rights.

## Why it matters
A SECURITY DEFINER function does what its owner may. EXECUTE on it is UPDATE, DELETE or TRUNCATE on the table for
whoever holds it, whatever was revoked on the table itself.

## When it is fine
The function only inserts, or no role of the application (nor PUBLIC) may execute it.

## Instead
Revoke EXECUTE, or let the function book a correcting entry.

## References
* https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Function, Rule, Severity, can_execute, reads_and_writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="append_only")

CHANGES = ("update", "delete", "truncate")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such function and table, at the statement in its body."""
    tables = {each.table.oid: each.table for each in project.append_only_tables}
    for function in project.catalog.all(Function):
        if not function.security_definer or function.external or function.extension:
            continue
        if function.returns is not None and project.type_name(function.returns) in (
            "trigger",
            "event_trigger",
        ):
            continue
        callers = [
            (role, proof)
            for role in project.app_roles
            if (proof := can_execute(project.catalog, role.oid, function.oid))
        ]
        if not callers:
            continue
        reported: set[int] = set()
        for access in reads_and_writes(project.catalog, function).accesses:
            if access.command not in CHANGES or access.relation not in tables or access.relation in reported:
                continue
            reported.add(access.relation)
            roles = ", ".join(f"`{role.name}`" for role, _proof in callers)
            yield rule.finding(
                project,
                access.span,
                f"{roles} may execute `{project.signature(function)}`, which runs as "
                f"`{project.role_name(function.owner)}` and {access.command}s rows of the append-only "
                f"`{project.name(tables[access.relation])}`",
                object=function,
                detail=project.name(tables[access.relation]),
                because=[(proof.because, proof.sentence()) for _role, proof in callers[:3]],
            )
