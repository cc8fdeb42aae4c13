"""
A table or materialized view has no DDL specification.

## Why it matters
Where specifications are the agreed form of a table, one without any was agreed on by nobody: whoever reviews the next
migration has nothing to hold it against.

## When it is fine
A partition is specified with its parent. Plain views and the table in which a migration tool keeps its state
(`alembic_version`) need none. A table that is not governed is exempt in the config.

## Instead
Write a specification for it in the folder that `specs` names.

## References
* Seed, phases 2.1 and 2.5: "DDL spec files exist"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, View

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="specs")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each governed table and materialized view that no specification creates."""
    specified = project.spec_comparison.specified
    relations: list[Table | View] = [*project.governed_tables, *project.governed_views]
    for relation in relations:
        is_part = isinstance(relation, Table) and relation.is_partition
        if relation.kind == "v" or is_part or relation.oid in specified or project.is_bookkeeping(relation):
            continue
        words = "materialized view" if relation.kind == "m" else "table"
        yield rule.finding(
            project,
            relation.because,
            f"the {words} `{project.name(relation)}` has no DDL specification",
            object=relation,
        )
