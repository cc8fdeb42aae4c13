"""
What the real Django leaves on a server, against what is sent for it and what the replay makes of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.diff import differences
from schemaguard.catalog.facts import facts
from schemaguard.postgres.introspect import introspect
from tests.sources.alembic.targets import ServerTarget
from tests.sources.django.projects import SHOP, migrate, on_disk, replayed

if TYPE_CHECKING:
    from schemaguard.catalog.facts.shape import Facts
    from schemaguard.postgres.server import Server
    from schemaguard.sources.migration import Migration

pytestmark = pytest.mark.postgres


def by_django(server: Server, *further: tuple[str, ...]) -> Facts:
    """Let Django migrate a new database, and look at it."""
    with server.database() as name:
        for arguments in [(), *further]:
            migrate(server, name, *arguments)
        with server.connect(name) as connection:
            return introspect(connection)


def run(target: ServerTarget, migration: Migration, direction: str) -> None:
    """Run one program, in a transaction where Django would."""
    if migration.transactional:
        target.connection.execute("BEGIN")
    getattr(migration, direction)(target)
    if migration.transactional:
        target.connection.execute("COMMIT")


def by_interpreter(server: Server, *, down: tuple[str, ...] = ()) -> Facts:
    """Send what is read to a new database, take the migrations of some apps back, and look at it."""
    migrations = on_disk(SHOP).migrations
    with server.database() as name, server.connect(name) as connection:
        target = ServerTarget(connection)
        for migration in migrations:
            run(target, migration, "up")
        for migration in reversed(migrations):
            if migration.migration.key[0] in down:
                run(target, migration, "down")
        assert target.errors == []
        assert target.opaques == []
        assert target.maybes == []
        return introspect(connection)


def test_sends_what_django_sends(server: Server) -> None:
    """The database that Django migrated, one that got the SQL that was read, and the replay are alike in all facts."""
    wanted = by_django(server)
    loaded = on_disk(SHOP, server_version=server.version)

    assert differences(by_interpreter(server), wanted) == []
    replay = replayed(loaded, server.version)
    assert loaded.problems == []
    assert [note.message for note in replay.history.notes] == []
    assert [step.error.message for step in replay.history.steps if step.error] == []
    assert [step.opaque.reason for step in replay.history.steps if step.opaque] == []
    assert differences(facts(replay.catalog), wanted) == []


def test_takes_back_what_django_takes_back(server: Server) -> None:
    """Going back to before an app's first migration leaves what Django leaves."""
    wanted = by_django(server, ("selling", "zero"), ("catalog", "zero"))

    assert differences(by_interpreter(server, down=("selling", "catalog")), wanted) == []
