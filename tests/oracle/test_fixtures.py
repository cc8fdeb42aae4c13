"""
Every history that the repository holds, replayed and run on PostgreSQL: the two agree on every fact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.cli.project import open_project
from schemaguard.cli.verification import verify_project
from schemaguard.testing import Fixture, MemoryTree
from tests.support import FIXTURES, rule_fixtures

if TYPE_CHECKING:
    from pathlib import Path

    from schemaguard.postgres.server import Server
    from schemaguard.postgres.verify import Verification

PROJECTS = sorted(
    folder for group in ("projects", "layouts") for folder in (FIXTURES / group).iterdir() if folder.is_dir()
)
OF_RULES = sorted(fixture.path for fixture in rule_fixtures())
QUESTIONS = [
    FIXTURES / "plpgsql" / f"{name}.sql" for name in ("queries", "expressions", "catalogs", "unanswered")
]
"""Queries about another history, not one of their own."""
BEHAVIOUR = FIXTURES / "postgres"
"""Tried statement by statement in tests/postgres/test_behaviour.py."""
SAMPLES = sorted(
    path
    for path in FIXTURES.glob("*/*.sql")
    if path not in (*OF_RULES, *QUESTIONS) and path.parent != BEHAVIOUR
)

pytestmark = pytest.mark.postgres


def explain(found: Verification) -> str:
    """Put what differs into lines."""
    lines = [
        f"{applied.step.statement!r}: replay {applied.step.error}, server {applied.outcome}"
        for applied in found.refusals
    ]
    lines += [f"{'/'.join(path)}: replay {one!r}, server {other!r}" for path, one, other in found.differences]
    return "\n".join(lines)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_projects(server: Server, folder: Path) -> None:
    project = open_project(folder, None)
    found = verify_project(project.tree, project.policy, server)

    assert found.holds, explain(found)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples(server: Server, path: Path) -> None:
    project = open_project(path, None)
    found = verify_project(project.tree, project.policy, server)

    assert found.statements
    assert found.holds, explain(found)


@pytest.mark.parametrize("path", OF_RULES, ids=lambda path: path.stem)
def test_fixtures_of_rules(server: Server, path: Path) -> None:
    fixture = Fixture(path)
    files = dict(fixture.files())
    found = verify_project(MemoryTree(files), fixture.policy(files), server)

    assert found.holds, explain(found)
