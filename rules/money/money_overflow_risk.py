"""
A money column of type integer ends at 21,474,836.47.

## Why it matters
In cents a four-byte integer holds 21 million and a half. One yearly total, or one currency without small coins, is
enough; the insert fails on the day it matters.

## When it is fine
Single small amounts: turn the rule off, or exempt the column.

## Instead
Use bigint.

## References
* https://www.postgresql.org/docs/current/datatype-numeric.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0", needs="money")

SMALL = {"integer": "21,474,836.47", "smallint": "327.67"}


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each money column of a small integer type."""
    for table, column in project.money_columns:
        small = next((name for name in SMALL if project.is_type(column.type, name)), None)
        if small is None or table.parents:
            continue
        yield rule.finding(
            project,
            column.type_because or column.because,
            f"`{project.name(table, column)}` is `{small}`: in cents it ends at {SMALL[small]}",
            object=table,
            column=column,
            fix=f"ALTER TABLE {project.sql(table)} ALTER COLUMN {quoted(column.name)} TYPE bigint;"
            if not project.is_used_elsewhere(table, column)
            else "",
        )
