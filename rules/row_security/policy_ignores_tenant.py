"""
A permissive policy does not bind the tenant column to the current tenant.

## Why it matters
Permissive policies are joined with OR: one that lets other rows through voids all the others. It is enough that one
branch of an OR does not compare the tenant, or that only USING does and WITH CHECK does not: then a row can be written
for another tenant, or moved to it.

## When it is fine
The policy is RESTRICTIVE, or is not for a role of the application, or a RESTRICTIVE policy for the same roles and
commands compares the tenant. A table whose policies bind another column
(a user's own rows) is named under `tenancy.scopes`. The comparison may stand on either side, behind casts, `nullif`,
`coalesce`, a sub-select, or in a helper function that the history defines.

## Instead
Compare the tenant column with the setting in every branch, in USING and in WITH CHECK.

## References
* Seed, phase 3.1: "All policies use current_setting('app.current_tenant_id')::uuid"
* https://www.postgresql.org/docs/current/sql-createpolicy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Policy, Project, Table

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="tenancy")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each permissive policy for the application that lets rows of other tenants through."""
    for table in project.tenant_tables:
        column = project.scoped_column(table)
        if column is None:
            continue
        for policy in project.policies(table):
            if not policy.permissive or not project.concerns_app(policy):
                continue
            open_clauses = [
                clause
                for clause, expression in project.clauses(policy)
                if not project.binds_tenant(table, expression)
                and not project.narrowed_to_tenant(table, policy, clause)
            ]
            if open_clauses:
                yield _finding(project, table, policy, column.name, open_clauses)


def _finding(project: Project, table: Table, policy: Policy, column: str, clauses: list[str]) -> Finding:
    name = project.name(table)
    setting = project.scope_setting(table) or "the current tenant"
    consequence = (
        "shows rows of other tenants" if "USING" in clauses else "lets rows be written for other tenants"
    )
    others = [other for other in project.policies(table) if other.permissive and other.oid != policy.oid]
    at = policy.using_because if clauses[0] == "USING" else policy.check_because
    value = f"nullif(current_setting('{setting}', true), '')::{project.tenancy_type}"
    return rule.finding(
        project,
        at or policy.because,
        f"the policy `{policy.name}` of `{name}` {consequence}: its {' and '.join(clauses)} "
        f"{'does' if len(clauses) == 1 else 'do'} not compare `{column}` with `{setting}` in every branch",
        object=policy,
        because=[
            (other.because, "is joined to it with OR, and can't take back what it lets through")
            for other in others[:2]
        ],
        fix=f"ALTER POLICY {quoted(policy.name)} ON {project.sql(table)} "
        + " ".join(f"{clause} ({quoted(column)} = {value})" for clause in clauses)
        + ";",
    )
