"""
A CHECK refuses the negative entries by which a ledger is corrected.

## Why it matters
Where corrections are additive, a wrong entry is offset by a negative one. A CHECK (amount >= 0) refuses it: the only
way left to correct is to change what was booked, which the ledger forbids, too.

## When it is fine
Corrections have a table or a column of their own (a sign, a kind of entry): exempt the column and say so.

## Instead
Drop the CHECK, or let it depend on the kind of entry.

## References
* Seed, phase 2.1: `CHECK (revenue_cents >= 0)` against "Use negative revenue_cents to offset incorrect entries"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs=("money", "append_only"))


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such CHECK once, at the table that the config lists."""
    for table, column in project.money_columns:
        if not project.corrects_by_adding(table) or (table.is_partition and table.parents):
            continue
        constraint = project.nonnegative_check(table, column)
        if constraint is None:
            continue
        name = project.name(table)
        yield rule.finding(
            project,
            constraint.because,
            f"`{constraint.name}` refuses negative `{column.name}`, so the offsetting entry that corrects `{name}` "
            "can't be booked",
            object=constraint,
            because=[(project.additive_because(table), "corrections are additive, by the config")],
            fix=f"ALTER TABLE {project.sql(table)} DROP CONSTRAINT {quoted(constraint.name)};"
            if constraint.table
            else "",
        )
