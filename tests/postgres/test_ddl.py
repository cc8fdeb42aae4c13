"""
The script that `schema --format sql` writes, run on an empty database: it makes the catalog that it was written from.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.ddl import ddl
from schemaguard.catalog.diff import differences
from schemaguard.catalog.facts import facts
from schemaguard.catalog.replay import Replay
from schemaguard.cli.project import open_project
from schemaguard.cli.verification import for_version
from schemaguard.linting.history import replayed
from schemaguard.plpgsql.engine import Engine
from schemaguard.postgres.introspect import introspect
from schemaguard.postgres.verify import without_declared
from tests.catalog.objects.support import SAMPLES as OBJECTS, samples
from tests.catalog.test_cases import CASES
from tests.oracle.test_fixtures import BEHAVIOUR, PROJECTS, SAMPLES
from tests.oracle.twin import Script, explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemaguard.catalog.diff import Difference
    from schemaguard.catalog.state import Catalog
    from schemaguard.postgres.server import Connection, Server
    from tests.catalog.objects.support import Sample

pytestmark = pytest.mark.postgres

CONTRIBUTED = "extensions"
"""The samples that need contributed extensions, which the embedded server does not have."""
BEYOND = {
    "operators and casts at work": "a default rests on a cast that is dropped: not even pg_dump can write it",
    "tables and their parts": "a rule is known as it was written, and its table has another name since",
    "options and their chains": "a column's privilege outlives its grantor's right to give it",
}
"""Samples whose catalog no script makes."""
STATEMENTS = [
    pytest.param(sample, id=f"{path.stem}: {sample.title}")
    for path in sorted((*OBJECTS.glob("*.sql"), *CASES.glob("*.sql")))
    if path.stem != CONTRIBUTED
    for sample in samples(path.stem, path.parent)
    if sample.title not in BEYOND
]


@pytest.fixture(scope="module")
def empty(server: Server) -> Iterator[Connection]:
    """Connect to a database that stays empty: whatever a test does is rolled back."""
    with server.database() as name, server.connect(name) as connection:
        yield connection


def rebuilt(connection: Connection, catalog: Catalog) -> list[Difference]:
    """Run the script, and return what it made otherwise."""
    script = ddl(catalog)
    assert "-- not written" not in script, script
    offered = {row[0] for row in connection.execute("SELECT name FROM pg_available_extensions")}
    lines = [line for line in script.splitlines() if _extension(line) in {"", *offered}]
    connection.execute("BEGIN")
    try:
        connection.execute("\n".join(lines).encode())
        served = introspect(connection)
    finally:
        connection.execute("ROLLBACK")
        connection.execute("RESET ALL")
    without_declared(served, catalog)
    missing = {("extensions", name) for name in catalog.extensions if name not in offered}
    return [each for each in differences(facts(catalog), served) if each.path not in missing]


def _extension(line: str) -> str:
    """Name the extension that a line of the script makes; embedded servers come with few."""
    made = re.match(r'CREATE EXTENSION "?([\w-]+)', line)
    return made[1] if made else ""


@pytest.mark.parametrize("path", [*PROJECTS, *SAMPLES, *BEHAVIOUR.glob("*.sql")], ids=lambda path: path.stem)
def test_the_script_makes_the_catalog(server: Server, empty: Connection, path: Path) -> None:
    project = open_project(path, None)
    catalog = replayed(project.tree, for_version(project.policy, server.version)).history.catalog
    found = [] if catalog.unknown else rebuilt(empty, catalog)

    assert found == [], explain(found)
    for unknown in catalog.unknown.values():
        assert f"-- not known: {unknown.path}: " in ddl(catalog)


@pytest.mark.parametrize("sample", STATEMENTS)
def test_every_object_can_be_written(server: Server, empty: Connection, sample: Sample) -> None:
    replay = Replay(new_catalog(server.version), Engine())
    replay.catalog.facts["strict"] = True
    replay.apply(Script(sample.sql))
    found = rebuilt(empty, replay.catalog)

    assert found == [], explain(found)
