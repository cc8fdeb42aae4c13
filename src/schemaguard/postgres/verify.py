"""The replay held against a real server: every fact that differs, and every statement that only one of them takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from schemaguard.catalog.diff import agreement, differences
from schemaguard.catalog.facts import facts
from schemaguard.catalog.model import Function, Relation, Type
from schemaguard.postgres.apply import Application, prepare
from schemaguard.postgres.introspect import introspect
from schemaguard.postgres.seeds import missing_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from schemaguard.catalog.diff import Agreement, Difference
    from schemaguard.catalog.facts.shape import Facts, UnknownFact
    from schemaguard.catalog.replay import History, Step
    from schemaguard.catalog.state import Catalog
    from schemaguard.postgres.apply import Applied
    from schemaguard.postgres.server import Server
    from schemaguard.text import Location


def without_declared(served: Facts, replayed: Catalog) -> None:
    """Take out of a server's facts what the config declares: it is no part of the history, nor of its facts."""
    declared = {replayed.qualified(record) for record in replayed.all(Relation) if record.external}
    declared |= {replayed.qualified(record) for record in replayed.all(Function) if record.external}
    declared |= {replayed.qualified(record) for record in replayed.all(Type) if record.external}
    for kind in ("tables", "views", "matviews", "sequences", "functions", "types"):
        objects = cast("dict[str, Any]", served)[kind]
        for name in [name for name in objects if name.partition("(")[0] in declared]:
            del objects[name]


class Doubt(NamedTuple):
    """A statement, or what should have become one, of which the replay can't know what it does, and why."""

    location: Location
    reason: str


def _doubts(history: History) -> Iterator[Doubt]:
    for step in history.steps:
        if step.opaque is not None and not step.depth:
            yield Doubt(step.statement.span.location, step.opaque.reason)
    for note in history.notes:
        if note.rule == "statement-opaque":
            yield Doubt(note.span.location, note.message)
    for _, unparsed in history.unparsed:
        yield Doubt(unparsed.span.location, f"it is no SQL that PostgreSQL reads: {unparsed.message}")


class Verification(NamedTuple):
    """What came of it. In `differences` left is the replay, right the server.

    `refusals`: statements that only one side takes. `skipped`: what was not run. `agreement`: by kind of fact.
    `opaque`: what the replay can't know; the server did it, and differs for that reason, too.
    """

    version: int
    statements: int
    refusals: Sequence[Applied]
    skipped: Sequence[Applied]
    differences: Sequence[Difference]
    agreement: dict[str, Agreement]
    unknown: Sequence[UnknownFact]
    opaque: Sequence[Doubt]

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return not self.differences and not self.refusals


def verify(
    server: Server, history: History, declared: Catalog, presumed: Iterable[Step] = ()
) -> Verification:
    """Apply a replayed history to a new database of `server` and compare.

    `declared`: a catalog as it was before the first migration. `presumed`: statements that make, before the history,
    what else the config says is there. The history should have been replayed for the server's major version.

    Raises:
        ServerUnavailable: the server can't be used.
        psycopg.Error: what is declared can't be made.
    """
    with server.database() as database:
        with server.connect(database) as connection:
            prepare(connection, declared, history.catalog)
        application = Application(server, database)
        try:
            application.run(presumed)
            before = len(application.results)
            application.run(history.steps)
        finally:
            application.close()
        results = application.results[before:]
        with server.connect(database) as connection:
            replayed, served = facts(history.catalog), introspect(connection)
            without_declared(served, history.catalog)
            for applied in application.results:
                if applied.skipped and applied.step.statement.kind == "CreateExtensionStmt":
                    replayed["extensions"].pop(applied.step.statement.node["extname"], None)
            rows = list(missing_rows(connection, replayed["seed_rows"]))
    return Verification(
        version=server.version,
        statements=len(results),
        refusals=[applied for applied in application.results if not applied.agrees],
        skipped=[applied for applied in results if applied.skipped],
        differences=[*differences(replayed, served), *rows],
        agreement=agreement(replayed, served),
        unknown=replayed["unknown"],
        opaque=list(_doubts(history)),
    )
