"""
An application role can TRUNCATE an append-only table.

## Why it matters
TRUNCATE empties the table in one statement. Row triggers do not fire for it, policies do not apply to it, and on a
partitioned table it needs no privilege on the partitions.

## When it is fine
Owners of the table are not meant.

## Instead
Revoke TRUNCATE, and name privileges in GRANT instead of ALL.

## References
* Seed, phase 1.4
* https://www.postgresql.org/docs/current/sql-truncate.html
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
            proof = can_without_owning(project.catalog, role.oid, "TRUNCATE", each.table.oid)
            if proof is None:  # append-only-owned tells of owners
                continue
            yield rule.finding(
                project,
                proof.because,
                f"`{role.name}` can TRUNCATE `{project.name(each.table)}`, and so remove all that is booked there at "
                f"once{reason(proof)}",
                object=each.table,
                detail=role.name,
                because=[
                    *chain(proof),
                    (project.policy.where("append_only", each.pattern), "append-only by the config"),
                ],
                fix=revocation(project.catalog, proof),
            )
