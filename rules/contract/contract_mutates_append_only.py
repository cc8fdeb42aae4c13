"""
An operation changes or removes a resource that an append-only table holds.

## Why it matters
The contract promises what the table refuses: PUT, PATCH or DELETE of something that is booked once. The operation
fails, or whoever implements it gets round the guard.

## When it is fine
The operation's resource is held by another table, and shows the append-only one beside it.

## Instead
Offer a POST that adds an offsetting entry.

## References
* Seed, phase 2.7: "Maps contract operations to database operations"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, append_only_mutations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs=("contracts", "append_only"))


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such operation at its line of the contract."""
    for found in append_only_mutations(project):
        name = project.name(found.table)
        operation = found.operation
        yield rule.finding(
            project,
            operation.place,
            f"`{operation.name}` changes what the append-only `{name}` holds",
            object=f"operation {operation.name}",
            detail=name,
            because=[(found.mapped.place, "mapped here"), (found.table.because, f"`{name}`")],
        )
