"""
A trigger of an append-only table drops a change in silence.

## Why it matters
RETURN NULL in a BEFORE row trigger does not allow the change: it skips the row. The statement reports success and no
rows. A repair by the one role that was meant to be let through changes nothing; a foreign key's cascade leaves orphans;
NEW is NULL in a DELETE trigger and does the same.

## When it is fine
The path raises, or returns OLD for a DELETE and NEW for an UPDATE.

## Instead
RETURN OLD for DELETE and RETURN NEW for UPDATE where the change is allowed, and RAISE where it is not.

## References
* Seed, phases 1.4 and 2.6: `RETURN NULL; -- Allow operation`
* https://www.postgresql.org/docs/current/plpgsql-trigger.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Function, Rule, Severity, trigger_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Span, Table, Trigger

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="append_only")

EVENTS = ("insert", "update", "delete")
REFUSAL = "RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME"


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each RETURN that drops a change, once, with the events and roles that come to it."""
    for each in project.append_only_tables:
        for trigger in project.catalog.triggers(each.table.oid):
            if (
                trigger.timing != "before"
                or trigger.level != "row"
                or trigger.enabled == "D"
                or trigger.parent
            ):
                continue
            yield from _swallowed(project, each.table, trigger)


def _swallowed(project: Project, table: Table, trigger: Trigger) -> Iterator[Finding]:
    function = project.catalog.objects.get(trigger.function)
    if not isinstance(function, Function):
        return
    found: dict[tuple[int, int], tuple[Span, list[str], set[str], bool]] = {}
    for event in EVENTS:
        if event not in trigger.events:
            continue
        kinds = ("null", "new") if event == "delete" else ("null",)
        for end in trigger_paths(project.catalog, function, event, trigger).ends:
            if end.kind in kinds:
                entry = found.setdefault(
                    (end.span.start, end.span.end), (end.span, [], set(), end.roles.everybody)
                )
                entry[1].append(event.upper())
                entry[2].update(end.roles.names)
    for span, events, roles, everybody in found.values():
        who = "" if everybody or not roles else " by " + ", ".join(f"`{role}`" for role in sorted(roles))
        name = project.name(table)
        yield rule.finding(
            project,
            span,
            f"this drops {' and '.join(events)} of `{name}`{who} in silence: the statement reports success, and no row "
            "is changed",
            object=trigger,
            detail="+".join(sorted({"everybody"} if everybody else roles)),
            because=[(trigger.because, f"the trigger `{trigger.name}`")],
            fix=project.with_body_part(function, span, _instead(events, everybody=everybody)),
        )


def _instead(events: list[str], *, everybody: bool) -> str:
    """What to write in the place of the RETURN: refuse it to all, or let it happen for whom it is meant."""
    if everybody:
        return "" if "INSERT" in events else REFUSAL
    if "DELETE" in events:
        return "IF TG_OP = 'DELETE' THEN\n            RETURN OLD;\n        END IF;\n        RETURN NEW"
    return "RETURN NEW"
