"""
A limit of the contract is not the column's.

## Why it matters
Where the contract allows more than the column takes, a valid request ends as an error of the database. Where an answer
may hold more than the contract allows, clients that sized their fields by it break.

## When it is fine
One side has no limit; the value is converted on the way; or requests alone have the field and the column takes more.

## Instead
Give both sides the same limit.

## References
* https://www.postgresql.org/docs/current/datatype-character.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, limit_misfits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each limit that differs, at the type or CHECK that sets the column's."""
    for found in limit_misfits(project):
        mapped = found.mapped
        yield rule.finding(
            project,
            found.at,
            f"`{mapped.field.name}`, which `{project.name(found.relation, found.column)}` holds, {found.what}",
            object=found.relation,
            column=found.column,
            detail=(mapped.field.address, found.detail),
            because=found.because,
        )
