"""
BEGIN, COMMIT, ROLLBACK and savepoints: what is left of a script is what a server has left of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.diff import differences
from schemaguard.catalog.facts import facts
from schemaguard.catalog.replay import Replay
from schemaguard.plpgsql.engine import Engine
from schemaguard.postgres.introspect import introspect
from schemaguard.statements.parse import borders
from tests.oracle.twin import Script, explain
from tests.postgres.support import server

if TYPE_CHECKING:
    from schemaguard.postgres.server import Server

__all__ = ["server"]

SCRIPTS = {
    "committed": "BEGIN; CREATE TABLE a (x int); COMMIT; CREATE TABLE b (x int);",
    "taken back": "CREATE TABLE a (x int); BEGIN; CREATE TABLE b (x int); DROP TABLE a; ROLLBACK; CREATE TABLE c ();",
    "nothing to take back": "CREATE TABLE a (x int); ROLLBACK; COMMIT; CREATE TABLE b (x int);",
    "other words": "START TRANSACTION; CREATE TABLE a (x int); END; BEGIN WORK; CREATE TABLE b (x int); ABORT;",
    "begun twice": "BEGIN; CREATE TABLE a (x int); BEGIN; CREATE TABLE b (x int); ROLLBACK;",
    "savepoint kept": "BEGIN; SAVEPOINT s; CREATE TABLE a (x int); RELEASE SAVEPOINT s; COMMIT;",
    "savepoint taken back": (
        "BEGIN; CREATE TABLE a (x int); SAVEPOINT s; CREATE TABLE b (x int); ROLLBACK TO SAVEPOINT s; "
        "CREATE TABLE c (x int); ROLLBACK TO s; CREATE TABLE d (x int); COMMIT;"
    ),
    "savepoints inside of each other": (
        "BEGIN; SAVEPOINT s; CREATE TABLE a (x int); SAVEPOINT t; CREATE TABLE b (x int); SAVEPOINT s; "
        "CREATE TABLE c (x int); ROLLBACK TO s; RELEASE s; CREATE TABLE d (x int); ROLLBACK TO t; COMMIT;"
    ),
    "released with those inside": (
        "BEGIN; SAVEPOINT s; CREATE TABLE a (x int); SAVEPOINT t; CREATE TABLE b (x int); RELEASE s; COMMIT;"
    ),
    "chained": (
        "BEGIN; CREATE TABLE a (x int); COMMIT AND CHAIN; CREATE TABLE b (x int); ROLLBACK AND CHAIN; "
        "CREATE TABLE c (x int); COMMIT;"
    ),
    "savepoints need a transaction": "SAVEPOINT s; ROLLBACK TO s; RELEASE s; CREATE TABLE a (x int);",
    "role and path": (
        "CREATE SCHEMA s; BEGIN; SET LOCAL search_path = s; CREATE TABLE a (x int); COMMIT; CREATE TABLE b (x int); "
        "BEGIN; SET search_path = s; CREATE TABLE c (x int); ROLLBACK; CREATE TABLE d (x int); "
        "BEGIN; SET search_path = s; COMMIT; CREATE TABLE e (x int); RESET search_path; CREATE TABLE f (x int);"
    ),
    "role of a savepoint": (
        "CREATE ROLE r1; GRANT CREATE ON SCHEMA public TO r1; BEGIN; SET ROLE r1; CREATE TABLE a (x int); SAVEPOINT s; "
        "RESET ROLE; CREATE TABLE b (x int); ROLLBACK TO s; CREATE TABLE c (x int); COMMIT; CREATE TABLE d (x int); "
        "RESET ROLE; BEGIN; SET LOCAL ROLE r1; CREATE TABLE e (x int); COMMIT; CREATE TABLE f (x int); "
        "BEGIN; SET LOCAL SESSION AUTHORIZATION r1; CREATE TABLE g (x int); COMMIT; CREATE TABLE h (x int);"
    ),
    "custom settings": (
        "BEGIN; SET LOCAL app.x = 'in'; COMMIT; BEGIN; SELECT set_config('app.y', 'in', true); ROLLBACK; "
        "DO $$ BEGIN IF current_setting('app.x', true) = '' THEN CREATE TABLE was_set (x int); END IF; END $$; "
        "SET app.z = 'kept'; DO $$ BEGIN IF current_setting('app.z') = 'kept' THEN CREATE TABLE kept (x int); END IF; "
        "END $$; RESET app.z; RESET ALL; SET app.w TO DEFAULT;"
    ),
    "temporary tables": (
        "CREATE TEMP TABLE a (x int); BEGIN; CREATE TEMP TABLE b (x int) ON COMMIT DROP; COMMIT; CREATE TABLE b ();"
    ),
}


@pytest.mark.postgres
@pytest.mark.parametrize("title", SCRIPTS)
def test_is_left_as_on_a_server(server: Server, title: str) -> None:
    """Statement by statement the same errors, and in the end the same facts."""
    script = SCRIPTS[title]
    replay = Replay(new_catalog(server.version), Engine())
    replay.catalog.facts["strict"] = True
    with server.database() as name, server.connect(name) as connection:
        replay.catalog.facts["database"] = name
        replay.apply(Script(script))
        outcomes = []
        for start, end in borders(script):
            if not script[start:end].strip():
                continue
            try:
                connection.execute(script[start:end].encode(), prepare=False)
                outcomes.append("")
            except psycopg.Error as error:
                outcomes.append(error.diag.message_primary or "")
        if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.execute("COMMIT")
        connection.execute("RESET ROLE")
        connection.execute("RESET search_path")
        found = differences(facts(replay.catalog), introspect(connection))

    steps = [step for step in replay.history.steps if step.depth == 0]
    assert [step.error.message if step.error else "" for step in steps] == outcomes
    assert explain(found) == ""
