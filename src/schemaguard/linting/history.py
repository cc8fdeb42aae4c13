"""From the files and the config to a replayed history: sources read, what they presume declared, all applied."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from schemaguard.catalog.bootstrap import declare_role, declare_schemas, new_catalog
from schemaguard.catalog.commands.settings import path_of
from schemaguard.catalog.model import Function, Membership, Relation, Type
from schemaguard.catalog.replay import replay
from schemaguard.catalog.state import SUPERUSER
from schemaguard.linting.branches import disagreements
from schemaguard.linting.files import Files
from schemaguard.linting.missing import missing_schemas, with_schemas
from schemaguard.linting.platforms import anchors, with_platform
from schemaguard.sources.load import load_sources
from schemaguard.sources.problems import Problem, Unreadable
from schemaguard.sources.revisions import up_to
from schemaguard.sources.specs import load_specs
from schemaguard.sources.tree import glob, read_source
from schemaguard.text import SourceFile, SqlText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.catalog.replay import History, QueryEngine, Replay
    from schemaguard.catalog.session import Run, Session
    from schemaguard.catalog.state import Catalog
    from schemaguard.config import Policy
    from schemaguard.sources.load import Sources
    from schemaguard.sources.migration import Migration, Target
    from schemaguard.sources.tree import FileTree
    from schemaguard.statements.statement import Node

DEFAULT_ROLE = "postgres"


class Replayed(NamedTuple):
    """A replayed history, what is wrong with its sources, and what they are.

    `policy`: the config, completed by what the database's platform brings. `specs`: the DDL specifications.
    """

    history: History
    problems: Sequence[Problem]
    files: Files
    sources: Sources
    policy: Policy
    specs: Sequence[Migration] = ()


def replayed(tree: FileTree, policy: Policy, at: str = "", *, lenient: bool = False) -> Replayed:
    """Read the sources that the config names, or that are found, and replay them; `at`: as far as that revision only.

    `lenient`: a source that is missing is told of, since at the base of a change it may not be there yet.

    Raises:
        ConfigErrors: a source is missing or empty.
        UnknownRevision: no migration is named so.
    """
    loaded = load_sources(tree, policy, lenient=lenient)
    if at:
        loaded.migrations = up_to(loaded.migrations, at)
    policy, words = with_platform(policy, loaded)
    if words is not None:
        loaded.notes.append(words)
    anchor = _anchor(tree, anchors(loaded, policy))
    history, presumed = _replayed(loaded, policy, anchor)
    problems: list[Problem] = []
    while missing := missing_schemas(history):
        # Once more, with what these schemas hold taken on trust: one fault is one finding, and the rest is checked.
        problems += missing.values()
        policy = with_schemas(policy, missing)
        history, presumed = _replayed(loaded, policy, anchor)
    files = Files(read=lambda path: _read(tree, path), find=lambda pattern: glob(tree, pattern))
    if (config := policy.places.file) is not None:
        files.add(config)
    specs, unreadable = load_specs(tree, policy, lenient=lenient)
    disagreeing = disagreements(loaded, history, lambda order: _replayed(loaded, policy, anchor, order)[0])
    problems = [*_wrong_declarations(presumed), *loaded.problems, *unreadable, *problems, *disagreeing]
    for problem in problems:
        files.add(problem.span.file)
    for spec in specs:
        files.add(spec.file)
    return Replayed(history, problems, files, loaded, policy, specs)


def _replayed(
    loaded: Sources, policy: Policy, anchor: SourceFile | None, order: Sequence[Migration] = ()
) -> tuple[History, History]:
    """The history, and before it what the config says was there; in another `order` it is only replayed."""
    catalog = fresh_catalog(policy)
    engine = _Engine()
    presumed = replay([_Presumed(policy, anchor)], catalog, engine)
    _mark_external(catalog)
    return replay(order or loaded.migrations, catalog, engine, round_trips=not order), presumed


def _anchor(tree: FileTree, paths: Sequence[str]) -> SourceFile | None:
    """The first of some files that can be read."""
    for path in paths:
        try:
            return _read(tree, path)
        except OSError:
            continue  # the next one stands as well for what no file of the project wrote
    return None


def fresh_catalog(policy: Policy) -> Catalog:
    """The catalog before the first migration: the server's own objects, and the roles and schemas that are declared."""
    catalog = new_catalog(policy.postgres)
    external = policy.external
    for name, role in external.roles.items():
        attributes = ("login", "superuser", "bypassrls", "createrole", "createdb", "replication", "inherit")
        declare_role(catalog, name, {attribute: getattr(role, attribute) for attribute in attributes})
    for name, role in external.roles.items():
        for group in role.member_of:
            _declare_membership(catalog, name, group)
    for source in policy.sources:
        if source.role not in catalog.roles:
            declare_role(catalog, source.role, {"login": True})
    owners = [source.role for source in policy.sources if source.role != DEFAULT_ROLE]
    if owners:
        catalog.put(catalog.facts, "database_owner", catalog.roles[owners[0]])
    named = (*external.tables, *external.functions, *external.types)
    if external.search_path:
        catalog.put(catalog.facts, "search_path", path_of(list(external.search_path)))
    declare_schemas(catalog, (*external.schemas, *(schema for name in named if (schema := _schema(name)))))
    for name in external.types:
        _declare_type(catalog, name)
    return catalog


