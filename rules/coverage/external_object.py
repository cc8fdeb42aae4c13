"""
A migration uses what no migration creates and the config does not declare.

## Why it matters
It is presumed to exist, without attributes: a role is taken for an ordinary one, not for a superuser or a
member of others. If that is wrong, answers about privileges are.

## When it is fine
Where it really is an ordinary one. It is a matter of information, not a fault.

## Instead
Declare it under `external` in the config, with its attributes.

## References
PostgreSQL: Database Roles, https://www.postgresql.org/docs/current/user-manag.html
"""

from collections.abc import Iterator

from schemaguard.api import ExternalUsed, Finding, Project, Rule, Severity

rule = Rule(__name__, severity=Severity.INFO, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each such object once, where it is first used."""
    seen = set()
    for step in project.history.steps:
        for event in step.events:
            if isinstance(event, ExternalUsed) and (event.kind, event.name) not in seen:
                seen.add((event.kind, event.name))
                yield rule.finding(
                    project,
                    event.because,
                    f"the {event.kind} `{event.name}` is used and never created: it is presumed to exist",
                    object=f"{event.kind} {event.name}",
                    help=f"Declare it in the config, `external: {{roles: {{{event.name}: {{}}}}}}`"
                    if event.kind == "role"
                    else None,
                )
