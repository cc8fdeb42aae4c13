"""
A comment lacks a part that was agreed on.

## Why it matters
"Data class" and "Ownership" are what an auditor looks for, and what access decisions are made by. A comment without
them is as good as none for that.

## When it is fine
The object has no comment at all: that is `table-comment-missing`.

## Instead
Write each part of `comments.content` into the comment.

## References
* Seed, phases 2.1 and 2.7: "Purpose: … Data class: … Ownership: …"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="comments")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each comment on a table or view with the parts that it lacks."""
    demanded = project.policy.comments.content
    for relation in (*project.governed_tables, *project.governed_views):
        comment = project.catalog.comment(relation.oid)
        if comment is None:
            continue
        lacks = [part for part in demanded if part.lower() not in comment.text.lower()]
        if lacks:
            parts = ", ".join(f"`{part}`" for part in lacks)
            yield rule.finding(
                project,
                comment.because,
                f"the comment on `{project.name(relation)}` does not say {parts}",
                object=relation,
            )
