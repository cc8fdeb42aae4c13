"""
The name of a boolean column does not read as a question.

## Why it matters
`active` may be a flag, a time or a count; `is_active` is true or false, in every query it stands in.

## When it is fine
The name matches a pattern of `naming.boolean`.

## Instead
Begin the name with is_, has_ or can_.

## References
* Seed, phase 3.2: `is_paid`, `is_active`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, matches_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0")

USUAL = ("is_*", "has_*", "can_*")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each boolean column that no pattern matches."""
    patterns = project.policy.naming.boolean or USUAL
    for table in project.governed_tables:
        for column in table.columns:
            if column.parents or not project.is_type(column.type, "boolean"):
                continue
            if any(matches_name(pattern, column.name) for pattern in patterns):
                continue
            yield rule.finding(
                project,
                column.because,
                f"the boolean `{project.name(table, column)}` does not read as a question, as "
                f"{' or '.join(f'`{pattern}`' for pattern in patterns)} would",
                object=table,
                column=column,
            )
