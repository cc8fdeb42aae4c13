"""
A statement uses what the configured version of PostgreSQL does not have.

## Why it matters
The grammar here is that of a newer PostgreSQL: it reads what the server that the schema runs on will refuse.

## When it is fine
The server is newer than the config says: change `postgres`.

## Instead
Write it in the way of that version, or wait for the upgrade.

## References
* https://www.postgresql.org/docs/current/release.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, newer_features, statement_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each use of a feature, with the version that brought it."""
    version = project.policy.postgres
    for step in project.history.steps:
        for feature, since in newer_features(step.statement, version):
            yield rule.finding(
                project,
                step.statement.span,
                f"{feature} came with PostgreSQL {since}, and the schema runs on {version}: the server refuses this",
                object=statement_of(step.migration.name, step.statement.sql),
                detail=feature,
                because=[(project.policy.where("postgres"), f"postgres: {version}")],
            )
