"""
A rule raised an error, so what it would have found is not known.

## Why it matters
Its silence proves nothing; the other rules ran.

## When it is fine
Never: mend the rule or turn it off.

## Instead
Run `schemaguard check --verbose` to see where it failed, and hold the rule to a fixture of what it met here.

## References
docs/writing-rules.md, "Prove it".
"""

from collections.abc import Iterator

from schemaguard.api import Finding, Location, Project, Rule, Severity

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", always=True)


@rule.at_the_end
def check(project: Project) -> Iterator[Finding]:
    """Report each rule that raised, at the line of its file."""
    for failure in project.failures:
        yield rule.finding(
            project,
            Location(failure.path, failure.line, 1, failure.line, 1),
            f"the rule `{failure.rule}` stopped: {failure.error}",
            object=f"rule {failure.rule}",
        )
