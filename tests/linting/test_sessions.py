"""
What ends with a transaction or a session: temporary tables, as a server has them.
"""

from __future__ import annotations

import pytest

from schemaguard.cli.verification import verify_project
from schemaguard.config import parse_config
from schemaguard.linting.selection import Choice
from schemaguard.postgres.server import embedded
from schemaguard.testing import MemoryTree
from schemaguard.text import SourceFile
from tests.linting.support import found, lint

FILES = {
    "1.sql": """CREATE TABLE kept (id int PRIMARY KEY);
CREATE TEMPORARY TABLE staged (j jsonb);
CREATE TEMP VIEW seen AS SELECT j FROM staged;
BEGIN;
CREATE TEMP TABLE brief (id int) ON COMMIT DROP;
CREATE TEMP TABLE briefer ON COMMIT DROP AS SELECT 1 AS x;
INSERT INTO brief VALUES (1);
COMMIT;
CREATE TEMP TABLE brief (id int);
INSERT INTO briefer VALUES (2);
CREATE TEMP TABLE kept (x int);
ALTER TABLE kept ADD COLUMN y int;
""",
    "2.sql": """CREATE TEMPORARY TABLE staged (j jsonb);
INSERT INTO brief VALUES (1);
CREATE TABLE copied AS SELECT * FROM seen;
ALTER TABLE kept ADD COLUMN z int;
ALTER TABLE kept DROP COLUMN y;
""",
}
REFUSED = {("1.sql", 10), ("2.sql", 2), ("2.sql", 3), ("2.sql", 5)}


def test_what_is_temporary_ends_with_its_session() -> None:
    result = lint(FILES, choice=Choice(only=("statement-would-fail",)))

    assert found(result) == {(*place, "statement-would-fail") for place in REFUSED}


@pytest.mark.postgres
def test_a_server_has_it_so() -> None:
    policy = parse_config(SourceFile("schemaguard.yaml", 'sources: [{sql: "*.sql"}]'))
    tree = MemoryTree({path: text.encode() for path, text in FILES.items()})

    with embedded() as server:
        verified = verify_project(tree, policy, server)

    assert [(each.step.statement.sql, each.outcome.message) for each in verified.refusals] == []
    assert verified.holds
