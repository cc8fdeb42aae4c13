"""
An index repeats the beginning of another one.

## Why it matters
Both are written on every change, and the longer one serves the same queries.

## When it is fine
The shorter one is unique (it forbids something), or backs a constraint, or has another predicate, method or order.

## Instead
Drop the shorter index.

## References
* https://www.postgresql.org/docs/current/indexes-multicolumn.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Index, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each index that another one of the table makes superfluous; of two equal ones the later."""
    for relation in (*project.governed_tables, *project.governed_views):
        indexes = project.catalog.indexes(relation.oid)
        for index in indexes:
            if index.unique or index.constraint or index.parent or index.exclusion:
                continue
            other = next((each for each in indexes if _makes_superfluous(project, each, index)), None)
            if other is None:
                continue
            yield rule.finding(
                project,
                index.because,
                f"the index `{index.name}` of `{project.name(relation)}` repeats the beginning of `{other.name}`",
                object=index,
                because=[(other.because, f"`{other.name}`")],
                fix=f"DROP INDEX {project.sql(index)};",
            )


def _makes_superfluous(project: Project, longer: Index, shorter: Index) -> bool:
    if longer.oid == shorter.oid or longer.method != shorter.method or longer.exclusion:
        return False
    if shorter.method != "btree" and len(longer.keys) != len(shorter.keys):
        return False
    if len(longer.keys) < len(shorter.keys) or not set(shorter.include) <= {
        *longer.include,
        *_numbers(longer),
    }:
        return False
    if any(not project.same_key(a, b) for a, b in zip(shorter.keys, longer.keys, strict=False)):
        return False
    if not project.same_predicate(longer, shorter):
        return False
    same_length = len(longer.keys) == len(shorter.keys) and set(longer.include) == set(shorter.include)
    return longer.oid < shorter.oid or longer.unique if same_length else True


def _numbers(index: Index) -> set[int]:
    return {key.number for key in index.keys}
