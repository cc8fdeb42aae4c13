"""
A row of a ledger may refer to nothing that it came from.

## Why it matters
An amount that can't be traced to an allocation, an event or a run can't be explained to an auditor, nor corrected.

## When it is fine
One of the columns of `traceable_by` is NOT NULL, or a validated CHECK demands that at least one of them is set.

## Instead
Set the column NOT NULL, or add a CHECK over the alternatives.

## References
* Seed, phase 2.4, options A and B
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="append_only")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each listed table whose rows may lack every one of the columns."""
    for each in project.append_only_tables:
        names = each.demands.traceable_by
        if not names or each.is_part:
            continue
        columns = [column for name in names if (column := each.table.column(name)) is not None]
        if any(project.is_not_null(column) for column in columns) or project.one_of_check(
            each.table, columns
        ):
            continue
        name = project.name(each.table)
        known = " nor ".join(f"`{column.name}`" for column in columns)
        missing = ", ".join(f"`{other}`" for other in names if each.table.column(other) is None)
        what = (
            f"a row of `{name}` needs neither {known}"
            if len(columns) > 1
            else f"a row of `{name}` does not need {known}"
        )
        if not columns:
            what = f"`{name}` has no column {missing}"
        fix = (
            f"ALTER TABLE {project.sql(each.table)} ALTER COLUMN {quoted(columns[0].name)} SET NOT NULL;"
            if columns
            else ""
        )
        if len(columns) > 1:
            condition = " OR ".join(f"{quoted(column.name)} IS NOT NULL" for column in columns)
            constraint = quoted(f"ck_{each.table.name}_traceability")
            fix = f"ALTER TABLE {project.sql(each.table)} ADD CONSTRAINT {constraint} CHECK ({condition});"
        first = columns[0] if columns else None
        yield rule.finding(
            project,
            (first.not_null_because or first.because) if first is not None else each.table.because,
            f"{what}: it can't be traced to what it came from",
            object=each.table,
            because=[(project.policy.where("append_only", each.pattern), "traceable_by, in the config")],
            fix=fix,
        )
