"""
A finding's fix is SQL that a server takes after the history, and with it the finding is gone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import psycopg
import pytest

from schemaguard.cli.project import open_project
from schemaguard.cli.verification import verify_project
from schemaguard.config import Source
from schemaguard.linting.history import fresh_catalog, presumed_history, replayed
from schemaguard.linting.pipeline import check
from schemaguard.postgres.apply import Application, prepare
from schemaguard.testing import TODAY, Fixture, MemoryTree
from tests.support import FIXTURES, rule_fixtures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemaguard.config import Policy
    from schemaguard.findings import Finding
    from schemaguard.postgres.server import Server

ADDED = "zzzz_fix.sql"


class Mended(Fixture):
    """A fixture with one more migration: a fix."""

    def __init__(self, fixture: Fixture, fix: str) -> None:
        """Take the fixture and the fix."""
        super().__init__(fixture.path)
        self.text, self.head = fixture.text, fixture.head
        self.fix = fix

    def files(self, side: str = "file") -> Iterator[tuple[str, bytes]]:
        """The fixture's files, and the fix as the last of them."""
        yield from super().files(side)
        if side == "file":
            yield ADDED, self.fix.encode()

    def policy(self, files: Mapping[str, bytes]) -> Policy:
        """The fixture's config; where it names sources, the fix is one more."""
        policy = super().policy(files)
        if any(ADDED in source.sql for source in policy.sources):
            return policy
        source = Source(sql=(ADDED,), layout="plain", role=policy.sources[-1].role)
        changed = msgspec.structs.replace(policy, sources=(*policy.sources, source))
        changed.__dict__.update(policy.__dict__)
        return changed


class Odd(Fixture):
    """A fixture whose tables have names that need quotes, in its SQL and in its config."""

    def __init__(self, fixture: Fixture) -> None:
        """Take the fixture."""
        super().__init__(fixture.path)
        names = sorted(set(re.findall(r"CREATE TABLE (?:\w+\.)?(\w+)", fixture.text)), key=len)
        lines = [_renamed(line, names) for line in fixture.text.split("\n")]
        self.text = "\n".join(lines)
        self.head = "\n".join([*lines[: fixture.head.count("\n")], ""])


def _renamed(line: str, names: list[str]) -> str:
    if line.startswith("-- file:"):
        return line
    for name in names:
        new = f"Odd {name}" if line.startswith("--") else f'"Odd {name}"'
        line = re.sub(rf"(?<![\w\"/-]){name}(?![\w\"(/-])", new, line)
    return line


@pytest.mark.parametrize("fixture", rule_fixtures(), ids=str)
def test_mends_what_it_says(fixture: Fixture) -> None:
    """Checked again with the fix, the finding is gone, and the same rule has none in its place."""
    assert list(_left(fixture)) == []


@pytest.mark.parametrize("fixture", rule_fixtures(), ids=str)
def test_mends_tables_with_names_that_need_quotes(fixture: Fixture) -> None:
    """The same where every table is called something that must be quoted."""
    if not _with_fix(fixture):
        return
    odd = Odd(fixture)
    if {finding.location.line for finding in odd.lint()} != {
        finding.location.line for finding in fixture.lint()
    }:
        pytest.skip("the names have a meaning of their own here")

    assert list(_left(odd)) == []


@pytest.mark.postgres
@pytest.mark.parametrize("fixture", rule_fixtures(), ids=str)
def test_runs(server: Server, fixture: Fixture) -> None:
    """A server runs the fix after the fixture's history."""
    fixes = [finding.fix for finding in _with_fix(fixture)]
    if not fixes:
        return

    assert list(_refused(server, fixture, fixes)) == []


def _left(fixture: Fixture) -> Iterator[tuple[str, list[str]]]:
    """Each fix that leaves its finding, or brings another of its rule, with what is found then."""
    before = {finding.key for finding in fixture.lint()}
    for finding in _with_fix(fixture):
        after = Mended(fixture, finding.fix).lint()
        wrong = [
            one
            for one in after
            if one.rule == finding.rule and (one.key == finding.key or one.key not in before)
        ]
        if wrong:
            yield finding.fix, [one.message for one in wrong]


def _with_fix(fixture: Fixture) -> list[Finding]:
    return [finding for finding in fixture.lint() if finding.fix]


def _refused(server: Server, fixture: Fixture, fixes: list[str]) -> Iterator[tuple[str, str]]:
    files = dict(fixture.files())
    policy = msgspec.structs.replace(fixture.policy(files), postgres=server.version)
    history = replayed(MemoryTree(files), policy).history
    with server.database() as name:
        declared = fresh_catalog(policy)
        with server.connect(name) as connection:
            prepare(connection, declared, history.catalog)
        application = Application(server, name)
        application.run(presumed_history(policy).steps)
        application.run(history.steps)
        application.close()
        with server.connect(name) as connection:
            for fix in fixes:
                connection.execute("BEGIN")
                try:
                    connection.execute(fix.encode())
                except psycopg.Error as error:
                    yield fix, str(error)
                connection.execute("ROLLBACK")


@pytest.mark.postgres
@pytest.mark.parametrize("project", ["b03_foundation", "b03_hardened"])
def test_a_whole_project_is_mended(server: Server, project: str) -> None:
    """All fixes of a project, one after the other: a server runs them, and none of their findings is left."""
    opened = open_project(FIXTURES / "projects" / project, None)
    registry = opened.registry
    before = check(opened.tree, opened.policy, registry, today=TODAY).findings
    fixes = [finding for finding in before if finding.fix]
    files = {path: opened.tree.read(path) for path in opened.tree.files()}
    files[ADDED] = "\n".join(finding.fix for finding in fixes).encode()
    source = Source(sql=(ADDED,), layout="plain", role=opened.policy.sources[-1].role)
    changed = msgspec.structs.replace(opened.policy, sources=(*opened.policy.sources, source))
    changed.__dict__.update(opened.policy.__dict__)
    after = {finding.key for finding in check(MemoryTree(files), changed, registry, today=TODAY).findings}

    assert fixes
    assert {finding.key for finding in fixes} & after == set()
    found = verify_project(MemoryTree(files), changed, server)
    assert found.holds, found
