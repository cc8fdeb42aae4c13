"""
An application role owns an append-only table, or has its owner's rights.

## Why it matters
An owner can grant itself what was revoked, disable the guard trigger, disable row security, detach a partition, drop
the table. Nothing that the schema says binds it.

## When it is fine
Never for a role that the application connects as.

## Instead
Let a role own the table that nobody logs in as, and grant the application what it needs.

## References
* https://www.postgresql.org/docs/current/ddl-priv.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, can_regrant, chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="append_only")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each application role that can give itself any right on the table."""
    for each in project.append_only_tables:
        for role in project.app_roles:
            proof = can_regrant(project.catalog, role.oid, each.table.oid)
            if proof is None or proof.kind == "superuser":  # bypass-role says so
                continue
            yield rule.finding(
                project,
                proof.because,
                f"`{role.name}` can give itself every right on `{project.name(each.table)}` and disable its guard: "
                f"{proof.sentence()}",
                object=each.table,
                detail=role.name,
                because=chain(proof),
            )
