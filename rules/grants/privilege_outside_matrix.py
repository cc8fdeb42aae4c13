"""
A role has a privilege that the target matrix does not allow.

## Why it matters
The matrix is what was agreed on and what an auditor is shown. A privilege beside it is either a mistake or a change
that nobody agreed on; later blanket grants, memberships and ownership bring them in unseen.

## When it is fine
The most specific row of the matrix for the table allows it. UPDATE and DELETE on an append-only table are the matter of
`append-only-mutable`, what PUBLIC holds that of `public-privilege`, what a read-only role writes of
`readonly-role-writes`: they are reported there, once.

## Instead
Revoke it at its root, or change the matrix.

## References
* Seed, phases 2.3 and 2.5: "Target GRANT Matrix"
* https://www.postgresql.org/docs/current/ddl-priv.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, can, chain, reason, revocation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, MatrixRow, Project, Proof, Relation, Role

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="privileges")

PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
ROWS = frozenset(("INSERT", "UPDATE", "DELETE", "TRUNCATE"))
GUARDED = frozenset(("UPDATE", "DELETE", "TRUNCATE", "TRIGGER"))


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report what each role has too much on each table, one finding for each statement that gives it."""
    for relation in (*project.governed_tables, *project.governed_views):
        row = project.matrix_row(relation)
        if row is None:
            continue
        for role in project.matrix_roles:
            for proofs in _excess(project, relation, row, role):
                yield _finding(project, relation, row, role, proofs)


def _excess(project: Project, relation: Relation, row: MatrixRow, role: Role) -> Iterator[list[Proof]]:
    """The proofs of privileges that the matrix does not allow, together where one statement gives them."""
    found: dict[object, list[Proof]] = {}
    for privilege in PRIVILEGES:
        if _is_reported_elsewhere(project, relation, role, privilege):
            continue
        for proof in _proofs(project, relation, role, privilege):
            if proof.kind in ("superuser", "owner") or row.allows(role.name, proof) or _is_public(proof):
                continue
            found.setdefault((proof.because, proof.kind, proof.columns), []).append(proof)
    yield from found.values()


def _proofs(project: Project, relation: Relation, role: Role, privilege: str) -> list[Proof]:
    """The best proof of a privilege; where it is for some columns only, one for each of them."""
    proof = can(project.catalog, role.oid, privilege, relation.oid)
    if proof is None or proof.kind != "columns":
        return [] if proof is None else [proof]
    each = (can(project.catalog, role.oid, privilege, relation.oid, one.number) for one in relation.columns)
    return [one for one in each if one is not None]


def _is_public(proof: Proof) -> bool:
    return proof.kind == "public" or any(link.subject == "PUBLIC" for link in proof.links)


def _finding(
    project: Project, relation: Relation, row: MatrixRow, role: Role, proofs: list[Proof]
) -> Finding:
    first = proofs[0]
    held = ", ".join(proof.privilege for proof in proofs)
    name = project.name(relation)
    where = ", ".join(f"`{name}.{column}`" for column in first.columns) or f"`{name}`"
    return rule.finding(
        project,
        first.because,
        f"`{role.name}` has {held} on {where}, which the matrix does not allow{reason(first)}",
        object=relation,
        detail=(role.name, held.replace(", ", "+")),
        because=[*chain(first), (row.place_for(role.name), f"the matrix allows {row.text(role.name)}")],
        exposures=[(f"{role.name}:{proof.privilege}", proof.because) for proof in proofs],
        fix=revocation(project.catalog, *proofs),
    )


def _is_reported_elsewhere(project: Project, relation: Relation, role: Role, privilege: str) -> bool:
    if privilege in GUARDED and project.is_append_only(relation.oid) and role in project.app_roles:
        return True
    return privilege in ROWS and role in project.readonly_roles
