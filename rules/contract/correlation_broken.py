"""
A table of the correlation chain can't be joined to the others.

## Why it matters
One event is followed from table to table by one column. Where a table lacks it, or has it in another type, the trail
ends there, and an incident can't be traced.

## When it is fine
The column may be NULL where an event came without it.

## Instead
Add the column, with the type that the other tables have, and a COMMENT that says what it links.

## References
* Seed, phase 2.4: "Stitching narrative documented"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, correlation_gaps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="correlation")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each table that breaks the chain, at the statement that made the column or the table."""
    for gap in correlation_gaps(project):
        link = gap.link
        name = project.name(link.relation)
        because = [(link.said, "a part of the chain")]
        if link.column is None:
            message = f"`{name}` has no column `{link.name}`: the trail of an event ends there"
            yield rule.finding(
                project,
                link.relation.because,
                message,
                object=link.relation,
                detail=link.name,
                because=because,
            )
            continue
        at = link.column.because
        severity = None
        message = f"`{name}.{link.name}` has no comment that says what it links"
        if gap.other is not None and gap.other.column is not None:
            at = link.column.type_because or at
            other = project.name(gap.other.relation, gap.other.column)
            kinds = project.type_name(link.column.type), project.type_name(gap.other.column.type)
            message = (
                f"`{name}.{link.name}` is {kinds[0]}, but `{other}` is {kinds[1]}: the two can't be joined"
            )
            because.insert(0, (gap.other.column.type_because or gap.other.column.because, kinds[1]))
        else:
            severity = Severity.WARNING
        yield rule.finding(
            project,
            at,
            message,
            object=link.relation,
            column=link.column,
            detail=gap.kind,
            because=because,
            severity=severity,
        )
