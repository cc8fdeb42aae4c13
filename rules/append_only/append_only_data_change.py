"""
A migration changes rows of an append-only table.

## Why it matters
What was booked is not what is there any more, and the table's readers can't tell. A correction belongs into the table
as a row of its own.

## When it is fine
INSERT. A change that was agreed on says so in a suppression, with who agreed.

## Instead
Book a correcting entry.

## References
* Seed, phase 1.3: "Corrections must be made via new events"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import RowsChanged, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Step

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="append_only")

VERBS = {"update": "updates", "delete": "deletes", "truncate": "truncates away"}


@rule.on(RowsChanged)
def check(project: Project, step: Step, event: RowsChanged) -> Iterator[Finding]:
    """Report each UPDATE, DELETE and TRUNCATE of the history."""
    verb = VERBS.get(event.command)
    for each in project.append_only_tables:
        if verb and each.table.oid == event.relation:
            yield rule.finding(
                project,
                event.because,
                f"this migration {verb} rows of the append-only `{project.name(each.table)}`",
                object=each.table,
                detail=(step.migration.name, event.command),
            )
