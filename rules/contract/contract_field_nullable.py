"""
A field that the contract requires is held by a column that may be NULL.

## Why it matters
The contract promises the field in every answer. A row without it breaks the client that trusted the promise, or makes
the service invent a value.

## When it is fine
The contract allows null, or does not require the field; or only requests have it, and no answer; or the mapping lists
the column among the exceptions of `nullability.required` (soft delete, audit).

## Instead
Set the column NOT NULL, or change the contract.

## References
* Seed, phase 2.1: "All required fields map to NOT NULL"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, contract_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such column once a field, at the statement that made it so."""
    for field in contract_fields(project):
        table = project.table_named(field.table)
        column = table.column(field.column) if table is not None else None
        if (
            table is None
            or column is None
            or not field.required
            or field.nullable
            or field.excepted
            or field.request_only
        ):
            continue
        if project.is_not_null(column) or project.not_null_check(table, column) is not None:
            continue
        yield rule.finding(
            project,
            column.not_null_because or column.because,
            f"`{project.name(table, column)}` may be NULL, but holds `{field.field}`, which the contract requires",
            object=table,
            column=column,
            detail=field.field,
            because=[(field.in_contract, "required here"), (field.in_mapping, "mapped here")],
            fix=f"ALTER TABLE {project.name(table)} ALTER COLUMN {column.name} SET NOT NULL;",
        )
