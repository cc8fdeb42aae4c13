"""
No index of a tenant table begins with the tenant column.

## Why it matters
Every query under row security has a condition on the tenant. Without an index that begins with it each of them reads
the whole table, all tenants' rows.

## When it is fine
A primary key or unique constraint that begins with the tenant column serves as well.

## Instead
Create an index that begins with the tenant column.

## References
* https://www.postgresql.org/docs/current/indexes-multicolumn.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="tenancy")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each tenant table without a usable index that leads with the tenant column."""
    tenants = project.tenants
    if tenants is None:
        return
    for table in tenants.tables:
        column = tenants.column(table)
        if column is None or (tenants.table is not None and table.oid == tenants.table.oid):
            continue
        leading = [
            index
            for index in project.catalog.indexes(table.oid)
            if index.keys
            and index.keys[0].number == column.number
            and index.predicate is None
            and index.valid
        ]
        if leading:
            continue
        name = project.name(table)
        yield rule.finding(
            project,
            column.because if column.local else table.because,
            f"no index of `{name}` begins with `{column.name}`: each query of one tenant reads the rows of all",
            object=table,
            fix=f"CREATE INDEX ON {project.sql(table)} ({quoted(column.name)});",
        )
