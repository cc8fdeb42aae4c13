"""
The taxonomy table is not what its readers rely on.

## Why it matters
Reports join it for names and families: without a primary key a code may stand twice and double every sum, without
NOT NULL a code has no name, and without a default a new code is neither active nor retired.

## When it is fine
The key is the primary key, each of `attributes` is there and NOT NULL, and the active flag has a default.

## Instead
Add what is missing.

## References
* Seed, phase 3.2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Table, Taxonomy

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="taxonomies")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each taxonomy table with all that it lacks in one finding."""
    for taxonomy in project.policy.taxonomies:
        table = project.table_named(taxonomy.table)
        if table is None:
            continue  # pattern-matches-nothing says so
        lacks = list(_lacks(project, table, taxonomy))
        if lacks:
            yield rule.finding(
                project,
                table.because,
                f"the taxonomy `{project.name(table)}` lacks {'; '.join(lacks)}",
                object=table,
            )


def _lacks(project: Project, table: Table, taxonomy: Taxonomy) -> Iterator[str]:
    key = table.column(taxonomy.key)
    if key is None:
        yield f"its key column `{taxonomy.key}`"
    elif not any(
        each.type == "p" and each.columns == (key.number,) for each in project.catalog.constraints(table.oid)
    ):
        yield f"a primary key on `{taxonomy.key}`"
    for name in taxonomy.attributes:
        column = table.column(name)
        if column is None:
            yield f"the column `{name}`"
        elif not project.is_not_null(column):
            yield f"NOT NULL on `{name}`"
    flag = taxonomy.active or ("is_active" if table.column("is_active") is not None else "")
    active = table.column(flag) if flag else None
    if flag and active is None:
        yield f"the column `{flag}`"
    elif active is not None:
        if not project.is_not_null(active):
            yield f"NOT NULL on `{active.name}`"
        if active.default is None:
            yield f"a default for `{active.name}`"
