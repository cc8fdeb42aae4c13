"""
How PostgreSQL behaves where a reviewer may think otherwise: `fixtures/postgres/`, tried on a server and replayed.

Each sample is run statement by statement on both sides, which must take and refuse the same ones; where it says
`-->` something is tried on the server, or asked of both, and at each of these places all facts must agree:

* `--> app: SELECT count(*) FROM t => 2`: what the last of these statements gives the role `app` (rows, a command's tag,
  after `!` an error, after `~` a part of the text); `after N notices` where these count;
* `--> can app DELETE t => member`: the kind of the replay's proof, or none; the server's has_table_privilege agrees;
* `--> rows app t => binds`: whether its policies bind the role, else why not; the server's row_security_active agrees;
* `--> executes app f => public`, `--> regrants own t => owner`, `--> writes app UPDATE t => v`: likewise for calling a
  function, for giving oneself what was revoked, and for the views through which a role writes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest
from psycopg import sql

from schemaguard.catalog.diff import differences
from schemaguard.catalog.facts import facts
from schemaguard.catalog.privileges.query import can, can_execute, can_regrant
from schemaguard.catalog.privileges.row_security import escapes_row_security
from schemaguard.catalog.privileges.views import writable_views
from schemaguard.plpgsql.engine import Engine
from schemaguard.postgres.introspect import introspect
from tests.oracle.twin import Twin, explain
from tests.support import FIXTURES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemaguard.catalog.privileges.proof import Proof
    from schemaguard.postgres.server import Connection, Server

pytestmark = pytest.mark.postgres

SAMPLES = sorted((FIXTURES / "postgres").glob("*.sql"))
ROWS = [f"r{number:02}" for number in range(1, 41)]
PRIVILEGES = [f"p{number:02}" for number in range(1, 27)]

EXPECTATION = re.compile(r"--> (?P<ask>.*) => (?P<answer>.*)")
TRIED = re.compile(r"(?P<role>[\w-]+): (?P<sql>.*)")


class Chunk(NamedTuple):
    """Some SQL, and what is expected right after it."""

    sql: str
    expected: list[tuple[str, str]]


def chunks(text: str) -> Iterator[Chunk]:
    """Split a sample where it says what is expected."""
    lines: list[str] = []
    expected: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("-->"):
            found = EXPECTATION.fullmatch(line)
            assert found, line
            expected.append((found["ask"], found["answer"]))
            continue
        if expected:
            yield Chunk("\n".join(lines), expected)
            lines, expected = [], []
        lines.append(line)
    yield Chunk("\n".join(lines), expected)


@pytest.fixture(scope="module")
def shared(server: Server) -> Iterator[Connection]:
    """Connect to a database in which every sample is rolled back."""
    with server.database() as name, server.connect(name) as connection:
        yield connection


def test_every_row_has_a_sample() -> None:
    assert [path.stem.partition("_")[0] for path in SAMPLES] == sorted([*ROWS, *PRIVILEGES])


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_behaviour(shared: Connection, path: Path) -> None:
    trial = Trial(shared)
    try:
        for chunk in chunks(path.read_text(encoding="utf-8")):
            trial.run(chunk.sql)
            found = differences(facts(trial.twin.replay.catalog), introspect(shared))
            assert found == [], explain(found)
            for ask, answer in chunk.expected:
                trial.check(ask, answer)
    finally:
        trial.twin.close()


class Trial:
    """One sample on both sides."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.twin = Twin(connection)
        self.twin.replay.engine = Engine()
        self.catalog = self.twin.replay.catalog

    def run(self, script: str) -> None:
        """Run statements, which both sides take or refuse alike."""
        for statement in _statements(script):
            verdict = self.twin.run(statement)
            assert verdict.agrees, verdict

    def check(self, ask: str, answer: str) -> None:
        """Try or ask one thing."""
        tried = TRIED.fullmatch(ask)
        if tried is None:
            word, *arguments = ask.split()
            assert getattr(self, word)(*arguments) == answer, ask
            return
        given = self.attempt(tried["role"], tried["sql"])
        if answer.startswith("! "):
            assert given.startswith("! "), (ask, given)
            assert answer.removeprefix("! ") in given, ask
        elif answer.startswith("~ "):
            assert answer.removeprefix("~ ") in given, ask
        else:
            assert given == answer, ask

    def attempt(self, role: str, statements: str) -> str:
        """Run statements as a role, and take them back; return what came of the last one."""
        notices: list[object] = []
        self.connection.add_notice_handler(notices.append)
        self.connection.execute("SAVEPOINT attempt")
        try:
            if role != "postgres":
                self.connection.execute(
                    sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(role))
                )
            given = self._run(statements)
        except psycopg.Error as error:
            given = f"! {error.diag.message_primary}"
        finally:
            self.connection.execute("ROLLBACK TO SAVEPOINT attempt")
            self.connection.execute("RELEASE SAVEPOINT attempt")
            self.connection.remove_notice_handler(notices.append)
        return f"{given} after {len(notices)} notices" if notices else given

    def _run(self, statements: str) -> str:
        cursor = self.connection.cursor()
        if statements.startswith("COPY"):
            with cursor.copy(statements.encode()) as copy:
                return b"".join(copy).decode().strip()
        for statement in statements.split("; "):
            cursor.execute(statement.encode(), prepare=False)
        if cursor.description is None:
            return cursor.statusmessage or ""
        return "; ".join(", ".join(map(str, row)) for row in cursor.fetchall())

    # What is asked of the replay, and of the server

    def can(self, role: str, privilege: str, table: str) -> str:
        """Return the kind of proof; the server knows of the effective ones."""
        proof = can(self.catalog, self.catalog.roles[role], privilege, self._relation(table))
        held = self._ask("SELECT has_table_privilege(%s, %s, %s)", role, table, privilege)
        assert held == (proof is not None and proof.effective), (role, privilege, table, proof)
        if proof is not None and proof.kind == "columns":
            assert self._ask("SELECT has_any_column_privilege(%s, %s, %s)", role, table, privilege)
        return _kind(proof)

    def rows(self, role: str, table: str) -> str:
        """Return why policies do not bind the role, `binds` where they do; SET ROLE is none of the server's matter."""
        proof = escapes_row_security(self.catalog, self.catalog.roles[role], self._relation(table))
        binds = proof is None or proof.kind == "set role"
        asked = f"SELECT row_security_active('{table}')"
        assert self.attempt(role, asked) == str(binds), (role, table, proof)
        return "binds" if proof is None else proof.kind

    def executes(self, role: str, function: str) -> str:
        """Return the kind of proof that a role may call a function without parameters."""
        [oid] = self.catalog.functions[self.catalog.schemas["public"], function]
        proof = can_execute(self.catalog, self.catalog.roles[role], oid)
        held = self._ask("SELECT has_function_privilege(%s, %s, 'EXECUTE')", role, f"{function}()")
        assert held == (proof is not None)
        return _kind(proof)

    def regrants(self, role: str, table: str) -> str:
        """Return the kind of proof that a role can give itself any privilege; attempts beside it show that it can."""
        return _kind(can_regrant(self.catalog, self.catalog.roles[role], self._relation(table)))

    def writes(self, role: str, privilege: str, table: str) -> str:
        """Return the views through which a role writes; the attempts beside it show that it does."""
        views = writable_views(self.catalog, self._relation(table), self.catalog.roles[role], privilege)
        return ", ".join(view.name for view, _ in views) or "none"

    def _relation(self, name: str) -> int:
        schema, _, table = name.rpartition(".")
        return self.catalog.relations[self.catalog.schemas[schema or "public"], table]

    def _ask(self, question: str, *arguments: str) -> bool:
        [(answer,)] = self.connection.execute(question.encode(), arguments).fetchall()
        return bool(answer)


def _kind(proof: Proof | None) -> str:
    return "none" if proof is None else proof.kind


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one."""
    from schemaguard.statements.parse import Unparsed, parse
    from schemaguard.text import SourceFile, SqlText

    for statement in parse(SqlText.whole_file(SourceFile("sample.sql", script))):
        assert not isinstance(statement, Unparsed), statement
        yield statement.sql
