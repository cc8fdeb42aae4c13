"""The contract field by field beside the schema: as a table, as Markdown, as JSON."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from schemaguard.contracts.table import COMPUTED, STRUCTURE, UNKNOWN, UNMAPPED, VERIFIED
from schemaguard.report.answers.parts import columns, head
from schemaguard.report.safe import visible
from schemaguard.report.terminal import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.contracts.table import ContractTable, Row
    from schemaguard.report.terminal import Line

STYLES = {VERIFIED: "good", UNMAPPED: "warning", UNKNOWN: "warning", COMPUTED: "quiet", STRUCTURE: "quiet"}


def document(table: ContractTable, exit_code: int) -> dict[str, Any]:
    """The table as JSON."""
    return {
        **head(),
        "fields": [_object(row) for row in table.rows],
        "totals": table.totals._asdict(),
        "exit_code": exit_code,
    }


def _object(row: Row) -> dict[str, Any]:
    found = row._asdict()
    place = row.at
    found["at"] = {"path": place.path, "line": place.line, "column": place.column}
    found["rules"] = list(row.rules)
    return found


def lines(table: ContractTable) -> Iterator[Line]:
    """The table for people, a heading for each thing that an operation sends."""
    for (operation, sent, schema), rows in _groups(table):
        yield [Part(visible(operation), "message"), Part(f"  {visible(sent)} {visible(schema)}", "quiet")]
        yield from columns([_parts(row) for row in rows])
        yield []
    yield [Part(_totals(table), "message")]


def _groups(table: ContractTable) -> Iterator[tuple[tuple[str, str, str], list[Row]]]:
    for key, rows in groupby(table.rows, key=lambda row: (row.operation, row.sent, row.schema)):
        yield key, list(rows)


def _parts(row: Row) -> list[Part]:
    style = STYLES.get(row.verdict, "error")
    return [
        Part(visible(row.field), "label"),
        Part(visible(row.field_type)),
        Part("required" if row.required else "optional", "" if row.required else "quiet"),
        Part("→" if row.table else "", "frame"),
        Part(visible(f"{row.table}.{row.column}" if row.table else "")),
        Part(row.type),
        Part(_null(row), "quiet"),
        Part(f"via {visible(row.view)}" if row.view else "", "quiet"),
        Part(row.verdict, style),
    ]


def _null(row: Row) -> str:
    if not row.type:
        return ""
    return "?" if row.nullable is None else "NULL" if row.nullable else "NOT NULL"


def _totals(table: ContractTable) -> str:
    totals = table.totals
    text = f"{totals.mapped} mapped, {totals.verified} verified, {totals.unmapped} unmapped, {totals.stale} stale"
    return f"{text}, {totals.computed} computed" if totals.computed else text


def markdown(table: ContractTable) -> str:
    """The table as Markdown, for a pull request or a page of documentation."""
    parts = []
    for (operation, sent, schema), rows in _groups(table):
        parts.append(f"### {_cell(operation)}: {_cell(sent)} {_cell(schema)}\n")
        parts.append("| field | type | required | column | type | null | via | verdict |")
        parts.append("|---|---|---|---|---|---|---|---|")
        for row in rows:
            column = f"`{row.table}.{row.column}`" if row.table else ""
            cells = (
                f"`{row.field}`", row.field_type, "yes" if row.required else "no", column, row.type, _null(row),
                f"`{row.view}`" if row.view else "", row.verdict,
            )  # fmt: skip
            parts.append("| " + " | ".join(map(_cell, cells)) + " |")
        parts.append("")
    return "\n".join([*parts, _totals(table), ""])


def _cell(text: str) -> str:
    return visible(text).replace("|", "\\|").replace("<", "&lt;")
