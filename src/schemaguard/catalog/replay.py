"""The replay: migrations in, a catalog and one step per statement out."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from schemaguard.catalog.commands.registry import handlers, irrelevant
from schemaguard.catalog.commands.row_names import CHECKED, refuse_wrong_names
from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.catalog.session import Run, Session
from schemaguard.catalog.state import SUPERUSER
from schemaguard.catalog.uncertainty import in_doubt, mark_uncertain, paths_in_words
from schemaguard.sources.migration import Unanswerable
from schemaguard.statements.parse import Unparsed, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from schemaguard.catalog.events import Event
    from schemaguard.catalog.roundtrip import RoundTrip
    from schemaguard.catalog.state import Catalog
    from schemaguard.sources.migration import Migration
    from schemaguard.statements.statement import Node, Statement
    from schemaguard.text import Span, SqlText


class Step:
    """What became of one statement.

    `error`: a server would refuse it, and why; `opaque`: what it does can't be known, and why; `irrelevant`: it can't
    change what is modelled. At most one of the three is set. `maybe`: whether it runs depends on something unknown.
    `depth`: 0 for a statement of the migration, more for one that a DO block or function ran.
    """

    __slots__ = ("depth", "error", "events", "irrelevant", "maybe", "migration", "opaque", "statement")

    def __init__(self, statement: Statement, migration: Migration) -> None:
        """Open the step for `statement` of `migration`."""
        self.statement = statement
        self.migration = migration
        self.error: Refused | None = None
        self.opaque: Opaque | None = None
        self.irrelevant = ""
        self.events: Sequence[Event] = ()
        self.maybe = ""
        self.depth = 0


class Note:
    """Something that reading a migration could not know or found wrong, other than by a statement's step."""

    __slots__ = ("message", "migration", "remedy", "rule", "span")

    def __init__(self, rule: str, span: Span, message: str, remedy: str, migration: Migration) -> None:
        """Take the coverage rule it belongs to, the place, what and how to resolve it."""
        self.rule = rule
        self.span = span
        self.message = message
        self.remedy = remedy
        self.migration = migration


class QueryEngine(Protocol):
    """What runs PL/pgSQL and answers queries over the system catalogs; `plpgsql` provides it."""

    def run_block(self, replay: Replay, run: Run, node: Node) -> None:
        """Run a DO statement."""

    def check_body(self, run: Run, node: Node) -> None:
        """Check the PL/pgSQL body of a CREATE FUNCTION or PROCEDURE.

        Raises:
            Refused: its validator refuses it.
        """

    def call(self, replay: Replay, run: Run, node: Node) -> bool:
        """Run a CALL or a SELECT of migration-defined functions; False where there is none to run."""

    def rows(
        self, session: Session, sql: str, parameters: dict[str, Any] | None
    ) -> tuple[Sequence[str], Sequence[tuple[Any, ...]]]:
        """Answer a catalog query: column names and rows.

        Raises:
            Unanswerable: it can't.
        """


class History:
    """The replayed history: the final catalog, every step, and what could not be read."""

    def __init__(self, catalog: Catalog) -> None:
        """Begin an empty history over `catalog`."""
        self.catalog = catalog
        self.migrations: list[Migration] = []
        self.steps: list[Step] = []
        self.unparsed: list[tuple[Migration, Unparsed]] = []
        self.notes: list[Note] = []
        self.round_trips: list[RoundTrip] = []

    def steps_of(self, migration: Migration) -> Iterator[Step]:
        """The steps of one migration."""
        return (step for step in self.steps if step.migration is migration)


