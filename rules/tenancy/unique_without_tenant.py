"""
A unique constraint or index on a tenant table leaves the tenant out.

## Why it matters
One tenant's value keeps every other tenant from using it, and the error tells that somebody has it: uniqueness is
checked past row security.

## When it is fine
The primary key, and a single uuid column with a random default: their values say nothing about anybody.

## Instead
Put the tenant column into the key.

## References
* https://www.postgresql.org/docs/current/ddl-rowsecurity.html ("covert channel")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Index, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="tenancy")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each unique index of a tenant table that does not cover the tenant column."""
    tenants = project.tenants
    if tenants is None:
        return
    for table in tenants.tables:
        column = tenants.column(table)
        if column is None or (tenants.table is not None and table.oid == tenants.table.oid):
            continue
        for index in project.catalog.indexes(table.oid):
            if not index.unique or index.primary or index.parent or column.number in _columns(index):
                continue
            if _is_random(project, table, index):
                continue
            what = "constraint" if index.constraint else "index"
            yield rule.finding(
                project,
                index.because,
                f"the unique {what} `{index.name}` of `{project.name(table)}` does not cover `{column.name}`: "
                "one tenant's value is refused to all others, and the error tells that it exists",
                object=index,
            )


def _columns(index: Index) -> set[int]:
    return {key.number for key in index.keys}


def _is_random(project: Project, table: Table, index: Index) -> bool:
    """Whether the index covers one uuid column that the server fills at random."""
    column = table.column_at(index.keys[0].number) if len(index.keys) == 1 else None
    return column is not None and project.is_type(column.type, "uuid") and project.is_random_default(column)
