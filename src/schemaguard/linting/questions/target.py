"""What each role can do with each table, held against the target matrix: what is missing and what is too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.model import PUBLIC, Table
from schemaguard.catalog.privileges.access import access
from schemaguard.linting.questions.matrix import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.privileges.proof import Proof
    from schemaguard.linting.project import Project
    from schemaguard.linting.questions.matrix import MatrixRow


class Cell(NamedTuple):
    """One role on one relation.

    `held`: the best proof of each privilege that it has, in PostgreSQL's order; also of one that it has on some columns
    only, or only after SET ROLE. `missing`: what the matrix demands and it has not. `excess`: what it has, in whatever
    way, and the matrix does not allow; nothing is too much for an owner or a superuser, who can't be held to less.
    """

    role: str
    held: Sequence[Proof]
    missing: Sequence[str]
    excess: Sequence[Proof]


class Line(NamedTuple):
    """One relation of the matrix; `row` is what the matrix says of it, None where it says nothing."""

    relation: Relation
    row: MatrixRow | None
    cells: Sequence[Cell]

    @property
    def holds(self) -> bool:
        """Whether nothing is missing or too much."""
        return not any(cell.missing or cell.excess for cell in self.cells)


def target_matrix(project: Project) -> list[Line]:
    """Every governed table, and the views that a row of the matrix names, with each role that the matrix is about."""
    relations: list[Relation] = [
        *project.governed_tables,
        *(view for view in project.governed_views if _is_named(project.matrix_row(view))),
    ]
    lines = []
    for relation in sorted(relations, key=project.catalog.qualified):
        row = project.matrix_row(relation)
        lines.append(Line(relation, row, list(_cells(project, relation, row))))
    return lines


def _is_named(row: MatrixRow | None) -> bool:
    return row is not None and row.is_exact


def _cells(project: Project, relation: Relation, row: MatrixRow | None) -> Iterator[Cell]:
    public = _cell(project, "PUBLIC", PUBLIC, relation, row)
    if public.held or (row is not None and "PUBLIC" in row.roles):
        yield public
    for role in project.matrix_roles:
        yield _cell(project, role.name, role.oid, relation, row)


def _cell(project: Project, name: str, role: int, relation: Relation, row: MatrixRow | None) -> Cell:
    known = (access(project.catalog, role, privilege, relation) for privilege in ALL)
    held = [found.ways[0] for found in known if found is not None]
    if row is None:
        return Cell(name, held, (), ())
    whole = {proof.privilege for proof in held if proof.effective}
    # A partition is reached through its parent.
    demanded = [] if isinstance(relation, Table) and relation.parents else row.demanded(name)
    missing = [each for each in demanded if each not in whole]
    excess = [
        proof for proof in held if proof.kind not in ("superuser", "owner") and not row.allows(name, proof)
    ]
    return Cell(name, held, missing, excess)
