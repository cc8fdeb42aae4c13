"""
An append-only table has no trigger that refuses changes.

## Why it matters
Privileges are the first line; they do not bind the owner, and one GRANT too many undoes them. A trigger that raises is
the second: it stops a repair script, a console and a forgotten job, and says what to do instead.

## When it is fine
The config does not demand a guard (`guard: optional`). A trigger that refuses something, but not enough, is the
matter of
`guard-trigger-incomplete`.

## Instead
Create a BEFORE UPDATE OR DELETE row trigger whose function raises.

## References
* Seed, phases 1.4 and 2.6
* https://www.postgresql.org/docs/current/plpgsql-trigger.html
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
    """Report each table whose guard is demanded and not there."""
    for each in project.append_only_tables:
        if each.demands.guard != "required" or project.refusing_triggers(each.table):
            continue
        if each.table.is_partition and not project.refusing_triggers(each.root):
            continue  # a trigger of the whole is one of each partition
        name = project.name(each.table)
        yield rule.finding(
            project,
            each.table.because,
            f"no trigger of `{name}` refuses UPDATE or DELETE: nothing but privileges keeps what is booked there",
            object=each.table,
            because=[(project.policy.where("append_only", each.pattern), "guard: required")],
            fix=project.guard(each.table, "append_only", "BEFORE UPDATE OR DELETE", "FOR EACH ROW"),
        )
