"""
The tenant column of a table has no foreign key to the table of tenants.

## Why it matters
Rows of tenants that never existed, or exist no more, can be written and stay: nothing owns them, no policy shows them,
and no report counts them.

## When it is fine
A composite foreign key that includes the tenant column and reaches the table of tenants, straight or through other
tenant tables' tenant columns, does the same.

## Instead
Add a foreign key from the tenant column to the tenants' key.

## References
* Seed, phase 2.1: "All multi-tenant tables have tenant_id FK"
* https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="tenancy")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each tenant table whose tenant column reaches the tenants' key by no chain of foreign keys."""
    tenants = project.tenants
    if tenants is None or tenants.table is None:
        return
    for table in tenants.tables:
        column = tenants.column(table)
        if column is None or table.oid == tenants.table.oid or tenants.reaches_tenants(table, column.number):
            continue
        setting, name = tenants.setting, project.name(table)
        yield rule.finding(
            project,
            column.because if column.local else table.because,
            f"`{name}.{column.name}` has no foreign key to `{project.name(tenants.table)}`: "
            "rows of tenants that do not exist can be written",
            object=table,
            because=[(tenants.table.because, "the table of tenants")],
            fix=f"ALTER TABLE {project.sql(table)} ADD FOREIGN KEY ({quoted(column.name)}) "
            f"REFERENCES {project.sql(tenants.table)} ({quoted(setting.key)});",
        )
