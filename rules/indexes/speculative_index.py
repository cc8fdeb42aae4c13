"""
An index has no reason that anybody wrote down.

## Why it matters
Each index is paid for by every write, for ever. One that was added because it might help is never removed, because
nobody knows whom it helps.

## When it is fine
It backs a constraint, serves a foreign key or the tenant column, or a declared time series; or the index plan names it.
Without an index plan only the costly kinds (GIN, GiST, SP-GiST, BRIN, hash) are asked for a COMMENT ON INDEX.

## Instead
Name the query that needs it in the index plan, or in a comment on the index.

## References
* Seed, phase 2.3: "Each index linked to concrete contract query path", "No speculative indexes (GIN deferred)"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Index, Project, Relation

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each index of a governed table or materialized view that nothing accounts for."""
    plan = project.index_plan
    for relation in (*project.governed_tables, *project.governed_views):
        for index in project.catalog.indexes(relation.oid):
            if index.constraint or index.parent:
                continue
            if plan is None:
                if index.method == "btree" or project.catalog.comment(index.oid) is not None:
                    continue
                why = f"is a {index.method} index, costly to maintain, and no COMMENT ON INDEX says what it is for"
            elif index.name in plan or _serves(project, relation, index):
                continue
            else:
                why = "is not in the index plan: no query is known that needs it"
            yield rule.finding(
                project,
                index.because,
                f"the index `{index.name}` of `{project.name(relation)}` {why}",
                object=index,
                because=[(project.policy.where("index_plan"), "the index plan")] if plan is not None else (),
                fix=f"DROP INDEX {project.sql(index)};",
            )


def _serves(project: Project, relation: Relation, index: Index) -> bool:
    """Whether the index leads with the tenant column or a foreign key's columns, or is a matview's unique one."""
    if index.unique and relation.kind == "m":
        return True
    leading = [key.number for key in index.keys]
    if project.is_tenant_table(relation.oid) and project.tenants is not None:
        column = relation.column(project.tenants.setting.column)
        if column is not None and leading[:1] == [column.number]:
            return True
    return any(
        key.type == "f" and leading[: len(key.columns)] == list(key.columns)
        for key in project.catalog.constraints(relation.oid)
    )
