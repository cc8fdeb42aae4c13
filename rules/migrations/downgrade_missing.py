"""
A migration has no way back.

## Why it matters
A release that has to be taken back can't be: what is left is a restore, or statements written in haste.

## When it is fine
The layout knows no down programs (plain SQL, Supabase, Prisma, Flyway without undo files), or the migration does
nothing, as a merge revision.

## Instead
Write the statements that undo the migration. Where it can't be undone, say why in a suppression.

## References
* Seed, phase 2.2: "downgrade() drops all 6 tables"
* https://alembic.sqlalchemy.org/en/latest/tutorial.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Step

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each migration without a down program whose up program does something."""
    active = {id(step.migration) for step in project.history.steps if not _is_bookkeeping(step)}
    active |= {id(migration) for migration, _unparsed in project.history.unparsed}
    for migration in project.history.migrations:
        if migration.has_down is not False or id(migration) not in active:
            continue
        yield rule.finding(
            project,
            project.down_program(migration, list(project.history.steps_of(migration))),
            f"the migration `{migration.name}` has no down program, or one that does nothing: it can't be taken back",
            object=f"migration {migration.name}",
        )


def _is_bookkeeping(step: Step) -> bool:
    """Whether a statement is Alembic's own, which makes its version table: its place is the configuration."""
    return step.statement.text.file.path.endswith((".ini", ".toml"))
