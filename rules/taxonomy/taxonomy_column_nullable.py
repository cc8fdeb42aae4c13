"""
A column of codes may be NULL.

## Why it matters
Rows without a code fall out of every report that joins the taxonomy, and their amounts with them: totals differ
between reports, and no constraint is to blame.

## When it is fine
"None" is a fact here: exempt the column, or seed a code that means it.

## Instead
Set the column NOT NULL.

## References
* Seed, phase 3.3: "channel_code text NOT NULL"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="taxonomies")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each governed column of codes that accepts NULL."""
    for table, column, taxonomy in project.taxonomy_columns:
        if (table.is_partition and table.parents) or project.is_not_null(column):
            continue
        if project.not_null_check(table, column) is not None:
            continue
        yield rule.finding(
            project,
            column.not_null_because or column.because,
            f"`{project.name(table, column)}` may be NULL: such rows are lost where `{taxonomy.table}` is joined",
            object=table,
            column=column,
            fix=f"ALTER TABLE {project.sql(table)} ALTER COLUMN {quoted(column.name)} SET NOT NULL;",
        )
