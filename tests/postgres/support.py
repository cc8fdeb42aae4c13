"""
One embedded PostgreSQL for all workers of a test run, and a database of its own for each test.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from schemaguard.postgres.server import EMBEDDED_VERSIONS, Server, embedded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemaguard.postgres.server import Connection

__all__ = ["connection", "older_server", "server"]


def _shared_folder(factory: pytest.TempPathFactory, version: int) -> Path:
    """Return a folder of this test run that all its workers know."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"postgres{version}"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the newest server, or join the one that another worker has started."""
    with embedded(folder=_shared_folder(tmp_path_factory, EMBEDDED_VERSIONS[-1])) as running:
        yield running


@pytest.fixture(scope="session")
def older_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the oldest server that comes embedded, likewise."""
    version = EMBEDDED_VERSIONS[0]
    with embedded(version, _shared_folder(tmp_path_factory, version)) as running:
        yield running


@pytest.fixture
def connection(server: Server) -> Iterator[Connection]:
    """Connect to a new database, as its superuser and in autocommit."""
    with server.database() as name, server.connect(name) as connected:
        yield connected
