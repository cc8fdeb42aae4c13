"""
Every view of every fixture: its base columns are those in the server's pg_depend.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from schemaguard.cli.project import open_project
from schemaguard.cli.verification import for_version
from schemaguard.lineage import Lineage
from schemaguard.lineage.words import column_name
from schemaguard.linting.history import fresh_catalog, presumed_history, replayed
from schemaguard.postgres.apply import Application, prepare
from schemaguard.testing import Fixture, MemoryTree
from tests.lineage.test_server import DEPENDENCIES
from tests.support import FIXTURES, rule_fixtures

if TYPE_CHECKING:
    from pathlib import Path

    from schemaguard.config import Policy
    from schemaguard.postgres.server import Server
    from schemaguard.sources.tree import FileTree

pytestmark = pytest.mark.postgres

VIEW = re.compile(r"\bCREATE\b[^;']*\bVIEW\b", re.IGNORECASE)
OF_RULES = [fixture for fixture in rule_fixtures() if VIEW.search(fixture.text)]
PROJECTS = sorted(
    folder
    for group in ("projects", "layouts")
    for folder in (FIXTURES / group).iterdir()
    if any(VIEW.search(path.read_text(errors="replace")) for path in folder.rglob("*") if path.is_file())
)


def compared(server: Server, tree: FileTree, policy: Policy) -> dict[str, tuple[set[str], set[str]]]:
    """The columns that only lineage, and that only the server names, for each view that differs."""
    policy = for_version(policy, server.version)
    read = replayed(tree, policy)
    catalog = read.history.catalog
    with server.database() as database:
        with server.connect(database) as connection:
            prepare(connection, fresh_catalog(read.policy), catalog)
        application = Application(server, database)
        try:
            application.run(presumed_history(read.policy).steps)
            application.run(read.history.steps)
        finally:
            application.close()
        with server.connect(database) as connection:
            connection.execute("SET search_path = public")
            depends: dict[str, set[str]] = {}
            for view, column in connection.execute(DEPENDENCIES.encode()).fetchall():
                depends.setdefault(view, set()).add(column.replace('"', ""))
    lineage = Lineage(catalog, deep=False)
    found = {}
    for view in catalog.views():
        outputs = lineage.of(view.oid)
        sources = {
            source.column
            for output in outputs.columns
            for source in output.sources
            if all(step.kind != "row" for step in source.steps)
        }
        ours = {column_name(catalog, *column) for column in sources.union(outputs.rows)}
        if ours != depends.get(view.name, set()):
            theirs = depends.get(view.name, set())
            found[view.name] = (ours - theirs, theirs - ours)
    return found


@pytest.mark.parametrize("fixture", OF_RULES, ids=str)
def test_views_of_the_rules_fixtures(server: Server, fixture: Fixture) -> None:
    files = dict(fixture.files())

    assert compared(server, MemoryTree(files), fixture.policy(files)) == {}


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_views_of_the_projects(server: Server, folder: Path) -> None:
    project = open_project(folder, None)

    assert compared(server, project.tree, project.policy) == {}
