"""
A comment silences a finding that is not there.

## Why it matters
The defect was mended, or never was; the comment stays behind and silences the next one of its kind.

## When it is fine
For a rule that did not run it is not reported. With `--strict` it is an error.

## Instead
Remove the rule from the comment, or the comment.

## References
docs/silencing.md, "Comments".
"""

from collections.abc import Iterator

from schemaguard.api import Finding, Project, Rule, Severity

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")


@rule.at_the_end
def check(project: Project) -> Iterator[Finding]:
    """Report each rule of a comment that ran and had nothing to be silenced there."""
    for suppression, name in project.suppressions.unused(project.ran):
        yield rule.finding(
            project,
            suppression.span,
            f"nothing here is a `{name}`: the comment silences no finding",
            object=f"file {suppression.span.path}",
            detail=(name, suppression.reason),
        )
