"""
A fault of schemaguard's own in one statement is reported there, and the rest is replayed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.replay import Replay
from schemaguard.config import parse_config
from schemaguard.sources.load import load_sources
from schemaguard.testing import MemoryTree
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

SQL = b"CREATE TABLE a (id int);\nCOMMENT ON TABLE a IS 'A.';\nCREATE TABLE b (id int);\n"


def _replay(*, strict: bool) -> Replay:
    policy = parse_config(SourceFile("schemaguard.yaml", 'sources: [{sql: "a.sql"}]'))
    catalog = new_catalog(16)
    if strict:
        catalog.facts["strict"] = True
    replay = Replay(catalog)

    def fails(run: Run, _node: Node) -> None:
        run.catalog.put(run.catalog.facts, "half done", True)
        message = "list index out of range"
        raise IndexError(message)

    replay._handlers = {**replay._handlers, "CommentStmt": fails}
    for migration in load_sources(MemoryTree({"a.sql": SQL}), policy).migrations:
        replay.apply(migration)
    return replay


def test_the_statement_is_opaque_and_the_rest_goes_on() -> None:
    replay = _replay(strict=False)
    steps = replay.history.steps

    assert [step.opaque is not None for step in steps] == [False, True, False]
    assert "IndexError: list index out of range" in str(steps[1].opaque)
    assert "half done" not in replay.catalog.facts
    assert steps[2].error is None


def test_tests_see_it() -> None:
    """Where the replay is held against a server nothing may hide."""
    with pytest.raises(IndexError):
        _replay(strict=True)
