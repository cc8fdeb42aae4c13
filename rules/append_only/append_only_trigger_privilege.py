"""
An application role has the TRIGGER privilege on an append-only table.

## Why it matters
Its holder can attach a trigger of its own. The trigger's function runs with the rights of whoever writes to the table
next, the owner's among them, and can change or drop what is written.

## When it is fine
Owners of the table are not meant.

## Instead
Revoke TRIGGER, and name privileges in GRANT instead of ALL.

## References
* https://www.postgresql.org/docs/current/ddl-priv.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, can_without_owning, chain, reason, revocation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="append_only")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each application role that holds the privilege other than as an owner."""
    for each in project.append_only_tables:
        for role in project.app_roles:
            proof = can_without_owning(project.catalog, role.oid, "TRIGGER", each.table.oid)
            if proof is None:  # append-only-owned tells of owners
                continue
            yield rule.finding(
                project,
                proof.because,
                f"`{role.name}` can attach triggers to `{project.name(each.table)}`, which then run as whoever writes "
                f"to it{reason(proof)}",
                object=each.table,
                detail=role.name,
                because=chain(proof),
                fix=revocation(project.catalog, proof),
            )
