"""
Statements of `cases/` one by one on a server and in the replay: the same answer, word for word, and the same facts.

A sample is what follows a line ``--- title``; ``[17]`` in a title: for a server of at least that version.
"""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from schemaguard.catalog.errors import SYNTAX_ERROR
from schemaguard.statements.parse import borders
from tests.oracle.twin import explain
from tests.plpgsql.support import engine_twin
from tests.postgres.support import older_server, server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.postgres.server import Connection, Server
    from tests.oracle.twin import Verdict

__all__ = ["older_server", "server"]

pytestmark = pytest.mark.postgres

CASES = Path(__file__).parent / "cases"


class Sample(NamedTuple):
    """Statements that begin with an empty database."""

    file: str
    title: str
    sql: str

    @property
    def since(self) -> int:
        """The first version that takes its statements."""
        found = re.search(r"\[(\d+)\]", self.title)
        return int(found[1]) if found else 0

    def statements(self) -> Iterator[str]:
        for start, end in borders(self.sql):
            lines = [line for line in self.sql[start:end].splitlines() if not line.startswith("--")]
            if text := "\n".join(lines).strip():
                yield text


def samples() -> list[Sample]:
    found = []
    for path in sorted(CASES.glob("*.sql")):
        for part in ("\n" + path.read_text()).split("\n--- ")[1:]:
            title, _, sql = part.partition("\n")
            found.append(Sample(path.stem, title.strip(), sql))
    return found


SAMPLES = [pytest.param(sample, id=f"{sample.file}: {sample.title}") for sample in samples()]


@pytest.fixture(scope="module")
def newest(server: Server) -> Iterator[Connection]:
    with server.database() as name, server.connect(name) as connected:
        yield connected


@pytest.fixture(scope="module")
def older(older_server: Server) -> Iterator[Connection]:
    with older_server.database() as name, older_server.connect(name) as connected:
        yield connected


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_newest_server_and_the_replay_agree(newest: Connection, sample: Sample) -> None:
    assert disagreements(newest, sample) == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_older_server_and_the_replay_agree(older: Connection, sample: Sample) -> None:
    if older.info.server_version // 10000 < sample.since:
        pytest.skip("the version does not have these statements")

    assert disagreements(older, sample) == []


def disagreements(connection: Connection, sample: Sample) -> list[str]:
    """Run a sample on both sides; every statement and every fact on which they differ, in words."""
    with closing(engine_twin(connection)) as twin:
        twin.replay.catalog.facts["database"] = connection.info.dbname
        verdicts = [twin.run(statement) for statement in sample.statements()]
        found = [
            f"{verdict.sql}\n  server {verdict.server}\n  replay {verdict.replay} {verdict.opaque}"
            for verdict in verdicts
            if not same(verdict)
        ]
        found += explain(twin.differences()).splitlines()
    return found


def same(verdict: Verdict) -> bool:
    """Whether both said the same; what does not parse has words of its own in each parser."""
    if verdict.server.sqlstate == verdict.replay.sqlstate == SYNTAX_ERROR:
        return verdict.replay.message.startswith("syntax error") or verdict.server == verdict.replay
    return verdict.server == verdict.replay and not verdict.opaque
