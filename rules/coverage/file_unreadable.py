"""
A file can't be read as text.

## Why it matters
Its statements are not in the replayed history, so every answer may be wrong.

## When it is fine
Never: a file that is no migration is left out of the source.

## Instead
Save it as UTF-8 without NUL bytes, readable for whoever runs the check.

## References
PostgreSQL: Character Set Support, https://www.postgresql.org/docs/current/multibyte.html
"""

from collections.abc import Iterator

from schemaguard.api import Finding, Project, Rule, Severity

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", always=True)


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report what reading the sources found."""
    yield from rule.relayed(project)
