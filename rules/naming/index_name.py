"""
The name of an index does not follow the agreed pattern.

## Why it matters
Query plans and size reports name indexes only. A name that tells table and purpose saves the look-up, and finds
duplicates by sorting.

## When it is fine
The index backs a constraint (see `constraint-name`), or `naming.index` has no pattern.

## Instead
Name the index by the pattern.

## References
* https://www.postgresql.org/docs/current/sql-createindex.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, matches_name, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0", needs="naming")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each index of a governed table or materialized view that no pattern matches."""
    patterns = project.policy.naming.index
    for relation in (*project.governed_tables, *project.governed_views):
        wanted = [pattern.replace("{table}", relation.name) for pattern in patterns]
        for index in project.catalog.indexes(relation.oid):
            if not wanted or index.constraint or index.parent:
                continue
            if any(matches_name(pattern, index.name) for pattern in wanted):
                continue
            names = [key.number and relation.column_at(key.number) for key in index.keys]
            new = quoted(
                wanted[0].replace("*", "_".join(column.name for column in names if column) or index.name)
            )
            yield rule.finding(
                project,
                index.because,
                f"the index `{index.name}` of `{project.name(relation)}` is not named like "
                f"{' or '.join(f'`{pattern}`' for pattern in wanted)}",
                object=index,
                fix=f"ALTER INDEX {project.sql(index)} RENAME TO {new};",
            )
