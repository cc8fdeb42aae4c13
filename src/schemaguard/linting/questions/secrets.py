"""Secrets in the text of a migration: connection strings with a password, and values given to words for secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.text import SourceFile

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


def secrets_in(file: SourceFile) -> Iterator[tuple[int, int, str]]:
    """Where a secret begins and ends in a file's text, and what it is."""
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