def continued(history: History) -> Replay:
    """A replay that goes on where a history has ended: down programs run on top of it."""
    from schemaguard.catalog.replay import Replay

    return Replay(history.catalog, _Engine())


def presumed_history(policy: Policy) -> History:
    """The statements that would make the extensions, tables and functions which the config says are there."""
    return replay([_Presumed(policy)], fresh_catalog(policy), _Engine())


def _schema(name: str) -> str:
    """The schema of a qualified name, without its quotes; empty where it has none."""
    schema, dot, _ = name.partition("(")[0].rpartition(".")
    return schema.strip('"') if dot else ""


def _declare_type(catalog: Catalog, name: str) -> None:
    """A type of which nothing is known but that it is there."""
    schema = catalog.schemas[_schema(name) or "public"]
    record = Type(
        oid=catalog.new_oid(), schema=schema, name=name.rpartition(".")[2].strip('"'), kind="b", external=True
    )
    catalog.put(catalog.types, (schema, record.name), record.oid)
    catalog.store(record)


def _mark_external(catalog: Catalog) -> None:
    """What the config declares is not the history's own: no rule governs it."""
    for kind in (Relation, Function, Type):
        for record in catalog.all(kind):
            catalog.store(msgspec.structs.replace(record, external=True))


def _declare_membership(catalog: Catalog, member: str, group: str) -> None:
    from schemaguard.catalog.privileges.membership import put_membership

    role = catalog.role_named(group) or declare_role(catalog, group)
    inherit = catalog.objects[catalog.roles[member]].inherit
    put_membership(catalog, Membership(role.oid, catalog.roles[member], SUPERUSER, inherit=inherit))


def query_engine() -> QueryEngine:
    """What runs DO blocks and answers catalog queries in a replay."""
    return _Engine()


class _Engine:
    """What runs DO blocks and answers catalog queries, loaded when the history first has one."""

    @cached_property
    def _engine(self) -> QueryEngine:
        from schemaguard.plpgsql.engine import Engine

        return Engine()

    def run_block(self, replay: Replay, run: Run, node: Node) -> None:
        self._engine.run_block(replay, run, node)

    def check_body(self, run: Run, node: Node) -> None:
        self._engine.check_body(run, node)

    def call(self, replay: Replay, run: Run, node: Node) -> bool:
        return self._engine.call(replay, run, node)

    def rows(
        self, session: Session, sql: str, parameters: dict[str, Any] | None
    ) -> tuple[Sequence[str], Sequence[tuple[Any, ...]]]:
        return self._engine.rows(session, sql, parameters)


def _read(tree: FileTree, path: str) -> SourceFile:
    """A file's text, for reports; raises OSError where it has none."""
    try:
        return read_source(tree, path)
    except Unreadable as unreadable:
        raise OSError(str(unreadable)) from None


# What the config says exists


class _Presumed:
    """The extensions, tables and functions of `external`, as a migration before all others."""

    name = "external"
    title = "what the config presumes"
    origin = "config"
    role = DEFAULT_ROLE
    has_down: bool | None = None
    transactional = True
    shares_session = False
    once = False
    after = None

    def __init__(self, policy: Policy, anchor: SourceFile | None = None) -> None:
        self.policy = policy
        self.file = policy.places.file or anchor or SourceFile("schemaguard.yaml", "")

    def up(self, target: Target) -> None:
        for path, sql in self._statements():
            span = self.policy.where(*path) or self.file.span(0, 0)
            text = SqlText.written_by(sql, span)
            text.presumed = True
            target.execute(text)

    def down(self, target: Target) -> None:
        """Nothing undoes it."""

    def _statements(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        external = self.policy.external
        for number, name in enumerate(external.extensions):
            yield ("external", "extensions", number), f'CREATE EXTENSION IF NOT EXISTS "{name}"'
        for name, table in external.tables.items():
            path = ("external", "tables", name)
            columns = ", ".join(f'"{column}" {type_}' for column, type_ in table.columns.items())
            yield path, f"CREATE TABLE {name} ({columns})"
            if table.owner is not None:
                yield (*path, "owner"), f'ALTER TABLE {name} OWNER TO "{table.owner}"'
        for name, returned in external.functions.items():
            yield (
                ("external", "functions", name),
                f"CREATE FUNCTION {name} RETURNS {returned} LANGUAGE plpgsql AS 'BEGIN END'",
            )
        for number, sql in enumerate(external.sql):
            yield ("external", "sql", number), sql


def _wrong_declarations(presumed: History) -> list[Problem]:
    """What of the declarations no server would take."""
    found = [
        Problem(
            "statement-would-fail",
            step.statement.span,
            f"what is declared here cannot exist: {step.error or step.opaque}",
        )
        for step in presumed.steps
        if step.error is not None or step.opaque is not None
    ]
    found += [
        Problem("statement-unparsed", unparsed.span, f"what is declared here is not SQL: {unparsed.message}")
        for _, unparsed in presumed.unparsed
    ]
    return found
