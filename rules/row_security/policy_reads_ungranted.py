"""
A policy reads a table that its roles may not read.

## Why it matters
The sub-select runs with the rights of whoever runs the query: without SELECT on the other table every query over this
one fails with "permission denied".

## When it is fine
The role may read the other table through PUBLIC, a group it inherits from, or on the columns in question.

## Instead
Grant SELECT on the table that is read, or read it through a SECURITY DEFINER function.

## References
* https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Relation, Rule, Severity, can, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Policy, Project, Role, Table

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")

COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each policy, with the roles that it fails for."""
    for table in project.governed_tables:
        if not table.row_security:
            continue
        for policy in project.policies(table):
            for target in project.tables_read_by(policy):
                roles = [
                    role
                    for role in _roles(project, table, policy)
                    if not can(project.catalog, role.oid, "SELECT", target)
                ]
                if not roles:
                    continue
                other = project.catalog.get(target, Relation)
                names = ", ".join(f"`{role.name}`" for role in roles)
                yield rule.finding(
                    project,
                    policy.because,
                    f"the policy `{policy.name}` of `{project.name(table)}` reads `{project.name(other)}`, which "
                    f"{names} may not SELECT: their queries fail with permission denied",
                    object=policy,
                    detail=project.name(other),
                    because=[(other.because, "the table that is read")],
                    fix=f"GRANT SELECT ON {project.sql(other)} TO {', '.join(quoted(role.name) for role in roles)};",
                )


def _roles(project: Project, table: Table, policy: Policy) -> list[Role]:
    """The roles of the application that the policy applies to and that may use the table."""
    return [
        role
        for role in project.app_roles
        if project.applies_to(policy, role)
        and not (role.superuser or role.bypassrls)
        and any(can(project.catalog, role.oid, command, table.oid) for command in COMMANDS)
    ]
