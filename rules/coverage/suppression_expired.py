"""
A comment or exemption has outlived its date.

## Why it matters
It was agreed to last until a day, and that day is over: what it silenced is reported again.

## When it is fine
Never: the date was given so that somebody looks again.

## Instead
Mend what it silences and remove it, or agree on a new date.

## References
docs/silencing.md, "Comments".
"""

from collections.abc import Iterator

from schemaguard.api import Finding, Project, Rule, Severity

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each comment, and each exemption of the config, whose `until` is past."""
    for suppression in project.suppressions.all:
        if suppression.expired:
            names = ", ".join(f"`{name}`" for name in suppression.rules)
            yield rule.finding(
                project,
                suppression.span,
                f"this comment allowed {names} until {suppression.until}, and that is over",
                object=f"file {suppression.span.path}",
                detail=(*suppression.rules, str(suppression.until)),
            )
    for number, exemption in project.expired_exemptions():
        names = ", ".join(exemption.object)
        yield rule.finding(
            project,
            project.policy.where("exempt", number),
            f"`{names}` was exempt until {exemption.until}, and that is over",
            object=f"exemption {names}",
            detail=(*exemption.rules, str(exemption.until)),
        )
