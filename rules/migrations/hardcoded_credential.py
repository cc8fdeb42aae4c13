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

import re
from typing import TYPE_CHECKING

from schemaguard.api import PasswordSet, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, SourceFile, Step

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")

URL = re.compile(
    r"\b[a-z][a-z0-9+.]*://[^\s:@/'\"{}$<>]+:(?P<secret>[^\s@/'\"{}$<>%]+)@[\w.\[\]-]+", re.IGNORECASE
)
WORDS = ("password", "passwd", "pwd", "secret", "api", "access")
KEYWORD = re.compile(
    r"\b(?:password|passwd|pwd|secret|api_?key|access_?token)\s*=\s*(?P<quote>['\"]{0,2})(?P<secret>[^\s'\"{}$%<>(),;]{4,})(?P=quote)",
    re.IGNORECASE,
)
NO_SECRETS = frozenset(
    ("none", "null", "true", "false", "str", "password", "secret", "changeme?", "xxx", "***")
)


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
        for start, end, what in _secrets(file):
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


def _secrets(file: SourceFile) -> Iterator[tuple[int, int, str]]:
    text = file.text
    if "://" in text:
        for match in URL.finditer(text):
            yield match.start(), match.end(), "a connection string with a password"
    for match in _assignments(text):
        if match["secret"].lower() in NO_SECRETS or not _is_string(
            text, match, is_python=file.path.endswith(".py")
        ):
            continue
        yield match.start(), match.end(), "a secret"


def _assignments(text: str) -> Iterator[re.Match[str]]:
    """What KEYWORD matches; its words are looked for first, since in 50 MB of rows the pattern takes seconds."""
    lower = text.lower()
    if len(lower) != len(text):  # some letters have more than one in lower case, and offsets would not fit
        yield from KEYWORD.finditer(text)
        return
    starts: list[int] = []
    for word in WORDS:
        at = lower.find(word)
        while at >= 0:
            starts.append(at)
            at = lower.find(word, at + 1)
    end = 0
    for start in sorted(starts):
        match = KEYWORD.match(text, start) if start >= end else None
        if match is not None:
            end = match.end()
            yield match


def _is_string(text: str, match: re.Match[str], *, is_python: bool) -> bool:
    """Whether the match is a quoted value, or stands inside a quoted string: not code that reads a variable."""
    if match["quote"]:
        return is_python or "=" in match[0]
    line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    return line.count("'") % 2 == 1 or line.count('"') % 2 == 1
