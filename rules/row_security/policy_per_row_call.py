"""
A policy calls a function for every row.

## Why it matters
The planner can't lift a call of a STABLE or VOLATILE function out of a policy: it runs once for each row that is read.
Wrapped in a scalar sub-select it runs once for the query.

## When it is fine
The call is in a sub-select already, or is `current_setting` alone, or one of PostgreSQL's own immutable functions. A
function of the row's columns has to run for each row.

## Instead
Write `(SELECT f())` instead of `f()`.

## References
* https://www.postgresql.org/docs/current/sql-createpolicy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each policy that calls a function of no column outside of a sub-select."""
    for table in project.governed_tables:
        for policy in project.policies(table):
            names = dict.fromkeys(
                name
                for _clause, expression in project.clauses(policy)
                for name in project.per_row_calls(expression)
            )
            if names:
                calls = ", ".join(f"`{name}()`" for name in names)
                yield rule.finding(
                    project,
                    policy.using_because or policy.because,
                    f"the policy `{policy.name}` of `{project.name(table)}` calls {calls} for every row",
                    object=policy,
                )
