"""
Every action of ALTER TABLE on every kind of relation: refused, or not, as a server does it and in its words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.commands.alter_targets import TARGETS
from schemaguard.catalog.errors import WRONG_OBJECT_TYPE
from tests.oracle.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.postgres.server import Connection, Server

pytestmark = pytest.mark.postgres

WORLD = """
CREATE TYPE kind AS (a integer, b text);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE r (a integer NOT NULL, b text);
CREATE TABLE p (a integer NOT NULL, b text) PARTITION BY LIST (a);
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE f (a integer NOT NULL, b text) SERVER s;
CREATE VIEW v AS SELECT 1 AS a, 'x'::text AS b;
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a, 'x'::text AS b;
CREATE SEQUENCE sq;
CREATE INDEX i ON r (a);
CREATE INDEX pi ON p (a);
CREATE TABLE other (a integer NOT NULL, b text);
"""
RELATIONS = ("r", "p", "f", "v", "m", "sq", "i", "pi")
ACTIONS = (
    "ADD COLUMN c integer", "DROP COLUMN b", "ALTER a TYPE bigint", "ALTER a OPTIONS (x 'y')", "ALTER a SET DEFAULT 1",
    "ALTER a ADD GENERATED ALWAYS AS IDENTITY", "ALTER a SET GENERATED ALWAYS", "ALTER a DROP IDENTITY",
    "ALTER a SET NOT NULL", "ALTER a DROP NOT NULL", "ALTER a SET EXPRESSION AS (1)", "ALTER a DROP EXPRESSION",
    "ALTER a SET STATISTICS 7", "ALTER a SET (n_distinct = 5)", "ALTER a RESET (n_distinct)",
    "ALTER b SET STORAGE MAIN",
    "ALTER b SET COMPRESSION pglz", "ADD CONSTRAINT k CHECK (a > 0)", "ALTER CONSTRAINT k DEFERRABLE",
    "VALIDATE CONSTRAINT k", "DROP CONSTRAINT k", "CLUSTER ON i", "SET WITHOUT CLUSTER", "SET LOGGED", "SET UNLOGGED",
    "SET (fillfactor = 70)", "RESET (fillfactor)", "INHERIT other", "NO INHERIT other", "OF kind", "NOT OF",
    "ATTACH PARTITION other FOR VALUES IN (1)", "DETACH PARTITION other", "REPLICA IDENTITY FULL",
    "ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY",
    "NO FORCE ROW LEVEL SECURITY", "ENABLE TRIGGER t", "ENABLE ALWAYS TRIGGER t", "ENABLE REPLICA TRIGGER t",
    "DISABLE TRIGGER t", "ENABLE TRIGGER ALL", "DISABLE TRIGGER ALL", "ENABLE TRIGGER USER", "DISABLE TRIGGER USER",
    "ENABLE RULE k", "ENABLE ALWAYS RULE k", "ENABLE REPLICA RULE k", "DISABLE RULE k", "OPTIONS (x 'y')",
)  # fmt: skip


@pytest.fixture(scope="module")
def twin(server: Server) -> Iterator[Twin]:
    """Have one relation of each kind on both sides."""
    with server.database() as name, server.connect(name) as connection:
        found = _world(connection)
        yield found
        found.close()


def _world(connection: Connection) -> Twin:
    found = Twin(connection)
    for statement in filter(None, map(str.strip, WORLD.split(";\n"))):
        verdict = found.run(statement)
        assert verdict.agrees, verdict
        assert not verdict.server.sqlstate, verdict
    return found


def test_every_action_is_tried() -> None:
    """As many as there are."""
    assert len(ACTIONS) == len(TARGETS)


@pytest.mark.parametrize("relation", RELATIONS)
def test_kinds_of_relations(twin: Twin, relation: str) -> None:
    """Neither side alone says that the action is not for this kind, and both say it in the same words."""
    for action in ACTIONS:
        mark = twin.replay.catalog.mark()
        twin.connection.execute("SAVEPOINT one")
        verdict = twin.run(f"ALTER TABLE {relation} {action}")
        twin.connection.execute("ROLLBACK TO SAVEPOINT one")
        twin.replay.catalog.rewind(mark)
        refused = [
            side.message if side.sqlstate == WRONG_OBJECT_TYPE and "ALTER action" in side.message else ""
            for side in (verdict.server, verdict.replay)
        ]
        assert refused[0] == refused[1], verdict
