"""
The values of an enum in the contract are not those that the column takes.

## Why it matters
A value that only the contract knows is refused by the database when a client sends it; a value that only the database
knows reaches clients that were never told of it.

## When it is fine
A request may allow fewer values than the column takes. Columns without a list (CHECK, enum type, domain, rows of a
lookup table) are not compared.

## Instead
Add the value on the side that lacks it, in one change.

## References
* Seed, phase 2.1: small stable enums are CHECKs, large evolving ones lookup tables
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, enum_misfits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each field whose values differ, at the list that the column is held to."""
    for found in enum_misfits(project):
        mapped = found.mapped
        yield rule.finding(
            project,
            found.at,
            f"the values of `{mapped.field.name}` and of `{project.name(found.relation, found.column)}`, which holds "
            f"it, differ: {found.what}",
            object=found.relation,
            column=found.column,
            detail=mapped.field.address,
            because=found.because,
        )
