"""
Expressions and queries against the server: the text of each, or the refusal, is the server's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.catalog.analysis.differential import CORPORA, CORPUS, cases, paragraphs, view, view_dependencies
from tests.catalog.analysis.world import session_of

if TYPE_CHECKING:
    import psycopg

    from schemaguard.catalog.session import Session

    Connection = psycopg.Connection[Any]

pytestmark = pytest.mark.postgres


class World(NamedTuple):
    """A server with the schema of the corpus, and the same schema as a catalog of that server's version."""

    connection: Connection
    session: Session


def made(connection: Connection) -> World:
    connection.execute((CORPUS / "world.sql").read_bytes())
    return World(connection, session_of(connection, connection.info.server_version // 10000))


@pytest.fixture(scope="module")
def newest(connection: Connection) -> World:
    return made(connection)


@pytest.fixture(scope="module")
def older(older_connection: Connection) -> World:
    return made(older_connection)


@pytest.fixture(params=["newest", "older"])
def world(request: pytest.FixtureRequest) -> World:
    found: World = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(("corpus", "line"), list(cases()))
def test_an_expression_is_what_it_is_to_the_server(world: World, corpus: str, line: str) -> None:
    expected, actual = CORPORA[corpus](*world, line)

    assert actual == expected


@pytest.mark.parametrize("select", [*paragraphs("views"), *paragraphs("views_refused")])
def test_a_view_is_what_it_is_to_the_server(world: World, select: str) -> None:
    """Its columns, their types, and the text of its query."""
    expected, actual = view(*world, select)

    assert actual == expected


@pytest.mark.parametrize("select", paragraphs("views"))
def test_a_view_depends_on_what_it_does_on_the_server(world: World, select: str) -> None:
    expected, actual = view_dependencies(*world, select)

    assert actual == expected
