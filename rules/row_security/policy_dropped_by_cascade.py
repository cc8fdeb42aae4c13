"""
A DROP … CASCADE took a policy with it, and nothing made it again.

## Why it matters
Dropping a column or function with CASCADE drops the policies that use it with a notice only. A restrictive policy that
goes leaves the wide ones; the last permissive one that goes denies everything.

## When it is fine
A later statement creates a policy of that name on the table, or drops the table itself.

## Instead
Drop and create the policy by name, in the same migration.

## References
* https://www.postgresql.org/docs/current/ddl-depend.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Dropped, Policy, Rule, Severity, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Step

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.on(Dropped)
def check(project: Project, step: Step, event: Dropped) -> Iterator[Finding]:
    """Report each policy that went along with something else while its table stayed."""
    del step
    policy = event.record
    if not isinstance(policy, Policy) or not event.cascade:
        return
    table = project.catalog.objects.get(policy.table)
    if not isinstance(table, Table) or policy.name in project.catalog.policies_of.get(table.oid, {}):
        return
    kind = "" if policy.permissive else "restrictive "
    yield rule.finding(
        project,
        event.because,
        f"CASCADE dropped the {kind}policy `{policy.name}` of `{project.name(table)}` too, and nothing made it again",
        object=table,
        detail=policy.name,
        because=[(policy.because, "the policy was created here")],
    )
