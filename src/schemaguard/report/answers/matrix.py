"""The target matrix held against what roles can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.report.answers.parts import columns, head, place_object, place_text
from schemaguard.report.safe import visible
from schemaguard.report.terminal import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.catalog.privileges.proof import Proof
    from schemaguard.catalog.state import Catalog
    from schemaguard.linting.questions.target import Cell, Line as Row
    from schemaguard.report.terminal import Line


def document(catalog: Catalog, rows: Sequence[Row], exit_code: int) -> dict[str, Any]:
    """The matrix as JSON."""
    return {
        **head(),
        "objects": [_row(catalog, row) for row in rows],
        "missing": sum(len(cell.missing) for row in rows for cell in row.cells),
        "excess": sum(len(cell.excess) for row in rows for cell in row.cells),
        "exit_code": exit_code,
    }


def _row(catalog: Catalog, row: Row) -> dict[str, Any]:
    return {
        "object": catalog.qualified(row.relation),
        "governed": row.row is not None,
        "roles": {cell.role: _cell(row, cell) for cell in row.cells},
    }


def _cell(row: Row, cell: Cell) -> dict[str, Any]:
    return {
        "effective": [proof.privilege for proof in cell.held if proof.effective],
        "partial": [
            {"privilege": proof.privilege, "kind": proof.kind, "columns": list(proof.columns)}
            for proof in cell.held
            if not proof.effective
        ],
        "target": None if row.row is None else row.row.text(cell.role),
        "missing": list(cell.missing),
        "excess": [
            {
                "privilege": proof.privilege,
                "sentence": proof.sentence(),
                "location": place_object(proof.because),
            }
            for proof in cell.excess
        ],
    }


def lines(catalog: Catalog, rows: Sequence[Row]) -> Iterator[Line]:
    """The matrix for people: a line a role, `+` before what is too much and `-` before what is missing."""
    for row in rows:
        note = "" if row.row is not None else "  no row of the matrix is about it"
        yield [Part(visible(catalog.qualified(row.relation)), "message"), Part(note, "quiet")]
        yield from _cells(row.cells)
    missing = sum(len(cell.missing) for row in rows for cell in row.cells)
    excess = sum(len(cell.excess) for row in rows for cell in row.cells)
    if not any(row.row is not None for row in rows):
        yield [Part("the config has no target matrix: see `privileges` in schemaguard.yaml", "quiet")]
    elif missing or excess:
        yield [Part(f"{missing} missing (-), {excess} too much (+)", "error")]
    else:
        yield [Part("as the matrix demands", "good")]


def _cells(cells: Sequence[Cell]) -> Iterator[Line]:
    width = max((len(cell.role) for cell in cells), default=0)
    for cell in cells:
        excess = {proof.privilege for proof in cell.excess}
        line = [Part(f"  {visible(cell.role):<{width}} ")]
        for proof in cell.held:
            sign, style = ("+", "error") if proof.privilege in excess else ("", "")
            line.append(Part(f" {sign}{proof.privilege}{_limits(proof)}", style))
        line += [Part(f" -{privilege}", "warning") for privilege in cell.missing]
        yield line if len(line) > 1 else [*line, Part(" nothing", "quiet")]
        for proof in cell.excess:
            where = place_text(proof.because.span.location) if proof.because else ""
            row = [
                Part(" " * width),
                Part(visible(f"+{proof.privilege}: {proof.sentence()}"), "quiet"),
                Part(where, "frame"),
            ]
            yield from columns([row])


def _limits(proof: Proof) -> str:
    """What a privilege is not: table-wide, at once, on the table itself."""
    if proof.kind == "columns":
        return f"({visible(','.join(proof.columns))})"
    return {"set role": "(SET ROLE)", "view": "(by a view)"}.get(proof.kind, "")
