"""
What only some versions of PostgreSQL take, older than those that come embedded.
"""

from __future__ import annotations

import pytest

from tests.catalog.objects.support import Model

# As PostgreSQL 15.18 answered; from 16 on both are taken.
UNNAMED = {
    "SELECT 1 FROM (SELECT 1) ": "subquery in FROM must have an alias",
    "SELECT 1 FROM (VALUES (1))": "VALUES in FROM must have an alias",
    "SELECT 1 FROM (SELECT 1) AS named": "",
}


@pytest.mark.parametrize(("query", "message"), UNNAMED.items())
def test_subqueries_without_a_name(query: str, message: str) -> None:
    """The grammar asks for one before PostgreSQL 16."""
    assert Model(15).execute(f"CREATE VIEW v AS {query}").message == message
    assert Model(16).execute(f"CREATE VIEW v AS {query}").message == ""
