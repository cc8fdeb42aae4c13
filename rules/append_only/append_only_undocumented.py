"""
The comment of an append-only table does not say that it is append-only.

## Why it matters
Whoever meets the table in a console or a generated page reads its comment, not the policy document: what is not said
there is tried.

## When it is fine
The comment has one of the words of the option `words`.

## Instead
Say in the COMMENT ON TABLE that rows are only added, and how a correction is made.

## Options
`words`: words of which the comment must have one, in any case: append-only, write-once, immutable, insert-only.

## References
* Seed, phase 2.7: "Write-once financial ledger. Application roles may only INSERT."
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, RuleOptions, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project


class Options(RuleOptions, frozen=True):
    """What counts as saying so."""

    words: tuple[str, ...] = (
        "append-only",
        "append only",
        "write-once",
        "write once",
        "immutable",
        "insert-only",
    )


rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="append_only", options=Options)


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each listed table; its partitions need no comments of their own."""
    words = project.options(rule, Options).words
    for each in project.append_only_tables:
        comment = project.catalog.comment(each.table.oid)
        if each.is_part or (
            comment is not None and any(word.lower() in comment.text.lower() for word in words)
        ):
            continue
        name = project.name(each.table)
        what = "has no comment" if comment is None else "has a comment that does not say so"
        yield rule.finding(
            project,
            each.table.because if comment is None else comment.because,
            f"`{name}` is append-only and {what}: who meets it will try to change it",
            object=each.table,
            fix=f"COMMENT ON TABLE {project.sql(each.table)} IS "
            "'Append-only: rows are never changed; a correction is a new row. …';",
        )
