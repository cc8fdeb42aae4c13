"""Statements that PostgreSQL runs outside of transactions only."""

from __future__ import annotations

import re

_OUTSIDE = re.compile(
    r"\bconcurrently\b|^\s*(?:vacuum|create\s+database|create\s+tablespace|drop\s+database|alter\s+system)\b",
    re.IGNORECASE | re.MULTILINE,
)


def leaves_transactions(text: str) -> bool:
    """Whether a file seems to hold such a statement: its tool then runs it without a transaction, or not at all.

    A file that is sent as one query is a transaction of its own only if it holds several statements.
    """
    return _OUTSIDE.search(text) is not None
