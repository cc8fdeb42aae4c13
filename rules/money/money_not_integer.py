"""
A money column has a type that is not for money.

## Why it matters
Floats round: a sum of cents is off by a cent sooner or later, and nobody can say where. `money` depends on the server's
locale. `numeric` without a scale stores what the code of the day rounds to. Text does not add up at all.

## When it is fine
The type, seen through domains, is one of `money.types`. A column that only has a telling name and holds no amount (a
flag, a reference, a time) is not looked at.

## Instead
Store the smallest unit as an integer, and name the unit.

## References
* Seed, phase 2.1: "Revenue columns use INTEGER"
* https://www.postgresql.org/docs/current/datatype-money.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Column, Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="money")

NO_AMOUNTS = (
    "boolean", "uuid", "date", "timestamp without time zone", "timestamp with time zone", "interval", "json", "jsonb",
)  # fmt: skip
CONSEQUENCES = {
    "real": "its sums are off by a cent sooner or later",
    "double precision": "its sums are off by a cent sooner or later",
    "money": "its scale depends on the server's locale",
    "numeric": "what it rounds to is up to each writer",
}
NUMBERS = frozenset(("real", "double precision", "numeric"))
"""Types that `round` takes as they are."""


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each money column of another type."""
    types = project.money.types
    for table, column in project.money_columns:
        if any(project.is_type(column.type, wanted) for wanted in types) or _holds_no_amount(project, column):
            continue
        found = project.type_name(column.type)
        base = next((name for name in CONSEQUENCES if project.is_type(column.type, name)), "")
        consequence = CONSEQUENCES.get(base, "it does not add up")
        yield rule.finding(
            project,
            column.type_because or column.because,
            f"`{project.name(table, column)}` holds money as `{found}`: {consequence}",
            object=table,
            column=column,
            fix=f"ALTER TABLE {project.sql(table)} ALTER COLUMN {quoted(column.name)} TYPE {types[-1]} "
            f"USING {_converted(project, column, base)}::{types[-1]};"
            if not project.is_used_elsewhere(table, column)
            else "",
        )


def _converted(project: Project, column: Column, base: str) -> str:
    """The amount in the smallest coin; a column whose name says the unit holds that already."""
    name = quoted(column.name)
    value = name if base in NUMBERS else f"{name}::numeric"
    unit = project.money.unit
    return f"round({value})" if unit and column.name.endswith(unit) else f"round({value} * 100)"


def _holds_no_amount(project: Project, column: Column) -> bool:
    return any(project.is_type(column.type, name) for name in NO_AMOUNTS)
