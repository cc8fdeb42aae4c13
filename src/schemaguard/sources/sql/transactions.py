"""Statements that PostgreSQL runs outside of transactions only."""

from __future__ import annotations

import re

_OUTSIDE = re.compile(
    r"\bconcurrently\b|^\s*(?:vacuum|create\s+database|create\s+tablespace|drop\s+database|alter\s+system)\b",
    re.IGNORECASE | re.MULTILINE,
)

_WORDS = ("concurrently", "vacuum", "database", "tablespace", "system")
"""Each statement that the pattern finds has one of these."""


def leaves_transactions(text: str) -> bool:
    """Whether a file seems to hold such a statement: its tool then runs it without a transaction, or not at all.

    A file that is sent as one query is a transaction of its own only if it holds several statements.
    """
    lower = text.lower()  # the words are looked for first: in 50 MB of rows the pattern alone takes seconds
    return any(word in lower for word in _WORDS) and _OUTSIDE.search(text) is not None
