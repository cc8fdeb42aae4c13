"""
A mapping names a table, view or column that the schema does not have.

## Why it matters
The field is thought to be stored and checked. After a rename or a drop it is neither, and everything that the mapping
says about it is checked against nothing.

## When it is fine
The object is made by somebody else: declare it under `external.tables`.

## Instead
Name what is there.

## References
* Seed, phase 4: "Contract mapping complete"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, unknown_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each name once, where the mapping or `x-maps-to` has it."""
    for found in unknown_names(project):
        yield rule.finding(
            project,
            found.at,
            found.what,
            object=f"mapping {found.text}",
            because=found.because,
        )
