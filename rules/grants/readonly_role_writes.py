"""
A read-only role can write.

## Why it matters
Reporting tools, notebooks and support get the read-only role because nothing can happen there. One privilege too many,
or a membership, and a pasted statement changes production.

## When it is fine
Never: a role that writes is not read-only.

## Instead
Revoke the privilege at its root.

## References
* Seed, phase 3.2: "app_ro granted SELECT"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, can, chain, reason, revocation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="roles")

WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each table that a read-only role can write to, with all that it can do there."""
    for relation in (*project.governed_tables, *project.governed_views):
        for role in project.readonly_roles:
            found = [
                (p, proof)
                for p in WRITES
                if (proof := can(project.catalog, role.oid, p, relation.oid)) is not None
            ]
            if project.is_append_only(relation.oid):  # append-only-mutable and -truncatable say so
                found = [(privilege, proof) for privilege, proof in found if privilege == "INSERT"]
            if not found:
                continue
            proof = found[0][1]
            held = ", ".join(privilege for privilege, _proof in found)
            yield rule.finding(
                project,
                proof.because,
                f"the read-only role `{role.name}` can {held} on `{project.name(relation)}`{reason(proof)}",
                object=relation,
                detail=role.name,
                because=chain(proof),
                exposures=[(f"{role.name}:{privilege}", each.because) for privilege, each in found],
                fix=revocation(project.catalog, *(each for _privilege, each in found)),
            )
