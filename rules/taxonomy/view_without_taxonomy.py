"""
A view shows codes without what the taxonomy says of them.

The view's columns are followed to the tables (`schemaguard lineage VIEW`): through sub-selects, joins, set operations
and other views, whatever the column is called.

## Why it matters
Each reader then brings a list of names and groups of its own, and two reports disagree about what is paid. A code
that the taxonomy has retired is shown as if it were in use.

## When it is fine
The view reads the taxonomy, and shows each of its `attributes` beside the code. A view that only counts codes, or only
filters by them, shows none.

## Instead
Join the taxonomy in the view, and select its attributes.

## References
* Seed, phase 3.5: "Any read views/MVs that expose channels must join to channel_taxonomy"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Column, Finding, LineageSource, OutputLineage, Project, Table, Taxonomy, View

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="taxonomies")

KEEPING = frozenset(("view", "cast", "coalesce", "case", "array", "row", "field", "subscript", "function"))
"""Steps after which a code is still to be seen, calls among them but for those of `HIDING`."""
CHOOSING = frozenset((
    "min", "max", "mode", "array_agg", "string_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg",
    "any_value", "first_value", "last_value", "nth_value", "lag", "lead",
))  # fmt: skip
"""Aggregates and window functions that give back some of what they take."""
HIDING = frozenset(("length", "char_length", "md5", "hashtext", "octet_length", "num_nulls", "num_nonnulls"))


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each output column of a governed view that shows codes without their taxonomy."""
    columns = {
        (table.oid, column.number): (table, column, taxonomy)
        for table, column, taxonomy in project.taxonomy_columns
    }
    for view in project.governed_views:
        seen: set[str] = set()
        for output in project.lineage.of(view.oid).columns:
            for source in output.values:
                if source.column in columns and _is_shown(source):
                    table, column, taxonomy = columns[source.column]
                    fault = _fault(project, view, taxonomy)
                    if fault and output.name not in seen:
                        seen.add(output.name)
                        yield _finding(project, view, output, (table, column, taxonomy), fault)


def _is_shown(source: LineageSource) -> bool:
    """Whether the code itself, or something that tells it, comes out."""
    return all(
        step.name in CHOOSING
        if step.kind in ("aggregate", "window")
        else step.kind in KEEPING and step.name not in HIDING
        for step in source.steps
    )


def _fault(project: Project, view: View, taxonomy: Taxonomy) -> str:
    """What the view lacks; empty where it lacks nothing."""
    target = project.table_named(taxonomy.table)
    if target is None:
        return f"there is no `{taxonomy.table}` to say what they are"
    lineage = project.lineage.of(view.oid)
    sources = {source.column for output in lineage.columns for source in output.sources}
    name = project.name(target)
    if not any(relation == target.oid for relation, _ in sources.union(lineage.rows)):
        return f"it does not read `{name}`"
    shown = {source.column for output in lineage.columns for source in output.values}
    missing = [
        attribute
        for attribute in taxonomy.attributes
        if (column := target.column(attribute)) is None or (target.oid, column.number) not in shown
    ]
    if not missing:
        return ""
    return f"it does not show {', '.join(f'`{attribute}`' for attribute in missing)} of `{name}`"


def _finding(
    project: Project,
    view: View,
    output: OutputLineage,
    base: tuple[Table, Column, Taxonomy],
    fault: str,
) -> Finding:
    table, column, taxonomy = base
    target = project.table_named(taxonomy.table)
    return rule.finding(
        project,
        view.because,
        f"`{project.name(view)}.{output.name}` shows codes of `{taxonomy.table}`, and {fault}",
        object=view,
        detail=output.name,
        because=[
            (column.because, f"the codes are those of `{project.name(table, column)}`"),
            *([(target.because, "the taxonomy")] if target is not None else []),
        ],
    )
