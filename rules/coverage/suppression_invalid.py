"""
A comment is meant to silence a finding, and does not.

## Why it matters
Whoever wrote it believes that the matter is settled; the finding is still there, or comes back under another
name.

## When it is fine
Never, and it can't be silenced.

## Instead
Write `-- schemaguard: allow RULE: reason` on or above the statement. In Python it begins with `#`. Several rules are
parted by commas, `until 2027-01-31` before the colon is its last day, `allow-file` at the top of a file is for all of
it, and `approve: reason` is short for `allow destructive-change: reason`.

## References
docs/silencing.md, "Comments".
"""

from collections.abc import Iterator

from schemaguard.api import Finding, Project, Rule, Severity, fingerprint

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", always=True)


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such comment with what is wrong with it."""
    for mistake in project.suppressions.mistakes:
        yield rule.finding(
            project,
            mistake.span,
            f"this comment silences nothing: {mistake.message}",
            object=f"file {mistake.span.path}",
            detail=fingerprint(mistake.span.text),
        )
