"""
DO blocks and routines: they leave the catalog that they leave on a server, or raise the same error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oracle.twin import explain
from tests.plpgsql.support import FIXTURES, engine_twin, statements

if TYPE_CHECKING:
    from schemaguard.postgres.server import Connection

pytestmark = pytest.mark.postgres

SCRIPTS = sorted(path.relative_to(FIXTURES).as_posix() for path in (FIXTURES / "blocks").glob("*.sql"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_replay_runs_them_as_the_server(connection: Connection, script: str) -> None:
    """Statement by statement the same outcome, to the word of the error, and in the end the same facts."""
    twin = engine_twin(connection)
    outcomes = [twin.run(statement) for statement in statements(script)]

    assert [each for each in outcomes if each.server != each.replay or each.opaque] == []
    assert [note.message for note in twin.replay.history.notes] == []
    assert explain(twin.differences()) == ""
    twin.close()
