"""
A new migration runs before one that is merged already.

## Why it matters
A database that has the merged one is past the place of the new one. Depending on the tool it is then left out without a
word, refused, or run after all that it was meant to precede: in another order than in a new database.

## When it is fine
The tool is told to run such migrations, and the two touch different things.

## Instead
Number the new migration after the last one that is merged; with a graph of revisions, let it revise the head.

## References
* https://documentation.red-gate.com/flyway/reference/configuration/flyway-namespace/flyway-out-of-order-setting
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="base")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each new migration that something which the base has comes after."""
    if project.base is None:
        return
    for new, later in project.base.out_of_order():
        yield rule.finding(
            project,
            project.base.place_of(new),
            f"`{new.name}` runs before `{later.name}`, which is merged already: databases that have it are past this",
            object=f"migration {new.name}",
            because=[(project.base.place_of(later), "the base has this one")],
        )
