"""
A migration destroys data that was there before it.

## Why it matters
What a DROP, a TRUNCATE or a narrower type takes away is gone at commit. A down program brings the column back, not what
was in it.

## When it is fine
The object was made by the same migration file, or (where a change is compared with its base) by another migration of
the same change, so no row was in it. Or the loss was agreed on:
`-- schemaguard: approve: reason`.

## Instead
Stop reading and writing it, release, and drop it in a later change that says who agreed.

## References
* https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Dropped, RowsChanged, Rule, Schema, Severity, Table, TypeChanged, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Step

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.on(Dropped)
def check_drop(project: Project, step: Step, event: Dropped) -> Iterator[Finding]:
    """Report each dropped table, materialized view, column and schema that an earlier migration made."""
    record = event.record
    is_matview = isinstance(record, View) and record.kind == "m"
    if not isinstance(record, (Table, Schema)) and not is_matview:
        return
    if event.cascade and event.sub == 0 and isinstance(record, Table) and record.is_partition:
        return  # its partitioned table is reported
    if not project.held_data_before(event.born, step):
        return
    what = "and all rows in it" if not event.sub else "and what it holds"
    if isinstance(record, Schema):
        what = "and what is in it"
    elif is_matview:
        return  # it can be made again from its tables
    along = " goes along by CASCADE:" if event.cascade else " is dropped,"
    yield rule.finding(
        project,
        event.because,
        f"{event.name}{along} {what}" if not event.cascade else f"{event.name}{along} it is lost, {what}",
        object=event.name,
        because=[(event.born, "made here")],
    )


@rule.on(TypeChanged)
def check_type(project: Project, step: Step, event: TypeChanged) -> Iterator[Finding]:
    """Report each change to a type that can't hold all values of the old one."""
    if not event.narrowing or not project.held_data_before(event.born, step):
        return
    yield rule.finding(
        project,
        event.because,
        f"`{event.name}` changes from `{event.old}` to `{event.new}`, which can't hold all its values",
        object=f"column {event.name}",
        detail=step.migration.name,
        because=[(event.born, "the column was made here")],
    )


@rule.on(RowsChanged)
def check_truncate(project: Project, step: Step, event: RowsChanged) -> Iterator[Finding]:
    """Report each TRUNCATE of a table that an earlier migration made."""
    table = project.catalog.objects.get(event.relation)
    if event.command != "truncate" or not isinstance(table, Table) or project.is_append_only(table.oid):
        return
    if not project.held_data_before(table.because, step):
        return
    yield rule.finding(
        project,
        event.because,
        f"`{project.name(table)}` is truncated: all rows in it are lost",
        object=table,
        detail=step.migration.name,
        because=[(table.because, "made here")],
    )
