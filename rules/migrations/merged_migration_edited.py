"""
A migration that is merged already does something else now, or is gone.

## Why it matters
A migration runs once. A database that has it never runs it again, one that is made anew runs the edited one: from
then on the two differ, and nobody is told.

## When it is fine
Comments, layout, the file's name and place, its down program: what the up program does stays the same. Or no database
that counts has run it yet, which a comment on the statement can say.

## Instead
Leave it as it was merged, and change what it did in a new migration.

## References
* https://documentation.red-gate.com/flyway/flyway-concepts/migrations/versioned-migrations
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="base")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each migration of the base that was edited in what it does, where it begins to differ, or taken away."""
    base = project.base
    if base is None:
        return
    for edited in base.edited():
        name = edited.migration.name
        was = " ".join(edited.was.split())
        yield rule.finding(
            project,
            edited.place,
            f"`{name}` is merged, and does something else now: a database that has run it never runs this",
            object=f"migration {name}",
            because=[
                (
                    None,
                    f"at the base it says here: {was}" if was else "at the base there is nothing more here",
                )
            ],
        )
    for migration in base.removed:
        yield rule.finding(
            project,
            None,
            f"`{migration.name}` is merged, and gone now: databases that have run it keep what it did, new ones never "
            "get it",
            object=f"migration {migration.name}",
            because=[(None, f"at the base it is in {migration.file.path}")],
        )
