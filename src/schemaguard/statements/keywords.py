"""Which words PostgreSQL quotes when it prints them as identifiers."""

from __future__ import annotations

from pglast import keywords

QUOTED_KEYWORDS: frozenset[str] = frozenset(
    keywords.RESERVED_KEYWORDS | keywords.TYPE_FUNC_NAME_KEYWORDS | keywords.COL_NAME_KEYWORDS
)
"""All keywords but the unreserved ones: `quote_identifier` of the server quotes them."""
