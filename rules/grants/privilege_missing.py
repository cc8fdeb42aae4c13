"""
A role lacks a privilege that the target matrix demands.

## Why it matters
The application fails with "permission denied" on its first use, in the environment whose history is the shortest. A
privilege on a table is no use without USAGE on its schema, nor INSERT on a serial column without USAGE on its sequence.

## When it is fine
The table is a partition: it is reached through its parent.

## Instead
Grant it, and what it needs.

## References
* Seed, phase 3.2: "app_rw granted on all 5 tables"
* https://www.postgresql.org/docs/current/ddl-priv.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, Table, can, can_on_schema, can_use_sequence, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Relation, Role

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="privileges")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report, for each table and role, what is missing, in one finding."""
    for relation in (*project.governed_tables, *project.governed_views):
        row = project.matrix_row(relation)
        if row is None or (isinstance(relation, Table) and relation.parents):
            continue
        for role in project.matrix_roles:
            demanded = row.demanded(role.name)
            if not isinstance(relation, Table) and not row.is_exact:
                continue  # a row with a wildcard is about tables; a view is granted to whom it is for
            missing = [p for p in demanded if not can(project.catalog, role.oid, p, relation.oid)]
            name = project.name(relation)
            if missing:
                yield rule.finding(
                    project,
                    relation.because,
                    f"`{role.name}` lacks {', '.join(missing)} on `{name}`, which the matrix demands",
                    object=relation,
                    detail=role.name,
                    because=[(row.place_for(role.name), f"the matrix demands {row.text(role.name)}")],
                    fix=f"GRANT {', '.join(missing)} ON {project.sql(relation)} TO {quoted(role.name)};",
                )
            elif demanded:
                yield from _unreachable(project, relation, role, demanded)


def _unreachable(project: Project, relation: Relation, role: Role, demanded: list[str]) -> Iterator[Finding]:
    """A privilege that is there, but can't be used for want of another one."""
    if not can_on_schema(project.catalog, role.oid, relation.schema, "USAGE"):
        schema = project.catalog.schema_name(relation.schema)
        yield rule.finding(
            project,
            relation.because,
            f"`{role.name}` can't use its privileges on `{project.name(relation)}`: it lacks USAGE on the schema "
            f"`{schema}`",
            object=relation,
            detail=(role.name, "schema"),
            fix=f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {quoted(role.name)};",
        )
    if "INSERT" not in demanded:
        return
    for sequence in project.serial_sequences(relation):
        if can_use_sequence(project.catalog, role.oid, sequence.oid) or can_use_sequence(
            project.catalog, role.oid, sequence.oid, "UPDATE"
        ):
            continue
        yield rule.finding(
            project,
            sequence.because,
            f"`{role.name}` may INSERT into `{project.name(relation)}`, but lacks USAGE on its sequence "
            f"`{project.name(sequence)}`: an insert that takes the default fails",
            object=relation,
            detail=(role.name, "sequence"),
            fix=f"GRANT USAGE ON SEQUENCE {project.sql(sequence)} TO {quoted(role.name)};",
        )
