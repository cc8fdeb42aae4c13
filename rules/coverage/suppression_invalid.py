"""
A comment is meant to silence a finding, and does not.

## Why it matters
Whoever wrote it believes that the matter is settled; the finding is still there, or comes back under another
name.

## When it is fine
Never, and it can't be silenced.

## Instead
Write `-- schemaguard: allow RULE[, RULE] [until YYYY-MM-DD]: reason` on or above the statement (in Python
with `#`), `allow-file` in place of `allow` at the top of a file, or `-- schemaguard: approve: reason` for a
destructive change.

## References
schemaguard: the manual, section "Suppressions".
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