class Replay:
    """Applies migrations to a catalog, one after the other; the `Target` that they act on.

    Sessions: a migration runs in a session of its own unless it `shares_session` with its origin's others, as Alembic
    revisions do.
    """

    def __init__(
        self, catalog: Catalog, engine: QueryEngine | None = None, *, round_trips: bool = False
    ) -> None:
        """Replay into `catalog`; without `engine` DO blocks and catalog queries are opaque.

        `round_trips`: also try each migration's down program, and keep what it leaves different.
        """
        self._round_trips = round_trips
        self.catalog = catalog
        self.engine = engine
        self.history = History(catalog)
        self.session = Session(catalog)
        self.migration: Migration | None = None
        self.run_stack: list[Run] = []
        self._handlers = handlers()
        self._irrelevant = irrelevant()
        self._shared_sessions: dict[str, Session] = {}
        self._maybe: list[tuple[int, str, Span]] = []

    # Migrations

    def apply(self, migration: Migration) -> None:
        """Run a migration's up program."""
        mark, steps = self.catalog.mark(), len(self.history.steps)
        self.history.migrations.append(migration)
        self._enter(migration)
        migration.up(self)
        self._leave()
        if self._round_trips and migration.has_down:
            from schemaguard.catalog.roundtrip import round_trip

            self.history.round_trips.append(round_trip(self, migration, mark, steps))

    def apply_down(self, migration: Migration) -> None:
        """Run a migration's down program."""
        self._enter(migration)
        migration.down(self)
        self._leave()

    def _enter(self, migration: Migration) -> None:
        self.migration = migration
        role = self.catalog.roles.get(migration.role, SUPERUSER)
        if getattr(migration, "shares_session", False):
            self.session = self._shared_sessions.setdefault(migration.origin, Session(self.catalog, role))
        else:
            self.session = Session(self.catalog, role)
        self.session.execute_nested = self._execute_nested
        self.session.binds_values = getattr(migration, "binds_values", False)
        self.session.begin_migration()

    def _leave(self) -> None:
        while self._maybe:
            self.end_maybe()
        self.session.end_migration()
        if not getattr(self._current(), "shares_session", False):
            self.session.close()

    # Target

    def execute(self, sql: SqlText, *, always: bool = False) -> None:  # noqa: ARG002 - for other targets
        """Parse and apply SQL; every statement leaves a step, every stretch that does not parse is recorded."""
        migration = self._current()
        for parsed in parse(sql):
            if isinstance(parsed, Unparsed):
                self.history.unparsed.append((migration, parsed))
            else:
                self.run_statement(parsed)

    def run_statement(self, statement: Statement, depth: int = 0) -> Step:
        """Apply one statement; whatever it wrote before being refused is taken back."""
        step = Step(statement, self._current())
        step.depth = depth
        if self._maybe:
            step.maybe = self._maybe[-1][1]
        self.history.steps.append(step)
        statement.migration = step.migration.name
        statement.number = len(self.history.steps) - 1
        run = Run(self.session, statement)
        self.run_stack.append(run)
        mark = self.catalog.mark()
        try:
            self._dispatch(run, step)
            step.events = run.events
        except Refused as refused:
            self.catalog.rewind(mark)
            if why := in_doubt(self.catalog, refused.message):
                step.opaque = Opaque(f"whether the server takes it is not known: {why}")
            else:
                step.error = refused
        except Opaque as opaque:
            self.catalog.rewind(mark)
            step.opaque = opaque
        except RecursionError:
            self.catalog.rewind(mark)
            step.opaque = Opaque("the statement is nested too deeply to be analysed")
        except Exception as error:  # a fault of schemaguard's own: said, and the rest is checked
            if self.catalog.facts.get("strict"):
                raise
            self.catalog.rewind(mark)
            step.opaque = Opaque(
                f"schemaguard itself fails on it ({type(error).__name__}: {error}); please report the statement"
            )
        finally:
            self.run_stack.pop()
        return step

    def _dispatch(self, run: Run, step: Step) -> None:
        kind, node = step.statement.kind, step.statement.node
        if kind in CHECKED and not step.depth:
            refuse_wrong_names(run, kind, node)
        if kind == "DoStmt":
            self._run_block(run, node)
        elif (
            kind in ("CallStmt", "SelectStmt")
            and self.engine is not None
            and self.engine.call(self, run, node)
        ):
            return
        elif (handler := self._handlers.get(kind)) is not None:
            handler(run, node)
            if kind == "CreateFunctionStmt" and self.engine is not None:
                self.engine.check_body(run, node)
        elif kind in self._irrelevant:
            step.irrelevant = self._irrelevant[kind]
        else:
            reason = f"statements of the kind {kind} are not modelled"
            raise Opaque(reason)

    def _run_block(self, run: Run, node: Node) -> None:
        if self.engine is None:
            reason = "DO blocks are not run here"
            raise Opaque(reason)
        self.engine.run_block(self, run, node)

    def _execute_nested(self, node: Node, statement: Statement) -> None:
        """Run a statement that stands inside `statement` (a CREATE SCHEMA element) as part of it."""
        [(kind, fields)] = node.items()
        outer = self.run_stack[-1]
        run = Run(self.session, statement)
        handler = self._handlers.get(kind)
        if handler is None:
            reason = f"statements of the kind {kind} are not modelled"
            raise Opaque(reason)
        handler(run, fields)
        outer.events.extend(run.events)

    def opaque(self, span: Span, reason: str, remedy: str = "") -> None:
        """Record that something at `span` could not be known."""
        self.history.notes.append(Note("statement-opaque", span, reason, remedy, self._current()))

    def note(self, rule: str, span: Span, message: str) -> None:
        """Record a finding that the migration's reader made itself."""
        self.history.notes.append(Note(rule, span, message, "", self._current()))

    def rows(self, sql: str, parameters: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """Answer a catalog query with rows."""
        return self._answer(sql, parameters)[1]

    def columns(self, sql: str) -> Sequence[str]:
        """Output column names of a catalog query."""
        return self._answer(sql, None)[0]

    def _answer(
        self, sql: str, parameters: dict[str, Any] | None
    ) -> tuple[Sequence[str], Sequence[tuple[Any, ...]]]:
        if self.engine is None:
            reason = "catalog queries are not answered here"
            raise Unanswerable(reason)
        return self.engine.rows(self.session, sql, parameters)

    def reflection(self) -> Catalog:
        """The catalog as it is now."""
        return self.catalog

    def mark(self) -> int:
        """The present point in the catalog's journal."""
        return self.catalog.mark()

    def rewind(self, mark: int) -> None:
        """Take the catalog back."""
        self.catalog.rewind(mark)

    def changes_since(self, mark: int) -> object:
        """What the changes since `mark` come to, comparable between two branches from the same state."""
        from schemaguard.catalog.uncertainty import effect_signature

        return effect_signature(self.catalog, mark)

    def begin_maybe(self, span: Span, reason: str) -> None:
        """Open a stretch whose effects may or may not happen."""
        self._maybe.append((self.catalog.mark(), reason, span))

    def end_maybe(self) -> None:
        """Close it: every fact that it changed is uncertain from here on."""
        mark, reason, span = self._maybe.pop()
        self.uncertain_since(mark, span, reason)

    def uncertain_since(self, mark: int, span: Span, reason: str) -> None:
        """Every fact that was changed since `mark` is not known, because of `reason`: say so, once for all of them."""
        if facts := mark_uncertain(self.catalog, mark, reason):
            self.opaque(span, f"{reason}; not known since then: {paths_in_words(facts)}")

    def _current(self) -> Migration:
        if self.migration is None:
            message = "no migration is being replayed"
            raise RuntimeError(message)
        return self.migration


def replay(
    migrations: Iterable[Migration],
    catalog: Catalog,
    engine: QueryEngine | None = None,
    *,
    round_trips: bool = False,
) -> History:
    """Replay `migrations` in order into `catalog`; `round_trips` as `Replay` takes it."""
    replaying = Replay(catalog, engine, round_trips=round_trips)
    with no_cyclic_garbage_collection():
        for migration in migrations:
            replaying.apply(migration)
    return replaying.history


@contextmanager
def no_cyclic_garbage_collection() -> Iterator[None]:
    """Keep the cyclic collector away: trees and records hold no cycles, and it would walk them again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
