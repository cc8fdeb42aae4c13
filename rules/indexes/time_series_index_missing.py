"""
A time series has no index on tenant and time.

## Why it matters
"The last events of this tenant" is the query that a time series exists for. Without an index on the tenant and then the
time, newest first, it reads all of the tenant's rows and sorts them.

## When it is fine
An index begins with the tenant column and the time. Ascending or descending serves: PostgreSQL reads it backwards.

## Instead
Create an index on the tenant column and the time, descending.

## References
* Seed, phase 2.1: "Time-series indexes present"
* https://www.postgresql.org/docs/current/indexes-ordering.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="time_series")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each declared time series without such an index."""
    for table in project.governed_tables:
        time = project.policy.time_column(project.catalog.schema_name(table.schema), table.name)
        if time is None or table.is_partition:
            continue
        column = table.column(time)
        tenant = project.tenants.column(table) if project.tenants is not None else None
        name = project.name(table)
        if column is None:
            yield rule.finding(
                project,
                table.because,
                f"`{name}` is a time series by `{time}`, but has no such column",
                object=table,
                because=[(project.policy.where("time_series", table.name), "the config")],
            )
            continue
        wanted = [each.number for each in (tenant, column) if each is not None]
        if any(
            [key.number for key in index.keys[: len(wanted)]] == wanted and index.predicate is None
            for index in project.catalog.indexes(table.oid)
        ):
            continue
        columns = ", ".join([*([tenant.name] if tenant is not None else []), f"{column.name} DESC"])
        keys = ", ".join(quoted(each.name) for each in (tenant, column) if each is not None)
        yield rule.finding(
            project,
            table.because,
            f"no index of `{name}` begins with {columns}: reading the newest rows sorts them all",
            object=table,
            fix=f"CREATE INDEX ON {project.sql(table)} ({keys} DESC);",
        )
