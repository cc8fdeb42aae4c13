"""
The same statements run on a server and by the replay, side by side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.diff import Difference, differences
from schemaguard.catalog.errors import SYNTAX_ERROR, Refused
from schemaguard.catalog.facts import facts
from schemaguard.catalog.replay import Replay
from schemaguard.postgres.introspect import introspect
from schemaguard.postgres.server import SUCCESS, Outcome
from schemaguard.text import SourceFile, SqlText

if TYPE_CHECKING:
    from schemaguard.catalog.facts.shape import Facts
    from schemaguard.postgres.server import Connection
    from schemaguard.sources.migration import Target


class Script:
    """A migration of plain SQL that exists in a test only."""

    def __init__(self, sql: str, role: str = "postgres") -> None:
        self.name = self.title = "script"
        self.file = SourceFile("script.sql", sql)
        self.origin = "script"
        self.role = role
        self.has_down: bool | None = None
        self.transactional = True
        self.shares_session = False

    def up(self, target: Target) -> None:
        target.execute(SqlText.whole_file(self.file))

    def down(self, target: Target) -> None:
        """Plain scripts have none."""


class Verdict(NamedTuple):
    """What became of one statement on either side: SQLSTATE and message, empty for success."""

    sql: str
    server: Outcome
    replay: Outcome
    opaque: str

    @property
    def agrees(self) -> bool:
        """Both took it, or both refused it, with the same class of SQLSTATE."""
        return self.server.sqlstate[:2] == self.replay.sqlstate[:2] and not self.opaque


class Twin:
    """One history on both sides, in a transaction of the server that is never committed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.replay = Replay(new_catalog(connection.info.server_version // 10000))
        # Roles and schemas that nobody made are presumed by default; a server knows that they are not there.
        self.replay.catalog.facts["strict"] = True
        self.replay._enter(Script(""))
        self.verdicts: list[Verdict] = []
        connection.execute("BEGIN")

    def close(self) -> None:
        """Leave the database as it was."""
        self.connection.execute("ROLLBACK")
        self.connection.execute("RESET SESSION AUTHORIZATION")
        self.connection.execute("RESET ALL")

    def run(self, sql: str) -> Verdict:
        """Run one statement on both sides."""
        outcome = self._on_server(sql)
        file = SourceFile(f"{len(self.verdicts)}.sql", sql)
        before = len(self.replay.history.steps)
        self.replay.execute(SqlText.whole_file(file))
        steps = [step for step in self.replay.history.steps[before:] if step.depth == 0]
        error, opaque = (steps[0].error, steps[0].opaque) if steps else (Refused(SYNTAX_ERROR, ""), None)
        verdict = Verdict(
            sql,
            outcome,
            Outcome(error.sqlstate, error.message) if error else SUCCESS,
            opaque.reason if opaque else "",
        )
        self.verdicts.append(verdict)
        return verdict

    def _on_server(self, sql: str) -> Outcome:
        self.connection.execute("SAVEPOINT twin")
        try:
            self.connection.execute(sql.encode(), prepare=False)
        except psycopg.Error as error:
            self.connection.execute("ROLLBACK TO SAVEPOINT twin")
            return Outcome(error.sqlstate or "", str(error).partition("\n")[0])
        finally:
            self.connection.execute("RELEASE SAVEPOINT twin")
        return SUCCESS

    def sides(self) -> tuple[Facts, Facts]:
        """Return the facts of the replay and those of the server."""
        return facts(self.replay.catalog), introspect(self.connection)

    def differences(self) -> list[Difference]:
        """Return what the replay has otherwise than the server."""
        return differences(*self.sides())


def explain(found: list[Any]) -> str:
    """Put differences into lines for a failing test."""
    return "\n".join(
        f"{'/'.join(path)}: replay {replayed!r}, server {served!r}" for path, replayed, served in found
    )


def prelude() -> list[str]:
    """Return what every random history begins with: three roles that may create in two schemas."""
    return [
        "CREATE ROLE r1",
        "CREATE ROLE r2 LOGIN",
        "CREATE ROLE r3 NOINHERIT CREATEROLE",
        "CREATE SCHEMA a AUTHORIZATION r1",
        "CREATE SCHEMA b",
        "GRANT CREATE, USAGE ON SCHEMA b TO r2",
        "GRANT USAGE ON SCHEMA a TO r2, r3",
    ]
