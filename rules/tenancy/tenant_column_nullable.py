"""
The tenant column of a table may be NULL.

## Why it matters
A row without a tenant is invisible under a policy such as `tenant_id = …`, because a comparison with NULL is not true;
under a policy that tolerates NULL everybody sees it.

## When it is fine
The column is NOT NULL through its domain. (A domain's NOT NULL can be got round: a sub-select without a row yields NULL
all the same, so prefer the column's own.) A validated `CHECK (tenant_id IS NOT NULL)` is enough for the rows, and only
a warning: other tools and the planner look for NOT NULL.

## Instead
Fill the column and set it NOT NULL.

## References
* Seed, phase 2.1
* https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-NOT-NULL
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="tenancy")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each tenant column that may be NULL; a warning where a CHECK forbids it."""
    tenants = project.tenants
    if tenants is None:
        return
    for table in tenants.tables:
        column = tenants.column(table)
        if column is None or project.is_not_null(column):
            continue
        check_constraint = project.not_null_check(table, column)
        name = project.name(table, column)
        consequence = "a row without a tenant is nobody's, or everybody's"
        if check_constraint is not None:
            consequence = f"only the CHECK `{check_constraint.name}` keeps rows without a tenant out"
        yield rule.finding(
            project,
            column.not_null_because or column.because,
            f"`{name}` may be NULL: {consequence}",
            object=table,
            column=column,
            severity=Severity.WARNING if check_constraint is not None else None,
            because=[(check_constraint.because, "the CHECK")] if check_constraint is not None else (),
            fix=f"ALTER TABLE {project.sql(table)} ALTER COLUMN {quoted(column.name)} SET NOT NULL;",
        )
