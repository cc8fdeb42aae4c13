"""
A statement does not parse: nobody knows what it does to the schema.

## Why it matters
What can't be read can't be checked, and every later answer may rest on what it did.

## When it is fine
Never in a migration that a server has run; a file of a client's own commands is no migration: leave it out of
the source.

## Instead
Write it as the server takes it; the grammar is that of PostgreSQL itself. A placeholder that a tool fills in
has its value declared under `sources`.

## References
PostgreSQL: SQL Commands, https://www.postgresql.org/docs/current/sql-commands.html
"""

from collections.abc import Iterator

from schemaguard.api import Finding, Project, Rule, Severity, statement_of

LONGEST = 120
"""Characters of the parser's message, which may quote the rest of the file."""

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", always=True)


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each stretch of SQL that the grammar refuses, at the word where it does."""
    yield from rule.relayed(project)
    for migration, unparsed in project.history.unparsed:
        yield rule.finding(
            project,
            unparsed.at,
            f"this statement is not PostgreSQL: {_shortened(unparsed.message)}",
            object=statement_of(migration.name, unparsed.sql),
            because=[(unparsed.span, "the statement")] if unparsed.span.line != unparsed.at.line else [],
        )


def _shortened(message: str) -> str:
    """The parser's words, without all that follows an open quote."""
    return message if len(message) <= LONGEST else f"{message[:LONGEST]}…"
