"""
The revision graph can't be followed: an unknown or duplicate revision, a cycle, an unknown label.

## Why it matters
Alembic stops before the first migration, or takes one of two files of the same revision and never runs the other. What
is said of the rest of the history may not be what runs.

## When it is fine
Never.

## Instead
Mend the `revision` or `down_revision` that is named.

## References
* https://alembic.sqlalchemy.org/en/latest/branches.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report what reading the revisions found."""
    yield from rule.relayed(project)
