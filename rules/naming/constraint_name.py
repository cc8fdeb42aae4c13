"""
The name of a constraint does not follow the agreed pattern.

## Why it matters
An error message names the constraint, and nothing else. `ck_orders_amount_positive` is an answer; `orders_check3` is a
search, and is another constraint in the next environment.

## When it is fine
`naming` has no pattern for that kind of constraint.

## Instead
Name the constraint, by the pattern.

## References
* https://www.postgresql.org/docs/current/ddl-constraints.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, matches_name, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Constraint, Finding, Project, Table

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0", needs="naming")

WORDS = {"c": "check", "f": "foreign_key", "u": "unique", "p": "primary_key", "x": "exclude"}


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each constraint of a governed table that no pattern of its kind matches."""
    naming = project.policy.naming
    for table in project.governed_tables:
        for constraint in project.catalog.constraints(table.oid):
            patterns = getattr(naming, WORDS.get(constraint.type, ""), ())
            if not patterns or constraint.parents or constraint.parent:
                continue
            wanted = [pattern.replace("{table}", table.name) for pattern in patterns]
            if any(matches_name(pattern, constraint.name) for pattern in wanted):
                continue
            name, new = project.name(table), quoted(wanted[0].replace("*", _columns(table, constraint)))
            kind = WORDS[constraint.type].replace("_", " ")
            yield rule.finding(
                project,
                constraint.because,
                f"the {kind} constraint `{constraint.name}` of `{name}` is not named like "
                f"{' or '.join(f'`{pattern}`' for pattern in wanted)}",
                object=constraint,
                fix=f"ALTER TABLE {project.sql(table)} RENAME CONSTRAINT {quoted(constraint.name)} TO {new};",
            )


def _columns(table: Table, constraint: Constraint) -> str:
    """What stands for `*` in a new name: the columns, or what the constraint is called now."""
    names = [column.name for number in constraint.columns if (column := table.column_at(number)) is not None]
    return "_".join(names) or constraint.name
