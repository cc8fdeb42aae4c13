"""
A server would refuse a statement.

## Why it matters
The migration stops there, in production at the latest, and nothing after it is applied.

## When it is fine
Where what it needs exists without a migration: declare that under `external`, and the statement is taken.

## Instead
Create what it names first, in a migration that runs before it, or drop what is there already.

## References
PostgreSQL: Error Codes, https://www.postgresql.org/docs/current/errcodes-appendix.html
Seed: 2.2, migrations apply cleanly to an empty database.
"""

from collections.abc import Iterator

from schemaguard.api import Finding, Origin, Project, Rule, Severity, statement_of

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each statement that the replayed catalog refuses, in the server's own words."""
    yield from rule.relayed(project)
    unknown: Origin | None = None
    for step in project.history.steps:
        if step.opaque is not None:
            unknown = Origin(step.statement, step.opaque.offset)
        if step.error is None:
            continue
        error = step.error
        because = [(None, text) for text in (error.detail, error.hint) if text]
        if step.maybe:
            because.append((None, f"whether it runs at all is not known: {step.maybe}"))
        yield rule.finding(
            project,
            Origin(step.statement, error.offset),
            f"PostgreSQL refuses this statement: {error.message}",
            object=statement_of(step.migration.name, step.statement.sql),
            because=[
                *because,
                *([(unknown, "what this does is not known: it may be the cause")] if unknown else []),
            ],
        )
