"""
What the mapping itself says of a column is not so.

## Why it matters
The mapping is read by people who write services. It says which type, which CHECK and which foreign key they can count
on; where a migration has changed that, they count on what is not there.

## When it is fine
Prose that is not `NOT NULL`, `CHECK (…)`, `UNIQUE (…)`, a type or `table.column` is left alone.

## Instead
Write down what the migrations leave, or change that.

## References
* Seed, phase 3.3: "FK enforced via channel_taxonomy.code"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, outdated_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each statement that the replayed column contradicts, at the mapping's line."""
    for found in outdated_statements(project):
        yield rule.finding(
            project,
            found.at,
            f"the mapping says `{found.said}` of `{project.name(found.relation, found.column)}`, {found.what}",
            object=found.relation,
            column=found.column,
            detail=found.detail,
            because=found.because,
        )
