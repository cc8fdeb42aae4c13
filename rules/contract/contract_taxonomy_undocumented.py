"""
A field holds codes of a taxonomy, and the contract does not say so.

## Why it matters
Clients take the field for free text, or for the few values they have seen, and break when a code is added to the
taxonomy. An `enum` in the contract is a second list, which needs a new version of the API for each code.

## When it is fine
The field's description names the taxonomy.

## Instead
Describe the field as a code of the taxonomy's table, as a plain string.

## References
* Seed, phase 3.5: "Channel code must match a value from channel_taxonomy.code"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, undocumented_codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs=("contracts", "taxonomies"))


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such field at its line of the contract."""
    for found in undocumented_codes(project):
        mapped, taxonomy = found.mapped, found.taxonomy
        what = "keeps a list of its own" if found.lists else "is not described as one"
        yield rule.finding(
            project,
            found.at,
            f"`{mapped.field.name}` holds codes of `{taxonomy.table}` and {what}",
            object=f"field {mapped.field.address}",
            because=[
                (mapped.place, "mapped here"),
                (found.column.because, f"`{project.name(found.table, found.column)}`"),
            ],
            help=f'Describe it: "must match a value from {taxonomy.table}.{taxonomy.key}".',
        )
