"""
The name of an integer money column does not tell its unit.

## Why it matters
`total = 1250` is twelve and a half or twelve hundred and fifty, and two readers of the column will disagree.

## When it is fine
The name ends in the unit that `money.unit` agrees on.

## Instead
Rename the column so that it ends in the unit.

## References
* Seed, phase 2.1: "revenue_cents INTEGER"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="money")

INTEGERS = ("integer", "bigint", "smallint")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each integer money column without the agreed ending."""
    unit = project.money.unit
    if unit is None:
        return
    for table, column in project.money_columns:
        is_integer = any(project.is_type(column.type, name) for name in INTEGERS)
        if column.name.endswith(unit) or not is_integer:
            continue
        new = quoted(column.name + unit)
        yield rule.finding(
            project,
            column.because,
            f"`{project.name(table, column)}` does not tell its unit: the name does not end in `{unit}`",
            object=table,
            column=column,
            fix=f"ALTER TABLE {project.sql(table)} RENAME COLUMN {quoted(column.name)} TO {new};",
        )
