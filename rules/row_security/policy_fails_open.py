"""
A policy is true for every row when no tenant is set.

## Why it matters
A session that forgets to set the tenant (a job, a console, a connection that was reset) should see nothing. With
`… IS NULL OR tenant_id = …` it sees everything; with `coalesce(current_setting(…), '<literal>')` it works as one
tenant without a word.

## When it is fine
The literal can never be a tenant: `coalesce(current_setting(…, true), '')` compared as text is false for all.
Another policy keeps the rows back: a RESTRICTIVE one that compares the tenant, or (of a RESTRICTIVE one) the permissive
ones themselves.

## Instead
Let the comparison with a missing tenant be NULL: it is not true then.

## References
* https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="tenancy")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each policy that is open without a tenant, or falls back to one, and lets rows through by that."""
    for table in project.tenant_tables:
        if project.scoped_column(table) is None:
            continue
        for policy in project.policies(table):
            if not project.concerns_app(policy):
                continue
            if not policy.permissive and not project.is_left_to_restrictive_policies(table):
                continue
            for clause, expression in project.clauses(policy):
                why = project.opens_without_tenant(table, expression)
                if not why or (policy.permissive and project.narrowed_to_tenant(table, policy, clause)):
                    continue
                yield rule.finding(
                    project,
                    expression.because or policy.because,
                    f"the policy `{policy.name}` of `{project.name(table)}` fails open: {why}",
                    object=policy,
                    detail=clause,
                )
                break
