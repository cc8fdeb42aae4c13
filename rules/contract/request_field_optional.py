"""
A request may leave out a field that its column must have.

## Why it matters
A request that the contract calls valid fails in the database, with an error about a column the client has never
heard of.

## When it is fine
The column or its domain has a default, or the contract has one; the field belongs to a PATCH, which changes only what
it names; or the mapping says `write: false` of the entity.

## Instead
Require the field, give the column a default, or let it be NULL.

## References
* https://www.postgresql.org/docs/current/ddl-default.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, optional_request_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such field at the statement that made the column NOT NULL."""
    for found in optional_request_fields(project):
        mapped = found.mapped
        yield rule.finding(
            project,
            found.at,
            f"a request {found.what} `{mapped.field.name}`, but `{project.name(found.relation, found.column)}` "
            "is NOT NULL and has no default",
            object=found.relation,
            column=found.column,
            detail=mapped.field.address,
            because=found.because,
        )
