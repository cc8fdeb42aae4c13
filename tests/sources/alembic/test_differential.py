"""
What real Alembic leaves on a server, against what the interpreter sends and what the replay makes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.diff import differences
from schemaguard.catalog.facts import facts
from schemaguard.catalog.replay import Replay
from schemaguard.plpgsql.engine import Engine
from schemaguard.postgres.introspect import introspect
from schemaguard.sources.alembic import AlembicOptions
from tests.sources.alembic.projects import FIXTURES, alembic_upgrade, fixture_copy, source
from tests.sources.alembic.targets import ServerTarget

if TYPE_CHECKING:
    from pathlib import Path

    from schemaguard.catalog.facts.shape import Facts
    from schemaguard.postgres.server import Server

pytestmark = pytest.mark.postgres

PROJECTS = sorted(path.name for path in FIXTURES.iterdir() if path.name not in ("default", "two_databases"))


def sqlalchemy_url(server: Server, database: str) -> str:
    """Return the URL of a database as SQLAlchemy takes it, for psycopg 3."""
    parts = urlsplit(server.url)
    return urlunsplit(parts._replace(scheme="postgresql+psycopg", path=f"/{database}"))


def by_alembic(server: Server, root: Path, section: str = "alembic") -> Facts:
    """Let Alembic upgrade a new database, and look at it."""
    with server.database() as name:
        alembic_upgrade(root, sqlalchemy_url(server, name), section)
        with server.connect(name) as connection:
            return introspect(connection)


def by_interpreter(server: Server, root: Path, options: AlembicOptions | None = None) -> Facts:
    """Send what the interpreter reads to a new database, and look at it."""
    with server.database() as name, server.connect(name) as connection:
        target = ServerTarget(connection)
        for migration in source(root, options).migrations:
            target.run(migration)
        assert target.errors == []
        assert target.opaques == []
        assert target.maybes == []
        return introspect(connection)


def by_replay(root: Path, version: int, options: AlembicOptions | None = None) -> Facts:
    """Replay what the interpreter reads; everything must be understood, and nothing refused."""
    replay = Replay(new_catalog(version), Engine())
    for migration in source(root, options).migrations:
        replay.apply(migration)
    assert [(note.rule, note.message) for note in replay.history.notes] == []
    assert [step.error.message for step in replay.history.steps if step.error] == []
    assert [step.opaque.reason for step in replay.history.steps if step.opaque] == []
    return facts(replay.catalog)


@pytest.mark.parametrize("project", PROJECTS)
def test_sends_what_alembic_sends(project: str, server: Server, tmp_path: Path) -> None:
    """The database that Alembic upgraded, one that got the interpreter's SQL, and the replay are alike in all facts."""
    root = fixture_copy(project, tmp_path)
    wanted = by_alembic(server, root)

    assert differences(by_interpreter(server, root), wanted) == []
    assert differences(by_replay(root, server.version), wanted) == []


@pytest.mark.parametrize("section", ["alembic", "second"])
def test_each_section_is_a_database(section: str, server: Server, tmp_path: Path) -> None:
    """With several databases the section of the ini file says whose revisions are read."""
    root = fixture_copy("two_databases", tmp_path)
    wanted = by_alembic(server, root, section)
    options = AlembicOptions(section=section)

    assert differences(by_interpreter(server, root, options), wanted) == []
    assert differences(by_replay(root, server.version, options), wanted) == []
