"""
The same SQL replayed and run on a real server: what each says to every statement, and the facts they end with.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.commands.registry import handlers, irrelevant
from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.catalog.facts import facts
from schemaguard.catalog.session import Run, Session
from schemaguard.postgres.introspect import introspect
from schemaguard.statements.parse import Unparsed, parse
from schemaguard.text import SourceFile, SqlText
from tests.catalog.objects.details import model_details, server_details

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.events import Event
    from schemaguard.catalog.state import Catalog
    from schemaguard.postgres.server import Connection
    from schemaguard.statements.statement import Node, Statement

SAMPLES = Path(__file__).parent / "samples"


class Outcome(NamedTuple):
    """SQLSTATE and message of an error, both empty for success."""

    sqlstate: str = ""
    message: str = ""


class Sample(NamedTuple):
    """A script of a samples file: what follows a line ``--- title``."""

    title: str
    sql: str


def samples(name: str, folder: Path = SAMPLES) -> list[Sample]:
    """The scripts of `<folder>/<name>.sql`."""
    found: list[Sample] = []
    for part in ("\n" + (folder / f"{name}.sql").read_text()).split("\n--- ")[1:]:
        title, _, sql = part.partition("\n")
        found.append(Sample(title.strip(), sql))
    return found


def statements(sql: str, *, skip_unparsed: bool = False) -> Iterator[Statement]:
    """The statements of a script, all of which parse, unless it is said that some do not."""
    for parsed in parse(SqlText.whole_file(SourceFile("sample.sql", sql))):
        if isinstance(parsed, Unparsed) and skip_unparsed:
            continue
        assert not isinstance(parsed, Unparsed), f"{parsed.message}: {parsed.sql}"
        yield parsed


class Model:
    """A catalog into which SQL is replayed, statement by statement."""

    def __init__(self, version: int = 18, database: str = "postgres") -> None:
        self.catalog: Catalog = new_catalog(version)
        self.catalog.put(self.catalog.facts, "database", database)
        self.catalog.put(self.catalog.facts, "strict", value=True)
        self.session = Session(self.catalog)
        self.session.begin_migration()
        self.session.execute_nested = self._nested
        self.events: list[Event] = []

    def run(self, statement: Statement) -> Outcome:
        """Run one statement; what it wrote is taken back where it is refused."""
        self.events = []
        mark = self.catalog.mark()
        try:
            self._nested({statement.kind: statement.node}, statement)
        except Refused as refused:
            self.catalog.rewind(mark)
            return Outcome(refused.sqlstate, refused.message)
        except Opaque as opaque:
            self.catalog.rewind(mark)
            return Outcome("opaque", str(opaque))
        return Outcome()

    def execute(self, sql: str, *, skip_unparsed: bool = False) -> Outcome:
        """Run the statements of a script; what the last one came to."""
        outcome = Outcome()
        for statement in statements(sql, skip_unparsed=skip_unparsed):
            outcome = self.run(statement)
        return outcome

    def _nested(self, node: Node, statement: Statement) -> None:
        [(kind, fields)] = node.items()
        if kind in irrelevant():
            return
        run = Run(self.session, statement)
        handlers()[kind](run, fields)
        self.events.extend(run.events)


def run_on_server(connection: Connection, sql: str) -> Outcome:
    """Run a statement inside the open transaction, keeping the transaction alive."""
    import psycopg

    connection.execute("SAVEPOINT statement")
    try:
        connection.execute(sql.encode())
    except psycopg.Error as error:
        connection.execute("ROLLBACK TO SAVEPOINT statement")
        return Outcome(error.sqlstate or "", error.diag.message_primary or "")
    connection.execute("RELEASE SAVEPOINT statement")
    return Outcome()


def disagreements(connection: Connection, sql: str, version: int = 18) -> list[str]:
    """Replay a script and run it on the server; every statement and fact on which the two differ, in words.

    Nothing stays on the server.
    """
    import psycopg

    model = Model(version, connection.info.dbname)
    found: list[str] = []
    with connection.transaction(force_rollback=True):
        for statement in statements(sql):
            theirs = run_on_server(connection, statement.sql)
            ours = model.run(statement)
            if ours != theirs and not _same_but_for_words(ours, theirs):
                found.append(f"{statement.sql}\n    replay: {' '.join(ours)}\n    server: {' '.join(theirs)}")
        for ours_, theirs_ in (
            (facts(model.catalog), introspect(connection)),
            (model_details(model.catalog), server_details(connection)),
        ):
            found += list(differences("", _plain(ours_), _plain(theirs_)))
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    return found


def _same_but_for_words(ours: Outcome, theirs: Outcome) -> bool:
    """Whether they differ only in what a replay can't name: a command by its tag, a trigger numbered by its oid."""
    if ours.sqlstate == theirs.sqlstate and "is a system trigger" in ours.message + theirs.message:
        return "RI_ConstraintTrigger" in ours.message and "RI_ConstraintTrigger" in theirs.message
    tail = "is not yet supported in unquoted SQL function body"
    return ours.sqlstate == theirs.sqlstate and ours.message.endswith(tail) and theirs.message.endswith(tail)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any tree of facts
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def differences(path: str, ours: Any, theirs: Any) -> Iterator[str]:  # noqa: ANN401 - any trees of facts
    """The smallest parts in which two trees of facts differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in ours.keys() | theirs.keys():
            yield from differences(f"{path}/{key}", ours.get(key), theirs.get(key))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for at, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(f"{path}[{at}]", one, other)
    elif ours != theirs:
        yield f"{path}\n    replay: {ours!r}\n    server: {theirs!r}"
