"""
A mapping refers to a field of the contract that is not there.

## Why it matters
A reference to lines that moved proves nothing: the column is thought to be held to the contract, and is held to
whatever stands in those lines now, or to nothing.

## When it is fine
Text without a reference maps nothing, and `no contract field` says so.

## Instead
Correct the lines, or the field's name.

## References
* Seed, phase 4: "Contract mapping complete"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, stale_references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each reference that does not lead to its field, and each mapping that can't be read."""
    for stale in stale_references(project):
        yield rule.finding(
            project,
            stale.place,
            f"`{stale.text}` {stale.why}: nothing holds the column to the contract",
            object=f"reference {stale.text}",
            detail=stale.why,
        )
