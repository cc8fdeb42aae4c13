"""
The codes of a taxonomy are listed in a CHECK, an enum or a domain.

## Why it matters
There are two lists then. A code that is added to the taxonomy is refused until a migration changes the list, and one
that is retired there is accepted here.

## When it is fine
The list is of another column, or of the taxonomy itself.

## Instead
Drop the list and let a foreign key hold the column to the taxonomy.

## References
* Seed, phase 3.3: "Replace CHECK constraint with FOREIGN KEY constraint"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, Type, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Column, Finding, Project, Table

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="taxonomies")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each list that holds a governed column, at the list."""
    for table, column, taxonomy in project.taxonomy_columns:
        if table.is_partition and table.parents:
            continue
        yield from _enum(project, table, column, taxonomy.table)
        for constraint, values in project.listed_values(table, column):
            if len(values) < 2:
                continue
            where = "the CHECK" if constraint.table else "the domain's CHECK"
            yield rule.finding(
                project,
                constraint.because,
                f"{where} `{constraint.name}` holds `{project.name(table, column)}` to {len(values)} codes of its own "
                f"beside `{taxonomy.table}`",
                object=constraint,
                fix=f"ALTER TABLE {project.sql(table)} DROP CONSTRAINT {quoted(constraint.name)};"
                if constraint.table
                else "",
            )


def _enum(project: Project, table: Table, column: Column, taxonomy: str) -> Iterator[Finding]:
    kind = project.catalog.objects.get(column.type.oid)
    if isinstance(kind, Type) and kind.kind == "e":
        yield rule.finding(
            project,
            column.type_because or column.because,
            f"the enum `{project.name(kind)}` holds `{project.name(table, column)}` to {len(kind.labels)} codes "
            f"of its own beside `{taxonomy}`",
            object=table,
            column=column,
            because=[(kind.because, "the list")],
        )
