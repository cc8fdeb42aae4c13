"""
A role of the application is not bound by row security.

## Why it matters
A superuser and a role with BYPASSRLS see and change every tenant's rows, forced row security or not. The attributes are
not inherited, but a member can SET ROLE to a role that has them.

## When it is fine
Never for a role that the application connects as. A role for backups or support is not one of the application's.

## Instead
Take the attribute away, or the membership.

## References
* https://www.postgresql.org/docs/current/role-attributes.html
* https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Role, Rule, Severity, quoted, reachable_roles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each role of the application that bypasses row security, itself or through SET ROLE."""
    for role in project.app_roles:
        if word := _attribute(role):
            yield rule.finding(
                project,
                role.attributes_because or role.because,
                f"`{role.name}` is {word}: row security does not bind it on any table",
                object=role,
                fix=f"ALTER ROLE {quoted(role.name)} NO{word};",
            )
            continue
        for oid, membership in reachable_roles(project.catalog, role.oid, "set").items():
            group = project.catalog.get(oid, Role)
            if membership is None or not (word := _attribute(group)):
                continue
            yield rule.finding(
                project,
                membership.because,
                f"`{role.name}` can SET ROLE to `{group.name}`, which is {word}: row security does not bind it then",
                object=role,
                detail=group.name,
                because=[(group.attributes_because or group.because, f"`{group.name}` is {word}")],
                fix=f"REVOKE {quoted(group.name)} FROM {quoted(project.role_name(membership.member))};",
            )


def _attribute(role: Role) -> str:
    return "SUPERUSER" if role.superuser else "BYPASSRLS" if role.bypassrls else ""
