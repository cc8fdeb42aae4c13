"""
Catalog queries: the replayed catalog answers as a server does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from schemaguard.sources.migration import Unanswerable
from tests.plpgsql.support import engine_twin, plain, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.postgres.server import Server
    from tests.oracle.twin import Twin

pytestmark = pytest.mark.postgres

QUERIES = statements("queries.sql")


@pytest.fixture(scope="module")
def twin(server: Server) -> Iterator[Twin]:
    """The schema on both sides; the statements of it that a server refuses are refused by the replay."""
    with server.database() as name, server.connect(name) as connection:
        twin = engine_twin(connection)
        for statement in statements("schema.sql"):
            assert twin.run(statement).agrees, twin.verdicts[-1]
        yield twin
        twin.close()


@pytest.mark.parametrize("query", QUERIES)
def test_answers_as_the_server(twin: Twin, query: str) -> None:
    """The same columns and the same rows, in the same order where the query asks for one; or both refuse."""
    connection = twin.connection
    connection.execute("SAVEPOINT query")
    try:
        with connection.cursor() as cursor:
            cursor.execute(query.encode(), prepare=False)
            names = [column.name for column in cursor.description or ()]
            served = [plain(row) for row in cursor.fetchall()]
    except psycopg.Error as error:
        connection.execute("ROLLBACK TO SAVEPOINT query")
        with pytest.raises(Unanswerable) as refusal:
            twin.replay.rows(query)

        assert str(error).partition("\n")[0] in str(refusal.value)
        return
    columns, rows = twin.replay.engine.rows(twin.replay.session, query, None)  # type: ignore[union-attr]
    replayed = [plain(row) for row in rows]
    if "ORDER BY" not in query:
        served, replayed = sorted(served, key=repr), sorted(replayed, key=repr)

    assert (list(columns), replayed) == (names, served)
