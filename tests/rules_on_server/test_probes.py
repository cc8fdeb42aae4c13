"""
Every claim about privileges and row security, and every near miss, tried on a server.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from schemaguard.linting.history import fresh_catalog, presumed_history, replayed
from schemaguard.linting.project import Project
from schemaguard.postgres.apply import Application, prepare
from schemaguard.testing import MemoryTree
from tests.rules_on_server.probes import append_only, grants, row_security, views
from tests.rules_on_server.probes.world import Probe, World
from tests.support import rule_fixtures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.postgres.server import Server
    from schemaguard.testing import Fixture

FAMILIES = {"append_only": append_only, "grants": grants, "row_security": row_security, "views": views}
FIXTURES = [fixture for fixture in rule_fixtures() if fixture.path.parent.name in FAMILIES]

_UNPROVED = re.compile(r"^-- unproved: *\S", re.MULTILINE)


def probe_of(fixture: Fixture) -> Callable[[World], Iterator[Probe]] | None:
    """The function that is named like the fixture's rule."""
    found: Callable[[World], Iterator[Probe]] | None = getattr(
        FAMILIES[fixture.path.parent.name], fixture.path.stem, None
    )
    return found


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_is_tried_or_says_why_not(fixture: Fixture) -> None:
    """A rule has a probe, or its fixture says `-- unproved: reason`; not both."""
    assert (probe_of(fixture) is None) == bool(_UNPROVED.search(fixture.text))


@pytest.mark.postgres
@pytest.mark.parametrize("fixture", [one for one in FIXTURES if probe_of(one)], ids=str)
def test_a_server_agrees(server: Server, fixture: Fixture) -> None:
    """What is reported is so on a server, and what is not reported is not."""
    probe = probe_of(fixture)
    assert probe is not None
    files = dict(fixture.files())
    policy = fixture.policy(files)
    changed = msgspec.structs.replace(policy, postgres=server.version)
    changed.__dict__.update(policy.__dict__)
    history = replayed(MemoryTree(files), changed).history
    with server.database() as name:
        with server.connect(name) as connection:
            prepare(connection, fresh_catalog(changed), history.catalog)
        application = Application(server, name)
        application.run(presumed_history(changed).steps)
        application.run(history.steps)
        application.close()
        with server.connect(name) as connection:
            found = list(probe(World(Project(history, changed), fixture.lint(), connection)))

    assert [each for each in found if each.claimed != each.proved] == []
    assert {each.claimed for each in found} == {True, False}
