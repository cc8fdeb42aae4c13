"""
The foreign key to the table of tenants is NOT VALID in the end.

## Why it matters
PostgreSQL checks new rows only: those that were there before may belong to tenants that do not exist.

## When it is fine
A later migration validates it; this rule looks at the end of the history.

## Instead
Validate the constraint once the old rows are mended.

## References
* https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-VALIDATE-CONSTRAINT
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
    """Report each foreign key of a tenant column to the table of tenants that is not validated."""
    tenants = project.tenants
    if tenants is None or tenants.table is None:
        return
    for table in tenants.tables:
        column = tenants.column(table)
        for constraint in project.catalog.constraints(table.oid):
            if (
                constraint.type == "f"
                and column is not None
                and constraint.columns == (column.number,)
                and constraint.ref_table == tenants.table.oid
                and not constraint.validated
            ):
                name = project.name(table)
                yield rule.finding(
                    project,
                    constraint.because,
                    f"the foreign key `{constraint.name}` of `{name}` is NOT VALID: rows that were there before it "
                    "may belong to tenants that do not exist",
                    object=constraint,
                    fix=f"ALTER TABLE {project.sql(table)} VALIDATE CONSTRAINT {quoted(constraint.name)};",
                )
