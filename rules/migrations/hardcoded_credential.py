"""
A password stands in a migration.

## Why it matters
Migrations are in every clone, build log and backup, for ever. A password that was once committed is known, and changing
it later in another migration makes that one known, too.

## When it is fine
`PASSWORD NULL`, and a value that is read from the environment when the migration runs.

## Instead
Create the role without a password, and let the platform's secret store set it.

## References
* Seed, phase 2.2: "No hardcoded credentials"
* https://www.postgresql.org/docs/current/sql-createrole.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import PasswordSet, Rule, Severity, secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Step

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.on(PasswordSet)
def check_statement(project: Project, step: Step, event: PasswordSet) -> Iterator[Finding]:
    """Report each password literal of a statement."""
    yield rule.finding(
        project,
        event.because,
        f"a password stands in the migration `{step.migration.name}` ({event.where}): it is in every clone and log",
        object=f"migration {step.migration.name}",
        detail=event.where,
    )


@rule.check
def check_text(project: Project) -> Iterator[Finding]:
    """Report connection strings with a password, and assignments of secrets, in the text of migrations."""
    reported = {
        (event.because.span.path, event.because.span.line)
        for step in project.history.steps
        for event in step.events
        if isinstance(event, PasswordSet)
    }
    seen: set[int] = set()
    for migration in project.history.migrations:
        file = migration.file
        if id(file) in seen:
            continue
        seen.add(id(file))
        for start, end, what in secrets_in(file):
            span = file.span(start, end)
            if (span.path, span.line) in reported:
                continue
            reported.add((span.path, span.line))
            yield rule.finding(
                project,
                span,
                f"{what} stands in the migration `{migration.name}`: it is in every clone and log",
                object=f"migration {migration.name}",
                detail=what,
            )
