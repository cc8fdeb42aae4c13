"""
Catalog queries: the replayed catalog answers as a server does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from schemaguard.sources.migration import Unanswerable
from tests.plpgsql.support import engine_twin, plain, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.postgres.server import Server
    from tests.oracle.twin import Twin

pytestmark = pytest.mark.postgres

QUERIES = [query for name in ("queries", "expressions", "catalogs") for query in statements(f"{name}.sql")]
UNANSWERED = statements("unanswered.sql")

Answer = tuple[list[str], list[Any]] | str


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
    """The same columns and the same rows, in the same order where the query asks for one; or the same error."""
    served = of_server(twin, query)

    assert of_replay(twin, query, ordered="ORDER BY" in query) == served


@pytest.mark.parametrize("query", UNANSWERED)
def test_does_not_answer_what_only_a_server_knows(twin: Twin, query: str) -> None:
    """Neither rows nor an error of the server's: that it is not known, and why."""
    assert twin.replay.engine is not None
    with pytest.raises(Unanswerable) as raised:
        twin.replay.engine.rows(twin.replay.session, query, None)

    assert str(raised.value)
    assert not str(raised.value).startswith("the server would refuse it")


def of_server(twin: Twin, query: str) -> Answer:
    """Return the server's answer, or its error."""
    connection = twin.connection
    connection.execute("SAVEPOINT query")
    try:
        with connection.cursor() as cursor:
            cursor.execute(query.encode(), prepare=False)
            names = [column.name for column in cursor.description or ()]
            rows = [plain(row) for row in cursor.fetchall()]
    except psycopg.Error as error:
        connection.execute("ROLLBACK TO SAVEPOINT query")
        return str(error).partition("\n")[0]
    return names, rows if "ORDER BY" in query else sorted(rows, key=repr)


def of_replay(twin: Twin, query: str, *, ordered: bool) -> Answer:
    """Return the replay's answer, or the error that the server would raise."""
    assert twin.replay.engine is not None
    try:
        columns, rows = twin.replay.engine.rows(twin.replay.session, query, None)
    except Unanswerable as unanswerable:
        return str(unanswerable).removeprefix("the server would refuse it: ")
    found = [plain(row) for row in rows]
    return list(columns), found if ordered else sorted(found, key=repr)
