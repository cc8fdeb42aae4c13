"""
Which views pass writes on to their table: the server's own judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.model import View
from schemaguard.catalog.updatability import is_automatically_updatable
from tests.catalog.objects.support import Model, run_on_server, statements

if TYPE_CHECKING:
    from schemaguard.postgres.server import Connection, Server

QUERIES = (
    "SELECT a FROM t",
    "SELECT * FROM t WHERE a > 1 ORDER BY b",
    "SELECT a + 1 AS x, b FROM t",
    "SELECT a + 1 AS x FROM t",
    "SELECT DISTINCT a FROM t",
    "SELECT a FROM t GROUP BY a",
    "SELECT a FROM t GROUP BY a HAVING count(*) > 1",
    "SELECT count(*) FROM t",
    "SELECT a, count(*) OVER () FROM t",
    "SELECT a, generate_series(1, 2) FROM t",
    "SELECT a FROM t LIMIT 5",
    "SELECT a FROM t OFFSET 5",
    "SELECT a FROM t UNION SELECT a FROM t",
    "WITH x AS (SELECT 1) SELECT a FROM t",
    "SELECT a FROM t, u",
    "SELECT t.a FROM t JOIN u ON true",
    "SELECT a FROM (SELECT a FROM t) s",
    "SELECT 1 AS one",
    "VALUES (1)",
    "SELECT g FROM generate_series(1, 2) g",
    "SELECT a FROM ONLY t",
    "SELECT a FROM t TABLESAMPLE SYSTEM (10)",
    "SELECT a FROM t FOR UPDATE",
    "SELECT a, (SELECT max(c) FROM u) AS m FROM t",
    "SELECT a FROM t WHERE EXISTS (SELECT FROM u)",
    "SELECT x FROM m",
    "SELECT c FROM p",
    "SELECT a, a AS again FROM t",
    "SELECT ctid AS c FROM t",
    "SELECT t AS whole FROM t",
)
TABLES = """
CREATE TABLE t (a int, b text);
CREATE TABLE u (c int);
CREATE TABLE p (c int) PARTITION BY LIST (c);
CREATE MATERIALIZED VIEW m AS SELECT 1 AS x
"""


@pytest.mark.postgres
def test_the_replay_says_what_the_server_says(connection: Connection, server: Server) -> None:
    views = [f"CREATE VIEW v{number} AS {query}" for number, query in enumerate(QUERIES)]
    model = Model(server.version)
    with connection.transaction(force_rollback=True):
        for statement in statements(";\n".join((TABLES, *views))):
            assert run_on_server(connection, statement.sql) == model.run(statement) == ("", ""), statement.sql
        served: dict[str, bool] = dict(
            connection.execute("""
                SELECT relname, pg_relation_is_updatable(oid, false) & 4 > 0 FROM pg_class
                WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace""").fetchall()
        )

    replayed = {
        view.name: is_automatically_updatable(view) for view in model.catalog.all(View) if view.kind == "v"
    }
    assert replayed == served
    assert True in served.values()
    assert False in served.values()
