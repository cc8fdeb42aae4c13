"""
A tenant table has no tenant column.

## Why it matters
Without the column no policy can tell whose a row is: row security has nothing to compare with the current tenant, and
every query over the table reads all tenants' rows.

## When it is fine
The table belongs to nobody (reference data, a migration tool's own state): list it under `tenancy.shared`. A partition
or inheritance child is quiet where its parent has the column.

## Instead
Add the column, NOT NULL, with a foreign key to the table of tenants.

## References
* Seed, phase 2.1: "All multi-tenant tables have tenant_id FK"
* https://www.postgresql.org/docs/current/ddl-rowsecurity.html
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
    """Report each tenant table without the column, but not once more for each of its partitions."""
    tenants = project.tenants
    if tenants is None:
        return
    setting = tenants.setting
    missing = {table.oid for table in tenants.tables if tenants.column(table) is None}
    for table in tenants.tables:
        if table.oid not in missing or missing.intersection(table.parents):
            continue
        name, references = project.name(table), ""
        if tenants.table is not None:
            references = f"\n    REFERENCES {project.sql(tenants.table)} ({quoted(setting.key)})"
        yield rule.finding(
            project,
            table.because,
            f"`{name}` has no column `{setting.column}`: nothing tells whose its rows are, and no policy can",
            object=table,
            fix=f"ALTER TABLE {project.sql(table)} ADD COLUMN {quoted(setting.column)} {setting.type} NOT NULL"
            f"{references};",
        )
