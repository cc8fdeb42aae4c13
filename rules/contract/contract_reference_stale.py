"""
A mapping or a contract refers to what is not there.

## Why it matters
A reference to lines that moved proves nothing: the column is thought to be held to the contract, and is held to
whatever stands in those lines now, or to nothing. The same is true of a file that can't be read.

## When it is fine
Text without a reference maps nothing, and `no contract field` says so.

## Instead
Correct the reference, or what it leads to. `schemaguard contract --upgrade-references` turns lines into JSON pointers,
which do not move.

## References
* Seed, phase 4: "Contract mapping complete"
* https://www.rfc-editor.org/rfc/rfc6901
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
    """Report each reference that does not lead to what it names, and each file that can't be read as what it is."""
    for found in stale_references(project):
        yield rule.finding(
            project,
            found.at,
            found.what,
            object=f"reference {found.text}",
            detail=found.detail or found.what,
            because=found.because,
        )
