"""
A column has a name that says nothing.

## Why it matters
`data`, `value` and `info` are filled with whatever the next feature needs. Nothing can be said of their content, so
nothing can be checked: no constraint, no comment, no mapping to the contract.

## When it is fine
The name is the field's own (a `value` in a table of settings): exempt it, or change the option `names`.

## Instead
Name the column after what it holds.

## Options
`names`: the names that say nothing.

## References
* Seed, phase 2.1: "No generic column names"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, RuleOptions, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project


class Options(RuleOptions, frozen=True):
    """What counts as generic."""

    names: tuple[str, ...] = ("data", "misc", "other", "stuff", "value", "info", "tmp", "foo")


rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", options=Options)


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each column of a governed table with such a name, once, where it is defined."""
    names = {name.lower() for name in project.options(rule, Options).names}
    for table in project.governed_tables:
        for column in table.columns:
            if column.parents or column.name.lower() not in names:
                continue
            yield rule.finding(
                project,
                column.because,
                f"`{project.name(table, column)}` has a name that does not say what it holds",
                object=table,
                column=column,
            )
