"""
Which version brought what: a server without it refuses the statement, one with it takes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from schemaguard.statements.features import newer_features
from schemaguard.statements.parse import Unparsed, parse
from schemaguard.statements.statement import Statement
from schemaguard.text import SourceFile, SqlText
from tests.postgres.support import older_server, server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.postgres.server import Connection, Server

__all__ = ["older_server", "server"]

WORLD = """
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b text);
CREATE TABLE r (id int PRIMARY KEY, x int, y int, UNIQUE (x, y));
CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a + 1) STORED);
CREATE TABLE p (a int) PARTITION BY LIST (a);
CREATE VIEW v AS SELECT id FROM t;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE ROLE one; CREATE ROLE other;
"""
FEATURES = {
    "CREATE STATISTICS s ON a, b FROM t": {"extended statistics": 10},
    "CREATE FUNCTION h() RETURNS int RETURN 1": {"a SQL-standard function body": 14},
    "CREATE OR REPLACE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()": {
        "CREATE OR REPLACE TRIGGER": 14
    },
    "MERGE INTO t USING r ON t.id = r.id WHEN MATCHED THEN DELETE": {"MERGE": 15},
    "CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT": {"NULLS NOT DISTINCT": 15},
    "CREATE TABLE n (a int UNIQUE NULLS NOT DISTINCT)": {"NULLS NOT DISTINCT": 15},
    "ALTER TABLE t ADD UNIQUE NULLS NOT DISTINCT (b)": {"NULLS NOT DISTINCT": 15},
    "CREATE VIEW w WITH (security_invoker) AS SELECT 1 AS a": {"security_invoker": 15},
    "ALTER VIEW v SET (security_invoker = true, security_barrier = true)": {"security_invoker": 15},
    "ALTER TABLE t ADD FOREIGN KEY (a, id) REFERENCES r (x, y) ON DELETE SET NULL (a)": {
        "ON DELETE SET NULL (columns)": 15
    },
    "ALTER TABLE t SET ACCESS METHOD heap": {"SET ACCESS METHOD": 15},
    "GRANT one TO other WITH INHERIT FALSE": {"GRANT … WITH INHERIT or SET": 16},
    "GRANT one TO other WITH ADMIN OPTION": {},
    "MERGE INTO t USING r ON t.id = r.id WHEN MATCHED THEN DELETE RETURNING t.id": {
        "MERGE": 15,
        "MERGE … RETURNING": 17,
    },
    "MERGE INTO t USING r ON t.id = r.id WHEN NOT MATCHED BY SOURCE THEN DELETE": {
        "MERGE": 15,
        "WHEN NOT MATCHED BY SOURCE": 17,
    },
    "GRANT MAINTAIN ON t TO one": {"the MAINTAIN privilege": 17},
    "ALTER DEFAULT PRIVILEGES GRANT MAINTAIN ON TABLES TO one": {"the MAINTAIN privilege": 17},
    "ALTER TABLE g ALTER b SET EXPRESSION AS (a + 2)": {"ALTER COLUMN … SET EXPRESSION": 17},
    "CREATE TABLE n (a int, b int GENERATED ALWAYS AS (a) VIRTUAL)": {"a virtual generated column": 18},
    "ALTER TABLE t ADD c int GENERATED ALWAYS AS (a) VIRTUAL": {"a virtual generated column": 18},
    "CREATE TABLE n (a int, CONSTRAINT nn NOT NULL a)": {"NOT NULL as a table constraint": 18},
    "ALTER TABLE t ADD CONSTRAINT nn NOT NULL b NOT VALID": {"NOT NULL as a table constraint": 18},
    "CREATE TABLE n (a int NOT NULL, b int CONSTRAINT c NOT NULL)": {},
    "CREATE TABLE n (a int4range, b int4range, PRIMARY KEY (a, b WITHOUT OVERLAPS))": {
        "a temporal constraint": 18
    },
    "ALTER TABLE t ADD CHECK (a > 0) NOT ENFORCED": {"NOT ENFORCED": 18},
    "CREATE TABLE n (a int CHECK (a > 0) NOT ENFORCED)": {"NOT ENFORCED": 18},
    "CREATE TABLE n (a int CHECK (a > 0), b int REFERENCES t)": {},
    "ALTER TABLE p DETACH PARTITION nothing": {},
    "SELECT 1": {},
}


def features(sql: str, version: int) -> dict[str, int]:
    """The features of a statement that are newer than a version."""
    [statement] = parse(SqlText.whole_file(SourceFile("one.sql", sql)))
    assert not isinstance(statement, Unparsed)
    assert isinstance(statement, Statement)
    return dict(newer_features(statement, version))


@pytest.mark.parametrize("sql", FEATURES)
def test_names_what_is_newer(sql: str) -> None:
    """For each version exactly what it does not have."""
    for version in (9, 13, 14, 15, 16, 17, 18):
        assert features(sql, version) == {
            name: since for name, since in FEATURES[sql].items() if since > version
        }


@pytest.fixture(scope="module")
def older(older_server: Server) -> Iterator[Connection]:
    with older_server.database() as name, older_server.connect(name) as connected:
        connected.execute(WORLD.encode())
        yield connected


@pytest.fixture(scope="module")
def newest(server: Server) -> Iterator[Connection]:
    with server.database() as name, server.connect(name) as connected:
        connected.execute(WORLD.encode())
        yield connected


@pytest.mark.postgres
@pytest.mark.parametrize("sql", [sql for sql in FEATURES if "nothing" not in sql])
def test_servers_say_the_same(older: Connection, newest: Connection, sql: str) -> None:
    """A server takes a statement unless it uses something newer than the server."""
    for connection in (older, newest):
        version = connection.info.server_version // 10000
        taken = True
        with connection.transaction(force_rollback=True):
            try:
                with connection.transaction():
                    connection.execute(sql.encode())
            except psycopg.Error:
                taken = False
        assert taken == (not features(sql, version)), version
