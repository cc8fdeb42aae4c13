"""
A guard trigger, or its function, has no comment.

## Why it matters
A trigger that refuses changes is met by whoever is refused, at night, in a console. A comment says why it is there and
what to do instead; without one it gets disabled.

## When it is fine
The trigger is no guard of an append-only table.

## Instead
Comment on the trigger and on its function.

## References
* Seed, phases 1.4 and 2.6: "Add COMMENT ON FUNCTION …, COMMENT ON TRIGGER …"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Function, Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="append_only")

CHANGES = frozenset(("update", "delete", "truncate"))


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each trigger on changes of an append-only table, and each of their functions, once."""
    seen: set[int] = set()
    for each in project.append_only_tables:
        for trigger in project.catalog.triggers(each.table.oid):
            if trigger.parent or trigger.timing != "before" or not CHANGES.intersection(trigger.events):
                continue
            name = project.name(each.table)
            if project.catalog.comment(trigger.oid) is None:
                yield rule.finding(
                    project,
                    trigger.because,
                    f"the guard trigger `{trigger.name}` of `{name}` has no comment that says why it refuses changes",
                    object=trigger,
                    fix=f"COMMENT ON TRIGGER {quoted(trigger.name)} ON {project.sql(each.table)} IS '…';",
                )
            function = project.catalog.objects.get(trigger.function)
            if not isinstance(function, Function) or function.oid in seen:
                continue
            seen.add(function.oid)
            if project.catalog.comment(function.oid) is None:
                yield rule.finding(
                    project,
                    function.because,
                    f"the guard function `{project.name(function)}()` has no comment that says why it refuses changes",
                    object=function,
                    fix=f"COMMENT ON FUNCTION {project.sql(function)} IS '…';",
                )
