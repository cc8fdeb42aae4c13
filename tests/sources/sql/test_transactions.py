"""
Migrations that PostgreSQL runs outside of transactions only.
"""

from __future__ import annotations

import pytest

from schemaguard.config import Policy, Source
from schemaguard.sources.load import load_sources
from schemaguard.testing import MemoryTree

PATHS = {
    "prisma": "migrations/{}0102030405_x/migration.sql",
    "golang-migrate": "migrations/{}_x.up.sql",
    "flyway": "migrations/V{}__x.sql",
}


@pytest.mark.parametrize("layout", PATHS)
@pytest.mark.parametrize(
    ("sql", "transactional"),
    [
        ("CREATE TABLE t (a integer);", True),
        ("-- of no concern\nCREATE INDEX CONCURRENTLY i ON t (a);", False),
        ("DROP INDEX concurrently i;", False),
        ("VACUUM t;", False),
    ],
)
def test_how_a_file_is_run(layout: str, sql: str, transactional: bool) -> None:
    """Without a transaction, where the statement could not run in one."""
    path = PATHS[layout]
    tree = MemoryTree({path.format("2024"): b"SELECT 1;", path.format("2025"): sql.encode()})
    policy = Policy(sources=(Source(sql=("migrations",), layout=layout),))  # type: ignore[arg-type] # a Literal
    [first, second] = load_sources(tree, policy).migrations

    assert (first.transactional, second.transactional) == (True, transactional)
