"""
The revision graph ends in more than one head.

## Why it matters
`alembic upgrade head` refuses to run, and `heads` runs the branches in an order that nobody chose. Two branches that
were written apart were never tried together.

## When it is fine
Branches with labels of their own that are meant to stay apart: exempt the rule for the project and say so.

## Instead
Merge the heads: `alembic merge heads`.

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
