"""Lineage in words, as data, and as a diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.analysis.transform.scope import SYSTEM_COLUMNS
from schemaguard.catalog.analysis.type_info import relation_at
from schemaguard.catalog.analysis.types import format_type
from schemaguard.catalog.describe import short_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.catalog.state import Catalog
    from schemaguard.lineage.records import OutputLineage, RelationLineage, Source

_SYSTEM = {number: name for name, (number, _of) in SYSTEM_COLUMNS.items()}


def column_name(catalog: Catalog, relation: int, number: int, *, qualified: bool = False) -> str:
    """A column by its relation's name; with the schema where that is not `public`, or always when `qualified`."""
    record = relation_at(catalog, relation)
    if record is None:
        return f"relation {relation}.{number}"
    column = record.column_at(number)
    name = column.name if column is not None else _SYSTEM.get(number, str(number))
    return f"{catalog.qualified(record) if qualified else short_name(catalog, record)}.{name}"


def source_words(catalog: Catalog, source: Source) -> str:
    """``orders.amount, sum, cast double precision``: a base column and what is done to it."""
    return ", ".join((column_name(catalog, *source.column), *(str(step) for step in source.steps)))


def null_words(output: OutputLineage) -> str:
    """Whether a column may be NULL, and why."""
    if output.nullable is None:
        return f"may be NULL or not: {output.why}"
    return f"may be NULL: {output.why}" if output.nullable else "never NULL"


def column_lines(catalog: Catalog, output: OutputLineage) -> Iterator[str]:
    """A column's lineage as lines of text."""
    yield f"{output.name}  {format_type(catalog, output.type)}  {null_words(output)}"
    for source in output.values:
        yield f"  from {source_words(catalog, source)}"
    if not output.values:
        yield "  from no column"
    decides = [source.column for source in output.sources if source.decides]
    if decides:
        yield f"  decided by {_list(catalog, decides)}"
    if output.unknown:
        yield f"  not followed: {output.unknown}"


def relation_lines(
    catalog: Catalog, lineage: RelationLineage, columns: Iterable[OutputLineage]
) -> Iterator[str]:
    """The lineage of some columns of a relation, and what decides about its rows."""
    for output in columns:
        yield from column_lines(catalog, output)
    if lineage.rows:
        yield f"rows decided by {_list(catalog, lineage.rows)}"


def _list(catalog: Catalog, columns: Iterable[tuple[int, int]]) -> str:
    return ", ".join(dict.fromkeys(column_name(catalog, *column) for column in columns))


def relation_object(
    catalog: Catalog, lineage: RelationLineage, columns: Iterable[OutputLineage]
) -> dict[str, Any]:
    """The same as data for JSON."""
    record = relation_at(catalog, lineage.oid)
    return {
        "relation": catalog.qualified(record) if record is not None else "",
        "columns": [_column_object(catalog, output) for output in columns],
        "rows": [column_name(catalog, *column, qualified=True) for column in lineage.rows],
    }


def _column_object(catalog: Catalog, output: OutputLineage) -> dict[str, Any]:
    return {
        "name": output.name,
        "type": format_type(catalog, output.type),
        "nullable": output.nullable,
        "why": output.why,
        "sources": [
            {
                "column": column_name(catalog, *source.column, qualified=True),
                "role": "decides" if source.decides else "value",
                "direct": source.direct,
                "steps": [{"kind": step.kind, "name": step.name} for step in source.steps],
            }
            for source in output.sources
        ],
        "unknown": output.unknown,
    }


def mermaid(catalog: Catalog, lineage: RelationLineage, columns: Iterable[OutputLineage]) -> str:
    """A flowchart from base columns to the relation's; values are solid lines, what decides is dotted."""
    groups: dict[int, dict[tuple[int, int], None]] = {}
    edges: dict[str, None] = {}
    for output in columns:
        groups.setdefault(lineage.oid, {})[lineage.oid, output.number] = None
        for source in output.sources:
            if source.column == (lineage.oid, output.number):
                continue
            groups.setdefault(source.relation, {})[source.column] = None
            words = ", ".join(str(step) for step in source.steps)
            line = "-.->" if source.decides else "-->"
            label = f'|"{_quoted(words)}"|' if words else ""
            edges[f"  {_node(source.column)} {line}{label} {_node((lineage.oid, output.number))}"] = None
    lines = ["flowchart LR"]
    for oid, members in groups.items():
        record = relation_at(catalog, oid)
        name = short_name(catalog, record) if record is not None else str(oid)
        lines.append(f'  subgraph r{oid}["{_quoted(name)}"]')
        for column in members:
            text = column_name(catalog, *column).removeprefix(f"{name}.")
            lines.append(f'    {_node(column)}["{_quoted(text)}"]')
        lines.append("  end")
    return "\n".join([*lines, *edges]) + "\n"


def _node(column: tuple[int, int]) -> str:
    return f"c{column[0]}_{column[1]}".replace("-", "s")


def _quoted(text: str) -> str:
    return text.replace('"', "#quot;")
