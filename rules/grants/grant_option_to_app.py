"""
A role of the application may pass privileges on.

## Why it matters
WITH GRANT OPTION lets its holder grant the privilege to anybody; WITH ADMIN OPTION lets it make anybody a member. What
the application grants at run time stands in no migration, and REVOKE from the application leaves it unless it cascades.

## When it is fine
Never for a role that the application connects as.

## Instead
Revoke the option.

## References
* https://www.postgresql.org/docs/current/sql-grant.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, effective_acl, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each grant option on a relation, and each admin option on a role, of an application role."""
    roles = {role.oid: role for role in project.app_roles}
    for relation in (*project.governed_tables, *project.governed_views):
        for oid, role in roles.items():
            items = [
                item
                for item in (
                    *effective_acl(project.catalog, relation),
                    *(i for c in relation.columns for i in c.acl),
                )
                if item.grantee == oid and item.grantable and relation.owner != oid
            ]
            if not items:
                continue
            name = project.name(relation)
            held = ", ".join(dict.fromkeys(item.privilege for item in items))
            yield rule.finding(
                project,
                items[0].because,
                f"`{role.name}` may grant {held} on `{name}` to anybody",
                object=relation,
                detail=role.name,
                fix=f"REVOKE GRANT OPTION FOR {held} ON {project.sql(relation)} FROM {quoted(role.name)} CASCADE;",
            )
    for membership in project.catalog.memberships.values():
        if membership.admin and membership.member in roles:
            role, group = roles[membership.member], project.role_name(membership.role)
            yield rule.finding(
                project,
                membership.because,
                f"`{role.name}` may make anybody a member of `{group}`",
                object=role,
                detail=group,
                fix=f"REVOKE ADMIN OPTION FOR {quoted(group)} FROM {quoted(role.name)};",
            )
