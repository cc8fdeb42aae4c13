"""
The servers that these tests compare with, the newest and an older one, and a database for each module on each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.postgres.support import older_server, server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.postgres.server import Connection, Server

__all__ = ["connection", "older_connection", "older_server", "server"]


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[Connection]:
    """Connect to a new database of the newest server, as its superuser and in autocommit."""
    with server.database() as name, server.connect(name) as connected:
        connected.execute("SET client_min_messages = warning")
        yield connected


@pytest.fixture(scope="module")
def older_connection(older_server: Server) -> Iterator[Connection]:
    """Connect to a new database of the older server, likewise."""
    with older_server.database() as name, older_server.connect(name) as connected:
        connected.execute("SET client_min_messages = warning")
        yield connected
