"""
Nothing refuses TRUNCATE of a guarded append-only table.

## Why it matters
Row triggers do not fire for TRUNCATE: the guard that refuses every DELETE lets all rows go at once. On a partitioned
table the statement trigger of the parent does not guard the partitions.

## When it is fine
A BEFORE TRUNCATE statement trigger raises, on the table and on every partition. Where no role but the owner can
TRUNCATE it is only an info.

## Instead
Create a BEFORE TRUNCATE trigger FOR EACH STATEMENT whose function raises before it looks at OLD.

## References
* Seed, phase 1.4
* https://www.postgresql.org/docs/current/sql-truncate.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Function, Rule, Severity, can_without_owning, trigger_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Table

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="append_only")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each table, with its partitions, that can be emptied."""
    for each in project.append_only_tables:
        if each.demands.guard != "required" or each.is_part:
            continue
        parts = [part.table for part in project.append_only_parts(each.table)]
        unguarded = [table for table in parts if not _is_guarded(project, table)]
        if not unguarded:
            continue
        exposed = any(
            can_without_owning(project.catalog, role.oid, "TRUNCATE", table.oid) is not None
            for role in project.app_roles
            for table in unguarded
        )
        name = project.name(each.table)
        where = "" if each.table in unguarded else f" of its partition `{project.name(unguarded[0])}`"
        yield rule.finding(
            project,
            unguarded[0].because,
            f"nothing refuses TRUNCATE{where or f' of `{name}`'}: row triggers do not fire for it"
            + ("" if not where else f", and the statement trigger of `{name}` does not fire for a partition"),
            object=each.table,
            severity=None if exposed else Severity.INFO,
            fix="\n".join(
                project.guard(table, "no_truncate", "BEFORE TRUNCATE", "FOR EACH STATEMENT")
                for table in unguarded
            ),
        )


def _is_guarded(project: Project, table: Table) -> bool:
    for trigger in project.catalog.triggers(table.oid):
        function = project.catalog.objects.get(trigger.function)
        if (
            "truncate" in trigger.events
            and trigger.timing == "before"
            and trigger.enabled in "OA"
            and trigger.when is None
            and isinstance(function, Function)
        ):
            ends = trigger_paths(project.catalog, function, "truncate", trigger).ends
            if ends and all(end.kind == "raises" for end in ends):
                return True
            roles = [role.name for role in project.app_roles]
            paths = trigger_paths(project.catalog, function, "truncate", trigger)
            if roles and all(paths.refuses(role) for role in roles):
                return True
    return False
