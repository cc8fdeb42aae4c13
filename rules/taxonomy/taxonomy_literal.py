"""
A code of a taxonomy is written as a literal.

## Why it matters
A view, policy or function that compares with 'facebook_paid' keeps doing so when the code is renamed or split. Which
codes are special belongs into the taxonomy, as a column that can be joined.

## When it is fine
Rows that a migration inserts into the taxonomy itself. A default that is a seeded code is a warning.

## Instead
Join the taxonomy and ask for the family, or for a flag.

## References
* Seed, phases 3.1 and 3.6: "No hard-coded channel strings in allocations or read models"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Function, Rule, Severity, code_literals, reads_and_writes, seeded_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Column, Finding, Project, Table

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="taxonomies")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report literals in views, policies, defaults and function bodies."""
    governed = {
        (table.oid, column.name): (table, column) for table, column, _taxonomy in project.taxonomy_columns
    }
    for table, column, taxonomy in project.taxonomy_columns:
        yield from _default(project, table, column, taxonomy.table, taxonomy.key)
    names = {column.name for _table, column, _taxonomy in project.taxonomy_columns}
    for view in project.governed_views:
        if view.query is not None and any(
            (under.oid, n) in governed for under in project.tables_under(view) for n in names
        ):
            for literal in code_literals(view.query.node, names):
                yield rule.finding(
                    project,
                    project.span_in(view.because, literal.offset),
                    f"`{project.name(view)}` compares `{literal.column}` with the literal '{literal.value}'",
                    object=view,
                    detail=literal.value,
                )
    for table in project.governed_tables:
        for policy in project.policies(table):
            for _clause, expression in project.clauses(policy):
                for literal in code_literals(expression.node, names):
                    if (table.oid, literal.column) in governed:
                        yield rule.finding(
                            project,
                            project.span_in(expression.because, literal.offset),
                            f"the policy `{policy.name}` of `{project.name(table)}` compares `{literal.column}` "
                            f"with the literal '{literal.value}'",
                            object=policy,
                            detail=literal.value,
                        )
    yield from _in_functions(project, governed)


def _default(project: Project, table: Table, column: Column, taxonomy: str, key: str) -> Iterator[Finding]:
    value = project.literal_default(column)
    if value is None or column.parents:
        return
    target = project.table_named(taxonomy)
    rows = seeded_rows(project.catalog, target).rows if target is not None else ()
    seeded = any(str(row.get(key)) == value for row in rows)
    yield rule.finding(
        project,
        column.default_because or column.because,
        f"`{project.name(table, column)}` has the code '{value}' for a default",
        object=table,
        column=column,
        severity=Severity.WARNING if seeded else None,
    )


def _in_functions(
    project: Project, governed: dict[tuple[int, str], tuple[Table, Column]]
) -> Iterator[Finding]:
    for function in project.catalog.all(Function):
        if function.external or function.extension:
            continue
        for literal in reads_and_writes(project.catalog, function).literals:
            if (literal.relation, literal.column) in governed:
                table, column = governed[literal.relation, literal.column]
                verb = "compares" if literal.use == "compared" else "sets"
                word = "with" if literal.use == "compared" else "to"
                yield rule.finding(
                    project,
                    literal.span,
                    f"`{project.signature(function)}` {verb} `{project.name(table, column)}` {word} the literal "
                    f"'{literal.value}'",
                    object=function,
                    detail=(project.name(table, column), literal.value),
                )
