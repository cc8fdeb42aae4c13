"""
A policy raises an error where no tenant is set.

## Why it matters
`current_setting('x')` with one argument is an error where the setting was never set. With `true` as the second it is
NULL then, but the empty string after `SET LOCAL` and a commit in the same connection, and `''::uuid` is an error
again: queries fail in pooled connections, at times that are hard to repeat.

## When it is fine
The cast is guarded: `nullif(current_setting('x', true), '')::uuid`. Comparing as text needs no guard.

## Instead
Write `nullif(current_setting('…', true), '')` before the cast.

## References
* https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SET
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each policy whose use of a setting may raise."""
    for table in project.governed_tables:
        for policy in project.policies(table):
            for _clause, expression in project.clauses(policy):
                why = project.setting_may_error(table, expression)
                if not why:
                    continue
                yield rule.finding(
                    project,
                    expression.because or policy.because,
                    f"the policy `{policy.name}` of `{project.name(table)}` raises an error without a tenant: {why}",
                    object=policy,
                )
                break
