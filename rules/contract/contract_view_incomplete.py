"""
The view behind an answer lacks a field that the answer requires, or takes it from another column.

## Why it matters
The read model was made for the answer. What it does not have, the service has to fetch elsewhere or make up; what it
takes from another column than the mapping says is another figure under the same name.

## When it is fine
The field is optional or computed. A column of the field's own name is enough where no mapping names one.

## Instead
Add the column to the view, from the column that the mapping names.

## References
* Seed, phase 2.5: "Views produce contract-compliant JSON"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, incomplete_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="contracts")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such field at the view, which has to change."""
    for found in incomplete_views(project):
        field, view = found.member.field, project.name(found.view)
        because = [(field.place, "the contract's field"), (found.model.place, f"answered by `{view}`")]
        message = f"`{view}` has no column for `{field.name}`, which its answer requires"
        if found.column:
            ends = ", ".join(f"`{project.name(relation)}.{name}`" for relation, name in found.ends)
            message = (
                f"`{view}.{found.column}` answers for `{field.name}`, but is made of {ends or 'no column'}"
            )
        if found.mapped is not None:
            because.append((found.mapped.place, f"mapped to `{found.mapped.table}.{found.mapped.name}`"))
        yield rule.finding(
            project, found.view.because, message, object=found.view, detail=field.address, because=because
        )
