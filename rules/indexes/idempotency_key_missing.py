"""
Nothing makes a declared idempotency key unique.

## Why it matters
A webhook is delivered twice sooner or later. Without a unique index over its key the second delivery is booked as well,
whatever the code checks before: two deliveries can pass the check at the same time.

## When it is fine
A unique constraint or index covers exactly the key's columns. A partial one counts where its predicate only excludes
rows in which a column of the key is NULL.

## Instead
Add a unique constraint over the key.

## References
* Seed, phases 2.1 and 2.3: "UNIQUE constraints defined in migration"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Index, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="idempotency")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each declared key that no unique index covers."""
    for table in project.governed_tables:
        if table.is_partition:
            continue
        for key in project.policy.idempotency_keys(project.catalog.schema_name(table.schema), table.name):
            numbers = {column.number for name in key if (column := table.column(name)) is not None}
            unknown = [name for name in key if table.column(name) is None]
            if not unknown and any(
                _covers(project, index, numbers) for index in project.catalog.indexes(table.oid)
            ):
                continue
            name, columns = project.name(table), ", ".join(key)
            why = (
                f"`{name}` has no column `{unknown[0]}`"
                if unknown
                else f"no unique index of `{name}` covers it"
            )
            yield rule.finding(
                project,
                table.because,
                f"the idempotency key ({columns}) does not hold: {why}, and what is delivered twice is booked twice",
                object=table,
                detail="+".join(key),
                because=[(project.policy.where("idempotency", table.name), "declared in the config")],
                fix=""
                if unknown
                else f"ALTER TABLE {project.sql(table)} ADD UNIQUE ({', '.join(map(quoted, key))});",
            )


def _covers(project: Project, index: Index, numbers: set[int]) -> bool:
    if not index.unique or {key.number for key in index.keys} != numbers or not index.valid:
        return False
    return index.predicate is None or project.only_excludes_nulls(index.predicate, numbers)
