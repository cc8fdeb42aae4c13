"""
A materialized view can't be refreshed concurrently.

## Why it matters
A plain REFRESH locks out every reader until it is done. REFRESH … CONCURRENTLY does not, but needs a unique index on
plain columns without a predicate.

## When it is fine
The view is small, or is refreshed when nobody reads it: exempt it.

## Instead
Create a unique index on the columns that identify a row.

## References
* Seed, phase 2.5: "Refresh policy documented (CONCURRENTLY, TTL-based)"
* https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each materialized view without such an index."""
    for view in project.governed_views:
        if view.kind != "m" or any(
            index.unique and index.predicate is None and all(key.number for key in index.keys)
            for index in project.catalog.indexes(view.oid)
        ):
            continue
        name, keys = project.name(view), project.key_of(view)
        yield rule.finding(
            project,
            view.because,
            f"`{name}` has no unique index on plain columns: REFRESH MATERIALIZED VIEW CONCURRENTLY fails, and a plain "
            "REFRESH locks its readers out",
            object=view,
            fix=f"CREATE UNIQUE INDEX ON {project.sql(view)} ({', '.join(map(quoted, keys))});"
            if keys
            else "",
        )
