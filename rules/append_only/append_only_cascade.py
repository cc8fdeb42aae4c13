"""
A foreign key of an append-only table lets a change of its parent change it.

## Why it matters
ON DELETE CASCADE, SET NULL and SET DEFAULT, and such ON UPDATE, change rows with the rights of the table's owner: no
privilege of whoever deletes the parent's row is asked, and no policy. Who may delete a tenant deletes its ledger.

## When it is fine
The action is NO ACTION or RESTRICT. Where no application role can delete (or update the key of) the parent, it is a
warning: owners still can.

## Instead
Declare the key with ON DELETE RESTRICT.

## References
* https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
* https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, Table, can, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Constraint, Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="append_only")

ACTIONS = {"c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
RESULTS = {
    "c": {"DELETE": "deletes", "UPDATE": "rewrites"},
    "n": "empties a column of",
    "d": "resets a column of",
}


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such key at its declaration, with who can set it off."""
    for each in project.append_only_tables:
        for key in project.catalog.constraints(each.table.oid):
            if key.type != "f" or key.parent:
                continue
            for command, action in (("DELETE", key.on_delete), ("UPDATE", key.on_update)):
                if action in ACTIONS:
                    yield _finding(project, each.table, key, command, action)


def _finding(project: Project, table: Table, key: Constraint, command: str, action: str) -> Finding:
    parent = project.catalog.get(key.ref_table, Table)
    name, parent_name = project.name(table), project.name(parent)
    proofs = [
        proof
        for role in project.app_roles
        if (proof := can(project.catalog, role.oid, command, parent.oid)) is not None
    ]
    result = RESULTS[action]
    verb = result[command] if isinstance(result, dict) else result
    who = ", ".join(f"`{project.role_name(proof.role)}`" for proof in proofs)
    consequence = f": {who} may {command} there" if who else ": only owners may do that now"
    columns = ", ".join(
        quoted(column.name) for number in key.columns if (column := table.column_at(number)) is not None
    )
    ref_columns = ", ".join(
        quoted(column.name) for number in key.ref_columns if (column := parent.column_at(number)) is not None
    )
    return rule.finding(
        project,
        key.because,
        f"{'deleting' if command == 'DELETE' else 'updating the key of'} a row of `{parent_name}` {verb} rows of the "
        f"append-only `{name}` (ON {command} {ACTIONS[action]}), without any privilege on it{consequence}",
        object=key,
        detail=command,
        severity=None if proofs else Severity.WARNING,
        because=[(proof.because, proof.sentence()) for proof in proofs[:3]],
        exposures=[(f"{project.role_name(proof.role)}:{command}", proof.because) for proof in proofs],
        fix=f"ALTER TABLE {project.sql(table)} DROP CONSTRAINT {quoted(key.name)};\n"
        f"ALTER TABLE {project.sql(table)} ADD CONSTRAINT {quoted(key.name)} FOREIGN KEY ({columns})\n"
        f"    REFERENCES {project.sql(parent)} ({ref_columns}) ON DELETE RESTRICT;",
    )
