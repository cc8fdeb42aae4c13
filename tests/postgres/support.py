"""
An embedded PostgreSQL for each worker of a test run, and a database of its own for each test.

Workers share no server, because databases of one server share its roles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.postgres.server import EMBEDDED_VERSIONS, Server, embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.postgres.server import Connection

__all__ = ["connection", "older_server", "server"]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Start the newest server that comes embedded.

    Its data lie in a temporary folder of its own: pytest's folders are closed to the server's own user by every other
    run that begins meanwhile.
    """
    with embedded() as running:
        yield running


@pytest.fixture(scope="session")
def older_server() -> Iterator[Server]:
    """Start the oldest server that comes embedded."""
    with embedded(EMBEDDED_VERSIONS[0]) as running:
        yield running


@pytest.fixture
def connection(server: Server) -> Iterator[Connection]:
    """Connect to a new database, as its superuser and in autocommit."""
    with server.database() as name, server.connect(name) as connected:
        yield connected
