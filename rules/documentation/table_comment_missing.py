r"""
A table has no comment.

## Why it matters
What a table is for, whose it is, and what class of data it holds is known to those who made it. Everybody else reads
`\d+`, a generated dictionary or an auditor's export, and finds a name.

## When it is fine
The kind of object is not listed under `comments.require`. A partition needs none beside its parent's,
nor the table in which a migration tool keeps its state (`alembic_version`).

## Instead
Say what it is for in a COMMENT ON.

## References
* Seed, phase 2.1: "All tables have COMMENT ON TABLE"
* https://www.postgresql.org/docs/current/sql-comment.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each table (and view, where the config asks for it) without a comment."""
    required = project.policy.comments.require or ("table",)
    kinds = {"r": "table", "p": "table", "f": "table", "v": "view", "m": "materialized_view"}
    for relation in (*project.governed_tables, *project.governed_views):
        kind = kinds[relation.kind]
        is_part = isinstance(relation, Table) and relation.is_partition
        if kind not in required or is_part or project.is_bookkeeping(relation):
            continue
        if project.catalog.comment(relation.oid) is not None:
            continue
        name = project.name(relation)
        words = kind.replace("_", " ")
        yield rule.finding(
            project,
            relation.because,
            f"the {words} `{name}` has no comment: nobody but its authors knows what it is for",
            object=relation,
            fix=f"COMMENT ON {words.upper()} {project.sql(relation)} IS '…';",
        )
