"""
The name of a foreign key's column does not tell what it refers to.

## Why it matters
A reader joins by name: `owner` may be a user, an account or text, `owner_id` is a reference.

## When it is fine
The name ends in the name of the column that it refers to (`channel_code` to `code`), or is that name.

## Instead
End the name in that of the referenced column.

## References
* Seed, phase 3.3: "Rename to channel_code for clarity … makes FK relationship explicit"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each single-column foreign key whose column does not end in the referenced column's name."""
    for table in project.governed_tables:
        for key in project.catalog.constraints(table.oid):
            if key.type != "f" or len(key.columns) != 1 or key.parent:
                continue
            target = project.catalog.get(key.ref_table, Table)
            column, referenced = table.column_at(key.columns[0]), target.column_at(key.ref_columns[0])
            if column is None or referenced is None:
                continue
            if column.name == referenced.name or column.name.endswith(f"_{referenced.name}"):
                continue
            yield rule.finding(
                project,
                column.because,
                f"`{project.name(table, column)}` refers to `{project.name(target, referenced)}`, but its name does "
                f"not end in `_{referenced.name}`",
                object=table,
                column=column,
                because=[(key.because, "the foreign key")],
            )
