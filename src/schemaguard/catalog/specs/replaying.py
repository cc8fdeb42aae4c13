"""Each specification is replayed in the place of what it specifies: the final state without it, then the script.

So the tables, types and functions of other specifications are there for foreign keys and views, as the history has
them, and a difference in one of them is found once, where it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.model import Relation, Type
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.replay import Replay
from schemaguard.catalog.specs.comparing import Compared, compare, snapshot
from schemaguard.catalog.specs.results import Drift, Orphan
from schemaguard.statements.parse import Unparsed, parse
from schemaguard.statements.statement import Statement
from schemaguard.text import SqlText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from schemaguard.catalog.replay import History, QueryEngine, Step
    from schemaguard.catalog.specs.comparing import Snapshot
    from schemaguard.catalog.state import Catalog
    from schemaguard.sources.migration import Migration, Target
    from schemaguard.statements.statement import Node

_DROPS = {
    "r": "TABLE",
    "p": "TABLE",
    "f": "FOREIGN TABLE",
    "v": "VIEW",
    "m": "MATERIALIZED VIEW",
    "S": "SEQUENCE",
}
_TYPES = {"d": "DOMAIN"}
_SHARED = frozenset(("CreateSchemaStmt", "CreateExtensionStmt", "CreateRoleStmt"))
"""What a specification may make though everybody has it: that it is there already is no difference."""


class Made(NamedTuple):
    """An object that a script creates: its kind in words, schema and name, and the statement."""

    kind: str
    schema: str
    name: str
    statement: Statement


class Comparison(NamedTuple):
    """All specifications held against the history. `specified`: oids of the relations and types that have one."""

    drifts: list[Drift]
    orphans: list[Orphan]
    specified: frozenset[int]


class _Collector:
    """A target that only keeps what a script would run."""

    def __init__(self) -> None:
        self.texts: list[SqlText] = []

    def execute(self, sql: SqlText, *, always: bool = False) -> None:  # noqa: ARG002 - as targets are called
        self.texts.append(sql)


class _Program:
    """A migration that does what it is told in the place of another one."""

    has_down: bool | None = None
    transactional = False
    shares_session = False
    once = True
    after = None

    def __init__(self, of: Migration, run: Callable[[Any], None]) -> None:
        self.name, self.title, self.file = of.name, of.title, of.file
        self.origin, self.role = of.origin, of.role
        self.run = run

    def up(self, target: Target) -> None:
        self.run(target)

    def down(self, target: Target) -> None:
        """Nothing undoes it."""


class Script:
    """A specification, parsed."""

    def __init__(self, migration: Migration) -> None:
        """Parse all of it."""
        self.migration = migration
        self.statements: list[Statement] = []
        self.unparsed: list[Unparsed] = []
        collector = _Collector()
        migration.up(collector)  # type: ignore[arg-type]  # SQL files execute, and do nothing else
        for text in collector.texts:
            for parsed in parse(text):
                (self.unparsed if isinstance(parsed, Unparsed) else self.statements).append(parsed)  # type: ignore[arg-type]
        self.made = [made for statement in self.statements if (made := _made(statement)) is not None]


def compare_specs(
    catalog: Catalog, scripts: Iterable[Migration], engine: QueryEngine | None = None
) -> Comparison:
    """Hold each specification against the final state of a history, which is left as it was."""
    return _Comparer(catalog, [Script(migration) for migration in scripts], engine).compared()


class _Comparer:
    def __init__(self, catalog: Catalog, scripts: Sequence[Script], engine: QueryEngine | None) -> None:
        self.catalog = catalog
        self.scripts = scripts
        self.engine = engine
        self.drifts: list[Drift] = []
        self.orphans: list[Orphan] = []
        self.specified: set[int] = set()

    def compared(self) -> Comparison:
        start = self.catalog.mark()
        try:
            known = {id(script): self._known(script) for script in self.scripts}
            new = [script for script in self.scripts if script.made and not known[id(script)]]
            self._add_new(new)
            for script in self.scripts:
                if script not in new:
                    self._compare(script, known[id(script)])
        finally:
            self.catalog.rewind(start)
        return Comparison(self.drifts, self.orphans, frozenset(self.specified))

    def _known(self, script: Script) -> dict[int, Made]:
        """What of a script's objects the history has, by oid; the others are orphans."""
        found: dict[int, Made] = {}
        for made in script.made:
            oid = self._find(made)
            if oid:
                found[oid] = made
                self.specified.add(oid)
            elif made.kind != "index":
                self.orphans.append(
                    Orphan(script.migration, made.kind, f"{made.schema}.{made.name}", made.statement.span)
                )
        if not script.made:
            place = script.statements[0].span if script.statements else script.migration.file.span(0, 0)
            self.orphans.append(Orphan(script.migration, "", "", place))
        return found

    def _find(self, made: Made) -> int:
        schema = self.catalog.schemas.get(made.schema, -1)
        names = self.catalog.types if made.kind == "type" else self.catalog.relations
        return names.get((schema, made.name), 0)

    def _add_new(self, scripts: Sequence[Script]) -> None:
        """Make what the history lacks, for the others to refer to: in whatever order it can be made."""
        left = list(scripts)
        while left:
            ready = []
            for script in left:
                mark = self.catalog.mark()
                if any(self._problems(script, self._run(script))):
                    self.catalog.rewind(mark)
                else:
                    ready.append(script)
            if not ready:
                break
            left = [script for script in left if script not in ready]
        for script in left:
            mark = self.catalog.mark()
            self.drifts += self._problems(script, self._run(script))
            self.catalog.rewind(mark)

    def _compare(self, script: Script, known: dict[int, Made]) -> None:
        mark = self.catalog.mark()
        before = {oid: snapshot(self.catalog, self.catalog.objects[oid]) for oid in known}
        self._remove(script, known)
        problems = list(self._problems(script, self._run(script)))
        self.drifts += problems
        failed = {problem.spec for problem in problems}
        for oid, made in known.items():
            found = self._find(made)
            after = snapshot(self.catalog, self.catalog.objects[found]) if found else None
            if after is not None and made.statement.span not in failed:
                self.drifts += self._drifts(script, oid, before[oid], after)
        self.catalog.rewind(mark)

    def _drifts(self, script: Script, oid: int, before: Snapshot, after: Snapshot) -> Iterator[Drift]:
        difference: Compared
        for difference in compare(before, after):
            yield Drift(script.migration, oid, *difference)

    def _remove(self, script: Script, known: dict[int, Made]) -> None:
        """Take what a script specifies out of the final state, with all that hangs on it."""
        place = script.migration.file.span(0, 0)
        records: list[Relation | Type] = []
        for kind in (Relation, Type):
            records += [record for oid in known if isinstance(record := self.catalog.objects[oid], kind)]

        def up(replay: Replay) -> None:
            for record in records:
                if record.oid not in self.catalog.objects:
                    continue  # went with another one
                kinds = _DROPS if isinstance(record, Relation) else _TYPES
                schema = quote_identifier(self.catalog.schema_name(record.schema))
                sql = (
                    f"DROP {kinds.get(record.kind, 'TYPE')} {schema}.{quote_identifier(record.name)} CASCADE"
                )
                replay.execute(SqlText.written_by(sql, place))

        self._applied(script, up)

    def _run(self, script: Script) -> History:
        """Run a script; CREATE FUNCTION is CREATE OR REPLACE, for functions are not compared."""

        def up(replay: Replay) -> None:
            for statement in script.statements:
                node = statement.node
                if statement.kind == "CreateFunctionStmt":
                    node = {**node, "replace": True}
                start, end = statement.byte_start, statement.byte_end
                replay.run_statement(Statement(statement.kind, node, statement.text, start, end))

        return self._applied(script, up)

    def _applied(self, script: Script, up: Callable[[Replay], None]) -> History:
        replay = Replay(self.catalog, self.engine)
        replay.apply(_Program(script.migration, up))
        return replay.history

    def _problems(self, script: Script, ran: History) -> Iterator[Drift]:
        """What of a script can't be held against anything."""
        for unparsed in script.unparsed:
            words = f"a part of the specification is not PostgreSQL: {unparsed.message}"
            yield Drift(script.migration, 0, "unparsed", words, None, unparsed.span)
        for note in ran.notes:
            words = f"a statement of the specification can't be followed: {note.message}"
            yield Drift(script.migration, 0, "statement", words, None, note.span)
        for step in ran.steps:
            if step.error is not None and not (step.statement.kind in _SHARED and _is_there(step)):
                words = f"a statement of the specification can't be run: {step.error.message}"
            elif step.opaque is not None:
                words = f"a statement of the specification can't be followed: {step.opaque.reason}"
            else:
                continue
            yield Drift(
                script.migration, 0, f"statement {step.statement.kind}", words, None, step.statement.span
            )


