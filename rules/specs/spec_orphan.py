"""
A DDL specification is of something that the migrations do not create.

## Why it matters
It was never built, or it is gone, or it is called otherwise now; readers of the specification count on it all the same.

## When it is fine
Never for long: specification and migration belong into the same change.

## Instead
Write the migration, or remove the specification.

## References
* Seed, phase 2.1: DDL specifications of the core tables
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="specs")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each object that only a specification creates, and each specification that creates nothing."""
    for orphan in project.spec_comparison.orphans:
        path = orphan.script.file.path
        name = orphan.name.removeprefix("public.")
        yield rule.finding(
            project,
            orphan.at,
            f"the {orphan.kind} `{name}` is specified, and no migration creates it"
            if name
            else f"`{path}` creates nothing, so it is compared with nothing",
            object=f"specification {path}",
            detail=orphan.name,
        )
