"""
Every statement of `samples/` replayed and run on a server: the same errors, and the same facts at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.catalog.objects.support import SAMPLES, Model, Sample, disagreements, samples, statements

if TYPE_CHECKING:
    from schemaguard.postgres.server import Connection, Server

CONTRIBUTED = "extensions"
"""The samples that need contributed extensions, which the embedded server does not have."""
ANSWERS = SAMPLES / "extensions.answers"
ANSWERED_BY = 15

EVERYWHERE = [
    pytest.param(sample, id=f"{path.stem}: {sample.title}")
    for path in sorted(SAMPLES.glob("*.sql"))
    if path.stem != CONTRIBUTED
    for sample in samples(path.stem)
]


@pytest.mark.postgres
@pytest.mark.parametrize("sample", EVERYWHERE)
def test_replay_and_server_agree(sample: Sample, connection: Connection, server: Server) -> None:
    found = disagreements(connection, sample.sql, server.version)

    assert not found, "\n".join(found)


def test_extensions_as_a_server_with_them_answered() -> None:
    """`extensions.answers` is what a PostgreSQL 15 with its contributed extensions said to each statement."""
    answered = ANSWERS.read_text().splitlines()
    replayed: list[str] = []
    for sample in samples(CONTRIBUTED):
        model = Model(ANSWERED_BY)
        replayed += [f"{sample.title}: {' '.join(model.run(one)).strip()}" for one in statements(sample.sql)]

    assert replayed == answered


@pytest.mark.postgres
@pytest.mark.parametrize("sample", samples(CONTRIBUTED), ids=lambda sample: sample.title)
def test_replay_and_server_agree_on_extensions(
    sample: Sample, connection: Connection, server: Server
) -> None:
    """Where the server has them after all."""
    available = {name for (name,) in connection.execute("SELECT name FROM pg_available_extensions")}
    if not {"pgcrypto", "hstore", "postgres_fdw"} <= available:
        pytest.skip("the server has no contributed extensions")

    found = disagreements(connection, sample.sql, server.version)

    assert not found, "\n".join(found)
