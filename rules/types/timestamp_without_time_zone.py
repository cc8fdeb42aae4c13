"""
A column holds timestamps without time zone.

## Why it matters
The value is what a clock showed somewhere. Two servers, or one server before and after a change of its setting, mean
different instants by the same value, and differences are off by the hour twice a year.

## When it is fine
The column is a wall-clock time on purpose (an opening hour, an appointment in its place's own time): exempt it.

## Instead
Use timestamptz.

## References
* https://www.postgresql.org/docs/current/datatype-datetime.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such column of a governed table."""
    for table in project.governed_tables:
        for column in table.columns:
            if column.parents or not project.is_type(column.type, "timestamp without time zone"):
                continue
            yield rule.finding(
                project,
                column.type_because or column.because,
                f"`{project.name(table, column)}` is a timestamp without time zone: which instant it means depends on "
                "who reads it",
                object=table,
                column=column,
                fix=f"ALTER TABLE {project.sql(table)} ALTER COLUMN {quoted(column.name)} TYPE timestamptz "
                f"USING {quoted(column.name)} AT TIME ZONE 'UTC';"
                if not project.is_used_elsewhere(table, column)
                else "",
            )
