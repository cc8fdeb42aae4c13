"""
The same statements run on a server and by the replay, side by side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.diff import Difference, differences
from schemaguard.catalog.errors import SYNTAX_ERROR
from schemaguard.catalog.facts import facts
from schemaguard.catalog.replay import Replay
from schemaguard.postgres.introspect import introspect
from schemaguard.postgres.server import SUCCESS, Outcome
from schemaguard.text import SourceFile, SqlText

if TYPE_CHECKING:
    from schemaguard.catalog.facts.shape import Facts
    from schemaguard.postgres.server import Connection
    from schemaguard.sources.migration import Target


CATALOGS = (
    "pg_attrdef", "pg_attribute", "pg_class", "pg_constraint", "pg_depend", "pg_description", "pg_index", "pg_policy",
    "pg_proc", "pg_rewrite", "pg_shdepend", "pg_trigger", "pg_type",
)  # fmt: skip


class Script:
    """A migration of plain SQL that exists in a test only."""

    def __init__(self, sql: str, role: str = "postgres", name: str = "script") -> None:
        self.name = self.title = name
        self.file = SourceFile("script.sql", sql)
        self.origin = "script"
        self.role = role
        self.has_down: bool | None = None
        self.transactional = True
        self.shares_session = False
        self.once = True
        self.after: None = None

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
        # What was rolled back lies about in the system catalogs, and makes every later question slower.
        self.connection.execute(f"VACUUM {', '.join(CATALOGS)}".encode())

    def run(self, sql: str) -> Verdict:
        """Run one statement on both sides; where only one takes it, it is taken back there, and both can go on."""
        self.connection.execute("SAVEPOINT twin")
        outcome = self._on_server(sql)
        session = self.replay.session
        before = (session.role, session.session_user, session.search_path, dict(session.settings))
        mark = self.replay.catalog.mark()
        replayed, opaque = self._in_replay(sql)
        verdict = Verdict(sql, outcome, replayed, opaque)
        if outcome.sqlstate or replayed.sqlstate:
            self.connection.execute("ROLLBACK TO SAVEPOINT twin")
            self.replay.catalog.rewind(mark)
            session.role, session.session_user, session.search_path, session.settings = before
        self.connection.execute("RELEASE SAVEPOINT twin")
        self.verdicts.append(verdict)
        return verdict

    def _on_server(self, sql: str) -> Outcome:
        try:
            self.connection.execute(sql.encode(), prepare=False)
        except psycopg.Error as error:
            return Outcome(error.sqlstate or "", str(error).partition("\n")[0])
        return SUCCESS

    def _in_replay(self, sql: str) -> tuple[Outcome, str]:
        """Return what the replay says, and why where it says that it can't know."""
        steps = self.replay.history.steps
        before = len(steps)
        self.replay.execute(SqlText.whole_file(SourceFile(f"{len(self.verdicts)}.sql", sql)))
        own = [step for step in steps[before:] if step.depth == 0]
        if not own:
            return Outcome(SYNTAX_ERROR, "syntax error"), ""
        [step] = own
        outcome = Outcome(step.error.sqlstate, step.error.message) if step.error else SUCCESS
        return outcome, step.opaque.reason if step.opaque else ""

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
