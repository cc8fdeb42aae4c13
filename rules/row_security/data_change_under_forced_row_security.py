"""
A migration changes rows of a table whose forced row security binds it.

## Why it matters
Forced row security binds the owner, too. An UPDATE or DELETE of a migration that sets no tenant changes no row and says
nothing; an INSERT … SELECT reads none. The backfill is thought done, and a later SET NOT NULL fails, or does not.

## When it is fine
The migration sets the tenant before, runs as a role that bypasses row security, or brackets the change with
NO FORCE and FORCE in one transaction. Literal INSERTs fail loudly, which is another matter.

## Instead
Bracket the change: `ALTER TABLE … NO FORCE ROW LEVEL SECURITY`, the change, `… FORCE …`, in one transaction.

## References
* https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import RowsChanged, Rule, Severity, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Step

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")


@rule.on(RowsChanged)
def check(project: Project, step: Step, event: RowsChanged) -> Iterator[Finding]:
    """Report each change that a policy hides rows from."""
    table = project.catalog.objects.get(event.relation)
    if not event.forced or event.literal or event.command == "truncate" or not isinstance(table, Table):
        return
    setting = project.scope_setting(table)
    values = dict(event.settings)
    if (setting is not None and values.get(setting)) or (setting is None and any(values.values())):
        return
    name = project.name(table)
    yield rule.finding(
        project,
        event.because,
        f"this {event.command.upper()} runs as `{project.role_name(event.role)}`, which the forced row security of "
        f"`{name}` binds: without a tenant set it finds no rows and reports no error",
        object=table,
        detail=(step.migration.name, event.command),
        because=[(table.force_because, "row security is forced")],
    )
