"""
A role of the application is a member of an owner.

## Why it matters
A member has the owner's rights, at once or after SET ROLE: it can grant itself anything, disable triggers and row
security, and drop tables. All that was revoked from it was revoked in vain.

## When it is fine
Never for a role that the application connects as.

## Instead
Revoke the membership.

## References
* https://www.postgresql.org/docs/current/role-membership.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted, reachable_roles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each owner role that an application role reaches, by inheritance or SET ROLE."""
    owners = {role.oid: role for role in project.owner_roles}
    for role in project.app_roles:
        if role.oid in owners:
            continue
        reached = {
            **reachable_roles(project.catalog, role.oid, "set"),
            **reachable_roles(project.catalog, role.oid, "inherit"),
        }
        for oid, membership in reached.items():
            if membership is None or oid not in owners:
                continue
            owner = owners[oid]
            direct = membership.member == role.oid
            how = (
                "is a member of"
                if direct
                else f"is, through `{project.role_name(membership.member)}`, a member of"
            )
            yield rule.finding(
                project,
                membership.because,
                f"`{role.name}` {how} `{owner.name}`, which owns what the application works on: it can give itself "
                "every right",
                object=role,
                detail=owner.name,
                fix=f"REVOKE {quoted(owner.name)} FROM {quoted(project.role_name(membership.member))};",
            )
