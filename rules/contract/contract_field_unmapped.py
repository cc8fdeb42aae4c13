"""
A field of a schema whose other fields are mapped has no mapping.

## Why it matters
Nobody said where the value comes from, so nothing holds it to a column: it may be dropped, invented or computed anew
in each service.

## When it is fine
It is computed: `computed: true` in the mapping, or `x-computed: true` in the contract. It is an object, or a list of
objects, whose own fields are mapped.

## Instead
Add the column that holds it to the mapping, or mark it as computed.

## References
* Seed, phase 4: "Contract mapping complete"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, unmapped_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such field at its line of the contract."""
    for found in unmapped_fields(project):
        yield rule.finding(
            project,
            found.field.place,
            f"no column is mapped to `{found.field.name}` of `{found.schema}`, whose other fields "
            f"`{project.name(found.relation)}` holds",
            object=f"field {found.field.address}",
            because=[(found.relation.because, f"`{project.name(found.relation)}`")],
        )
