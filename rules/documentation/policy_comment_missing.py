"""
A policy has no comment.

## Why it matters
A policy's expression says what it compares, not whom it protects from what. The comment is where a reviewer learns
whether the expression is what was meant.

## When it is fine
Policies that say it all by their names, under an agreed scheme: turn the rule off.

## Instead
Comment on the policy.

## References
* https://www.postgresql.org/docs/current/sql-comment.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each policy of a governed table without a comment."""
    for table in project.governed_tables:
        for policy in project.policies(table):
            if project.catalog.comment(policy.oid) is None:
                yield rule.finding(
                    project,
                    policy.because,
                    f"the policy `{policy.name}` of `{project.name(table)}` has no comment",
                    object=policy,
                    fix=f"COMMENT ON POLICY {quoted(policy.name)} ON {project.sql(table)} IS '…';",
                )
