"""
The matrix gives PUBLIC nothing, and no REVOKE from PUBLIC says so.

## Why it matters
PostgreSQL gives PUBLIC nothing on a new table, so the REVOKE changes nothing. It is a statement of intent, which some
auditors want to see, and which undoes default privileges that somebody else set.

## When it is fine
Off by default: turn it on where the REVOKE itself is demanded.

## Instead
Write REVOKE ALL ON TABLE … FROM PUBLIC after CREATE TABLE.

## References
* Seed, phase 3.2: "PUBLIC revoked on all 5 tables (5 REVOKE statements)"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import PUBLIC, Revoked, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0", needs="privileges", default_on=False)


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each governed table whose row gives PUBLIC nothing and that no REVOKE named."""
    revoked = {
        event.object
        for step in project.history.steps
        for event in step.events
        if isinstance(event, Revoked) and event.grantee == PUBLIC and not event.default
    }
    for table in project.governed_tables:
        row = project.matrix_row(table)
        if row is None or "PUBLIC" not in row.roles or row.allowed("PUBLIC") or table.oid in revoked:
            continue
        name = project.name(table)
        yield rule.finding(
            project,
            table.because,
            f"no REVOKE takes `{name}` from PUBLIC, as the matrix has it",
            object=table,
            because=[(row.place_for("PUBLIC"), "PUBLIC: []")],
            fix=f"REVOKE ALL ON TABLE {project.sql(table)} FROM PUBLIC;",
        )
