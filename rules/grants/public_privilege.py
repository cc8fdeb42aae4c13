"""
PUBLIC holds a privilege on a governed table, view or sequence.

## Why it matters
Every role that can connect has it: monitoring, a former colleague's, one that is made next year. A REVOKE from a single
role does not take it away.

## When it is fine
Never for a governed table: name the roles.

## Instead
Revoke it from PUBLIC, and grant it to the roles that need it.

## References
* Seed, phase 3.2: "PUBLIC revoked on all 5 tables"
* https://www.postgresql.org/docs/current/ddl-priv.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import PUBLIC, Rule, Sequence, Severity, effective_acl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each relation with all that PUBLIC holds on it, columns included."""
    sequences = [sequence for sequence in project.catalog.all(Sequence) if not sequence.extension]
    for relation in (*project.governed_tables, *project.governed_views, *sequences):
        items = [item for item in effective_acl(project.catalog, relation) if item.grantee == PUBLIC]
        items += [item for column in relation.columns for item in column.acl if item.grantee == PUBLIC]
        if not items:
            continue
        allowed = row.allowed("PUBLIC") if (row := project.matrix_row(relation)) is not None else ()
        held = list(dict.fromkeys(item.privilege for item in items if item.privilege not in allowed))
        if not held:
            continue
        name = project.name(relation)
        kind = "SEQUENCE " if relation.kind == "S" else ""
        yield rule.finding(
            project,
            items[0].because or relation.because,
            f"PUBLIC has {', '.join(held)} on `{name}`: so has every role that can connect",
            object=relation,
            because=[(item.because, f"PUBLIC was granted {item.privilege}") for item in items[1:4]],
            exposures=[(f"PUBLIC:{item.privilege}", item.because) for item in items],
            fix=f"REVOKE {', '.join(held)} ON {kind}{project.sql(relation)} FROM PUBLIC;",
        )
