"""
Row security is on, a role of the application may use the table, and no policy lets it.

## Why it matters
Without a permissive policy for the role and command PostgreSQL denies by default: SELECT gives no rows, UPDATE and
DELETE change none without a word, INSERT fails. Restrictive policies alone let nothing through.

## When it is fine
No role of the application holds a privilege: a table that is closed on purpose. What a platform gives its roles on
every new table (Supabase: ALL to `anon`) is not held against the table: there, policies alone open it.

## Instead
Write a permissive policy for that command, or take the privilege away.

## References
* Seed, phase 3.1
* https://www.postgresql.org/docs/current/sql-createpolicy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, can

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")

COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report, for each table and role, the commands that are granted but that no permissive policy covers."""
    for table in project.governed_tables:
        if not table.row_security:
            continue
        for role in project.app_roles:
            if role.superuser or role.bypassrls:
                continue
            proofs = {command: can(project.catalog, role.oid, command, table.oid) for command in COMMANDS}
            denied = [
                command
                for command, proof in proofs.items()
                if proof is not None
                and proof.kind != "set role"
                and not (proof.because is not None and proof.because.is_presumed)
                and not project.applicable_policies(table, role, command)
            ]
            if not denied:
                continue
            name = project.name(table)
            restrictive = any(not policy.permissive for policy in project.policies(table))
            why = "only restrictive policies apply" if restrictive else "no permissive policy applies"
            yield rule.finding(
                project,
                table.row_security_because,
                f"`{role.name}` may {', '.join(denied)} on `{name}`, but {why}: it is denied without an error on "
                "reading",
                object=table,
                detail=role.name,
                because=[
                    (proof.because, proof.sentence())
                    for command, proof in proofs.items()
                    if proof is not None and command in denied[:1]
                ],
            )
