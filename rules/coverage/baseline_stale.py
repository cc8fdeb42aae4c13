"""
The baseline lists a finding that is no longer there.

## Why it matters
The entry would hide the same defect if it came back: a baseline is there to shrink.

## When it is fine
For a rule that did not run it is not reported. With `--strict` it is an error.

## Instead
Run `schemaguard baseline prune`.

## References
docs/silencing.md, "Baseline".
"""

from collections.abc import Iterator

from schemaguard.api import Finding, Project, Rule, Severity

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")


@rule.at_the_end
def check(project: Project) -> Iterator[Finding]:
    """Report each entry of a rule that ran and whose finding was not made."""
    if project.baseline is None:
        return
    for entry in project.baseline.stale(project.ran):
        yield rule.finding(
            project,
            project.baseline.places.get(entry.key),
            f"the finding `{entry.key}` is gone, and the baseline still lists it",
            object=f"entry {entry.key}",
        )
