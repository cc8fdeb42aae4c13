"""
A field's type and its column's do not go together.

## Why it matters
What the client is told to send or expect is not what the column holds: the value is refused, rounded or written in
another form on the way, and each service does it differently.

## When it is fine
The mapping's own table of `types` pairs the two, or a `conversion` (of the column, of the type, or `transform` of
`x-maps-to`) says how one becomes the other. Text of any form may stand for a uuid, a time or an enum, and any integer
for a number that only answers have.

## Instead
Change the column's type, or the contract's; or write down the conversion.

## References
* Seed, phase 2.1: "Type mappings verified"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, type_misfits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each field and column that differ in kind, at the statement that gave the column its type."""
    for found in type_misfits(project):
        relation, column = found.relation, found.column
        yield rule.finding(
            project,
            found.at,
            f"`{project.name(relation, column)}`, which holds `{found.mapped.field.name}`, {found.what}",
            object=relation,
            column=column,
            detail=found.mapped.field.address,
            because=found.because,
        )
