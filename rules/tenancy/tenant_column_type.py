"""
The tenant column of a table has another type than the tenants' key.

## Why it matters
A policy that casts the setting to the agreed type fails, or compares text with text; a foreign key to the table of
tenants can't be made; joins over the column go without an index.

## When it is fine
The type is a domain over the agreed one.

## Instead
Change the column to the type that `tenancy.type` names.

## References
* Seed, phase 2.1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Column, Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="tenancy")

TEXTS = ("text", "varchar", "char")
INTEGERS = ("smallint", "integer", "bigint")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each tenant column whose type, seen through domains, is not the agreed one."""
    tenants = project.tenants
    if tenants is None:
        return
    wanted = tenants.setting.type
    for table in tenants.tables:
        column = tenants.column(table)
        if column is None or project.is_type(column.type, wanted):
            continue
        name = project.name(table, column)
        found = project.type_name(column.type)
        yield rule.finding(
            project,
            column.type_because or column.because,
            f"`{name}` is `{found}`, not `{wanted}`: it can't be compared with the tenants' key without a cast",
            object=table,
            column=column,
            fix=f"ALTER TABLE {project.sql(table)} ALTER COLUMN {quoted(column.name)} TYPE {wanted} "
            f"USING {quoted(column.name)}::{wanted};"
            if not project.is_used_elsewhere(table, column) and _can_be_cast(project, column, wanted)
            else "",
        )


def _can_be_cast(project: Project, column: Column, wanted: str) -> bool:
    """Whether the server has a cast: from and to text, and between integers."""
    if wanted in TEXTS or any(project.is_type(column.type, name) for name in TEXTS):
        return True
    return wanted in INTEGERS and any(project.is_type(column.type, name) for name in INTEGERS)
