"""
A rewrite rule of an append-only table does something else instead.

## Why it matters
DO INSTEAD drops or redirects a change without an error: the application is told that its statement succeeded, and
nobody learns that it did not. DO INSTEAD NOTHING on INSERT loses postings.

## When it is fine
Never on an append-only table: a trigger that raises says what it refuses.

## Instead
Drop the rule, revoke the privilege, and let a guard trigger raise.

## References
* https://www.postgresql.org/docs/current/rules-update.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="append_only")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each enabled DO INSTEAD rule."""
    for each in project.append_only_tables:
        for rewrite in project.catalog.rules(each.table.oid):
            if not rewrite.instead or rewrite.enabled == "D":
                continue
            name = project.name(each.table)
            does = "nothing" if not rewrite.actions else "something else"
            yield rule.finding(
                project,
                rewrite.because,
                f"the rule `{rewrite.name}` does {does} instead of each {rewrite.event.upper()} on `{name}`, and "
                "reports success",
                object=rewrite,
                fix=f"DROP RULE {quoted(rewrite.name)} ON {project.sql(each.table)};",
            )
