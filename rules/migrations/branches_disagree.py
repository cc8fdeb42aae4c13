"""
Unmerged branches leave another schema when they run in another order.

## Why it matters
Where a history ends in several heads, each database runs the branches in the order in which it got them. If both write
the same fact, or one needs what the other makes, databases that are "up to date" are not alike. To see it, the history
is replayed a second time with the branches the other way round: this finds what depends on the order also through a
third object, and is quiet where both branches write the same.

## When it is fine
Never for long: the branches were written apart, and nobody has said which of them is right.

## Instead
Merge the heads, and let the merge revision, or one after it, say what holds. Where one branch needs the other, say so:
`depends_on` in Alembic, `dependencies` in Django.

## References
* https://alembic.sqlalchemy.org/en/latest/branches.html
* https://docs.djangoproject.com/en/stable/topics/migrations/#version-control
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
    """Report what replaying the branches in another order found."""
    yield from rule.relayed(project)
