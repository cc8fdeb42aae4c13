"""
A column of codes has no foreign key to its taxonomy.

## Why it matters
Any text gets in: a misspelt code is a channel of its own in every report, and a code that was retired lives on.

## When it is fine
The column has a validated foreign key to the taxonomy's key, alone or as part of a composite one.

## Instead
Add a foreign key to the taxonomy.

## References
* Seed, phase 3.3: "FOREIGN KEY (channel_code) REFERENCES channel_taxonomy(code)"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Column, Constraint, Finding, Project, Table

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="taxonomies")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each governed column of codes without a valid key to its taxonomy."""
    for table, column, taxonomy in project.taxonomy_columns:
        if table.is_partition and table.parents:
            continue
        target = project.table_named(taxonomy.table)
        keys = [
            key
            for key in project.catalog.constraints(table.oid)
            if key.type == "f"
            and column.number in key.columns
            and target is not None
            and key.ref_table == target.oid
            and project.is_column(target, key.ref_columns[key.columns.index(column.number)], taxonomy.key)
        ]
        if any(key.validated for key in keys):
            continue
        name = project.name(table)
        wanted = f"`{taxonomy.table}` (`{taxonomy.key}`)"
        message = f"`{name}.{column.name}` has no foreign key to {wanted}: any text is taken for a code"
        if target is None:
            message = (
                f"`{name}.{column.name}` can't refer to {wanted}, which does not exist: any text is taken"
            )
        if keys:
            message = f"the foreign key `{keys[0].name}` of `{name}` is NOT VALID: old rows may hold any text"
        yield rule.finding(
            project,
            keys[0].because if keys else column.because,
            message,
            object=table,
            column=column,
            because=[(target.because, "the taxonomy")] if target is not None else (),
            fix=_fix(project, table, column, target, taxonomy.key, keys),
        )


def _fix(
    project: Project, table: Table, column: Column, target: Table | None, key: str, keys: list[Constraint]
) -> str:
    name = project.sql(table)
    if keys:
        return f"ALTER TABLE {name} VALIDATE CONSTRAINT {quoted(keys[0].name)};"
    if target is None:
        return ""
    reference = f"REFERENCES {project.sql(target)} ({quoted(key)})"
    return f"ALTER TABLE {name} ADD FOREIGN KEY ({quoted(column.name)}) {reference};"
