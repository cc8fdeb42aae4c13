"""
A field that the contract requires is held by a column that may be NULL.

## Why it matters
The contract promises the field in every answer. A row without it breaks the client that trusted the promise, or makes
the service invent a value. A column of a view may be NULL where its table's is, behind an outer join, as an aggregate
over no rows, or in a CASE without ELSE.

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

from schemaguard.api import Rule, Severity, nullable_columns, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such column once, at the statement that made it so."""
    for found in nullable_columns(project):
        name = project.name(found.relation, found.column)
        fields = ", ".join(dict.fromkeys(f"`{each.field.name}`" for each in found.fields))
        is_table = found.relation.kind in "rp"
        message = f"`{name}` may be NULL, but holds {fields}, which the contract requires"
        if found.why:
            message = f"{message}: {found.why}"
        yield rule.finding(
            project,
            found.at,
            message,
            object=found.relation,
            column=found.column,
            because=found.because,
            help=None if is_table else "Give it a value with coalesce or ELSE, or change the contract.",
            fix=f"ALTER TABLE {project.sql(found.relation)} ALTER COLUMN {quoted(found.column.name)} SET NOT NULL;"
            if is_table
            else "",
            exposures=[(each.field.address, each.field.place) for each in found.fields],
        )
