"""
A foreign key between two tenant tables leaves the tenant out.

## Why it matters
Foreign keys are checked past row security: a row of one tenant may refer to a row of another, and whether the insert
succeeds tells that the other's row exists. Policies protect what is read, not what is referred to.

## When it is fine
The key has the tenant column on both sides, or the tables are one tenant's by construction; exempt it then.

## Instead
Refer by the tenant and the key together, to a unique constraint over both.

## References
* https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="tenancy")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such key once: on the table that declares it, not on its partitions."""
    tenants = project.tenants
    if tenants is None:
        return
    for table in tenants.tables:
        column = tenants.column(table)
        for key in project.catalog.constraints(table.oid):
            if key.type != "f" or column is None or key.parent or not project.is_tenant_table(key.ref_table):
                continue
            target = project.catalog.get(key.ref_table, Table)
            target_column = tenants.column(target)
            is_root = tenants.table is not None and target.oid == tenants.table.oid
            if target_column is None or is_root:
                continue
            if (column.number, target_column.number) in zip(key.columns, key.ref_columns, strict=True):
                continue
            name, target_name = project.name(table), project.name(target)
            yield rule.finding(
                project,
                key.because,
                f"the foreign key `{key.name}` lets a row of one tenant in `{name}` refer to another tenant's row in "
                f"`{target_name}`: it does not compare `{column.name}`",
                object=key,
                because=[(target.because, "the table referred to")],
            )
