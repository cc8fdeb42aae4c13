"""
No index serves a foreign key.

## Why it matters
Deleting a row of the referenced table, or changing its key, looks for rows that refer to it: without an index it reads
the whole referring table, once for each row deleted, and holds locks meanwhile.

## When it is fine
Rows of the referenced table are never deleted, or the referring table is small.

## Instead
Create an index that begins with the key's columns.

## References
* https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each foreign key that no index begins with, in any order of its columns."""
    for table in project.governed_tables:
        for key in project.catalog.constraints(table.oid):
            if key.type != "f" or key.parent:
                continue
            width = len(key.columns)
            if any(
                {each.number for each in index.keys[:width]} == set(key.columns) and index.predicate is None
                for index in project.catalog.indexes(table.oid)
            ):
                continue
            name = project.name(table)
            columns = ", ".join(
                column.name for number in key.columns if (column := table.column_at(number)) is not None
            )
            keys = ", ".join(
                quoted(column.name)
                for number in key.columns
                if (column := table.column_at(number)) is not None
            )
            yield rule.finding(
                project,
                key.because,
                f"no index of `{name}` begins with `{columns}`: deleting a row that `{key.name}` refers to reads all "
                "of it",
                object=key,
                fix=f"CREATE INDEX ON {project.sql(table)} ({keys});",
            )
