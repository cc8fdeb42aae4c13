"""
The guard trigger of an append-only table lets changes through.

## Why it matters
It looks guarded. A trigger for one event only, after the fact, under a condition, disabled, per statement, or with a
path that returns, lets an application role change what is booked.

## When it is fine
An enabled BEFORE row trigger always raises for every role of the application, for UPDATE and for DELETE; they may be
two triggers. Another role (the owner, for repairs) may be let through.

## Instead
Guard both events, without a condition, by a function that always raises for the application.

## References
* Seed, phase 1.4
* https://www.postgresql.org/docs/current/sql-createtrigger.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="append_only")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each guarded table with the events that get through, and why."""
    for each in project.append_only_tables:
        if each.demands.guard != "required":
            continue
        refusing = project.refusing_triggers(each.table)
        if not refusing:
            continue  # guard-trigger-missing says so
        gaps = {event: project.guard_gap(each.table, event) for event in ("update", "delete")}
        open_events = {event: gap for event, gap in gaps.items() if gap}
        if not open_events:
            continue
        name = project.name(each.table)
        events = " and ".join(event.upper() for event in open_events)
        why = "; ".join(dict.fromkeys(open_events.values()))
        trigger = refusing[0]
        yield rule.finding(
            project,
            trigger.enabled_because or trigger.because,
            f"the guard of `{name}` lets {events} through: {why}",
            object=each.table,
            because=[(other.because, f"`{other.name}`") for other in refusing[1:3]],
        )
