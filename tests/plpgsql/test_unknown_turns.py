"""
Loops of which no turn is known to be the last: a few turns are tried, and what is left is said.
"""

from __future__ import annotations

import pytest

from tests.plpgsql.support import replayed

LOOPS = {
    "exit": "LOOP EXIT WHEN (SELECT count(*) FROM t) > 3; PERFORM 1; END LOOP;",
    "return": "LOOP IF (SELECT count(*) FROM t) > 3 THEN RETURN; END IF; END LOOP;",
    "cursor": "OPEN c; LOOP FETCH RELATIVE 2 FROM c INTO x; EXIT WHEN NOT FOUND; n := n + 1; END LOOP;",
    "two": "LOOP IF (SELECT count(*) FROM t) > 3 THEN CONTINUE; ELSE EXIT; END IF; END LOOP;",
}


@pytest.mark.parametrize("loop", LOOPS)
def test_it_ends(loop: str) -> None:
    replay = replayed(
        "CREATE TABLE t (id int); DO $$ DECLARE c CURSOR FOR SELECT id FROM t; x int; n int := 0; "
        f"BEGIN {LOOPS[loop]} END $$; CREATE TABLE u (id int);"
    )

    top = [step for step in replay.history.steps if not step.depth]
    assert [step.statement.kind for step in top] == ["CreateStmt", "DoStmt", "CreateStmt"]
    assert top[1].opaque is not None or replay.history.notes
    assert top[2].error is None
    assert len(replay.history.steps) < 100