def _is_there(step: Step) -> bool:
    return step.error is not None and step.error.sqlstate in ("42P06", "42710")


def _made(statement: Statement) -> Made | None:
    """The relation or type that a statement creates."""
    node = statement.node
    match statement.kind:
        case "CreateStmt":
            return _named("table", node["relation"], statement)
        case "CreateForeignTableStmt":
            return _named("table", node["base"]["relation"], statement)
        case "ViewStmt":
            return _named("view", node["view"], statement)
        case "CreateTableAsStmt":
            kind = "materialized view" if node.get("objtype") == "OBJECT_MATVIEW" else "table"
            return _named(kind, node["into"]["rel"], statement)
        case "CreateSeqStmt":
            return _named("sequence", node["sequence"], statement)
        case "CompositeTypeStmt":
            return _named("type", node["typevar"], statement)
        case "CreateEnumStmt" | "CreateRangeStmt":
            return _type(node["typeName"], statement)
        case "CreateDomainStmt":
            return _type(node["domainname"], statement)
    return None


def _named(kind: str, range_var: Node, statement: Statement) -> Made | None:
    if range_var.get("relpersistence") == "t":
        return None
    return Made(kind, range_var.get("schemaname", "public"), range_var["relname"], statement)


def _type(names: list[Any], statement: Statement) -> Made:
    *schema, name = (part["String"]["sval"] for part in names)
    return Made("type", schema[-1] if schema else "public", name, statement)
