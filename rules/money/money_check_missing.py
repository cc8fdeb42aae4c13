"""
Nothing refuses negative amounts in a money column.

## Why it matters
The agreement says that amounts are not negative. Without a CHECK a sign error in one service is booked as income of
another.

## When it is fine
A CHECK of the table, or of the column's domain, refuses negative values; or the table's corrections are additive, and
offsetting entries are negative.

## Instead
Add a CHECK that the amount is at least zero.

## References
* Seed, phase 2.1: "revenue_cents INTEGER NOT NULL CHECK (revenue_cents >= 0)"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="money")

NUMBERS = ("integer", "bigint", "smallint", "numeric", "real", "double precision", "money")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each amount that may be negative against the agreement."""
    if not project.money.nonnegative:
        return
    for table, column in project.money_columns:
        is_part = bool(table.parents)
        if is_part or column.generated or project.corrects_by_adding(table):
            continue
        if not any(project.is_type(column.type, name) for name in NUMBERS):
            continue
        if project.nonnegative_check(table, column) is not None:
            continue
        name = project.name(table)
        yield rule.finding(
            project,
            column.because,
            f"`{name}.{column.name}` accepts negative amounts: no CHECK refuses them",
            object=table,
            column=column,
            fix=f"ALTER TABLE {project.sql(table)} ADD CHECK ({quoted(column.name)} >= 0);",
        )
