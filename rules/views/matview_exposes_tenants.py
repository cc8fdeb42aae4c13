"""
A materialized view holds the rows of several tenants, and the application can read it.

## Why it matters
A materialized view is a copy. Row security can't be enabled on it, and the policies of the tables that it was made from
are not asked when it is read: whoever has SELECT sees every tenant's rows.

## When it is fine
No role of the application can read it. Where it is read only through a view that compares the tenant with the setting,
and nobody has SELECT on the materialized view itself, it is a warning.

## Instead
Grant SELECT on a view that filters by the tenant, and none on the materialized view.

## References
* Seed, phase 2.5
* https://www.postgresql.org/docs/current/rules-materializedviews.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, can, revocation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Proof, Table, View

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="tenancy")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such materialized view, with everybody who can read it."""
    for view in project.governed_views:
        if view.kind != "m":
            continue
        tables = [table for table in project.tables_under(view) if project.is_tenant_table(table.oid)]
        if not tables:
            continue
        proofs = [
            proof
            for role in project.app_roles
            if (proof := can(project.catalog, role.oid, "SELECT", view.oid))
        ]
        if proofs:
            yield _exposed(
                project,
                view,
                tables,
                proofs,
            )
            continue
        through = project.readable_views_over(view)
        if through:
            filtered = all(project.filters_by_tenant(reader) for reader in through)
            names = ", ".join(f"`{project.name(reader)}`" for reader in through)
            how = "which compares the tenant" if filtered else "which does not compare the tenant"
            yield rule.finding(
                project,
                view.because,
                f"`{project.name(view)}` holds the rows of every tenant of {_names(project, tables)}; the application "
                f"reads it through {names}, {how}",
                object=view,
                severity=Severity.WARNING if filtered else None,
                because=[(reader.because, "is read by the application") for reader in through],
            )


def _exposed(
    project: Project,
    view: View,
    tables: list[Table],
    proofs: list[Proof],
) -> Finding:
    name = project.name(view)
    roles = [project.role_name(proof.role) for proof in proofs]
    who = ", ".join(f"`{role}`" for role in roles)
    return rule.finding(
        project,
        view.because,
        f"`{name}` holds the rows of every tenant of {_names(project, tables)}, and {who} can SELECT from it: row "
        "security can't protect a materialized view",
        object=view,
        because=[(proof.because, proof.sentence()) for proof in proofs],
        exposures=[(f"{project.role_name(proof.role)}:SELECT", proof.because) for proof in proofs],
        fix=revocation(project.catalog, *proofs),
    )


def _names(project: Project, tables: list[Table]) -> str:
    return ", ".join(f"`{project.name(table)}`" for table in tables)
