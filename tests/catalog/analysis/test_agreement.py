"""
Expressions and queries against the server: the text of each, or the refusal, is the server's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.catalog.analysis.differential import CORPORA, CORPUS, cases, paragraphs, view, view_dependencies
from tests.catalog.analysis.world import session_of

if TYPE_CHECKING:
    import psycopg

    from schemaguard.catalog.session import Session

    Connection = psycopg.Connection[Any]

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def session(connection: Connection) -> Session:
    connection.execute((CORPUS / "world.sql").read_bytes())
    return session_of(connection, 18)


@pytest.mark.parametrize(("corpus", "line"), list(cases()))
def test_an_expression_is_what_it_is_to_the_server(
    session: Session, connection: Connection, corpus: str, line: str
) -> None:
    expected, actual = CORPORA[corpus](connection, session, line)

    assert actual == expected


@pytest.mark.parametrize("select", [*paragraphs("views"), *paragraphs("views_refused")])
def test_a_view_is_what_it_is_to_the_server(session: Session, connection: Connection, select: str) -> None:
    """Its columns, their types, and the text of its query."""
    expected, actual = view(connection, session, select)

    assert actual == expected


@pytest.mark.parametrize("select", paragraphs("views"))
def test_a_view_depends_on_what_it_does_on_the_server(
    session: Session, connection: Connection, select: str
) -> None:
    expected, actual = view_dependencies(connection, session, select)

    assert actual == expected
