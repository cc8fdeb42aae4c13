"""
The server that these tests compare with, and one database for all samples of a module: each is rolled back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.postgres.support import server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.postgres.server import Connection, Server

__all__ = ["connection", "server"]


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[Connection]:
    """Connect to a new database, as its superuser and in autocommit."""
    with server.database() as name, server.connect(name) as connected:
        connected.execute("SET client_min_messages = warning")
        yield connected
