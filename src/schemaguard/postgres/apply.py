"""A replayed history applied to a server: the same statements, in the same order, by the same roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.model import Extension, Role, Schema
from schemaguard.catalog.state import SUPERUSER
from schemaguard.postgres.server import SUCCESS, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.catalog.replay import Step
    from schemaguard.catalog.state import Catalog
    from schemaguard.postgres.server import Connection, Server
    from schemaguard.sources.migration import Migration

NOT_RUN = {
    "AlterSystemStmt": "it changes the whole server",
    "CreateSubscriptionStmt": "it connects to another server",
    "CreateTableSpaceStmt": "it belongs to the whole server",
    "CreatedbStmt": "it makes another database",
    "DropTableSpaceStmt": "it belongs to the whole server",
    "DropdbStmt": "it drops another database",
    "LoadStmt": "it loads a library",
}
"""Statements that are left out, with the reason: they reach beyond the database that is thrown away."""
_NOT_AVAILABLE = "is not available"


class Applied(NamedTuple):
    """What a server said to a statement of the history; `skipped`: why it was not asked, else ""."""

    step: Step
    outcome: Outcome
    skipped: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the replay refused the statement as well, or took it as well; what was not asked agrees."""
        step = self.step
        if self.skipped or step.opaque is not None or step.maybe:
            return True
        if step.error is None and _is_about_rows(step, self.outcome):
            return True
        return bool(self.outcome.sqlstate) == (step.error is not None)


_ROW_ERRORS = ("23", "44")
"""Classes of SQLSTATE that only rows can bring about: broken constraints, WITH CHECK OPTION."""
_ROW_STATEMENTS = frozenset(
    ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "SelectStmt", "CopyStmt", "DoStmt", "CallStmt")
)
_ROW_STATEMENT_ERRORS = ("21", "22", "P0")
"""Classes that statements about rows bring about with the values they meet."""


def _is_about_rows(step: Step, outcome: Outcome) -> bool:
    """Whether the server refused a statement for the rows in its tables, of which the replay knows nothing."""
    state = outcome.sqlstate[:2]
    if state in _ROW_ERRORS or "row-level security policy for" in outcome.message:
        return True
    return step.statement.kind in _ROW_STATEMENTS and state in _ROW_STATEMENT_ERRORS


def prepare(connection: Connection, declared: Catalog, replayed: Catalog) -> None:
    """Make what the replay's catalog held before the first migration: roles, memberships, schemas, the owner.

    And the roles that the replay has presumed on the way, for no statement made them.
    """
    from psycopg import sql

    presumed = [role for role in replayed.all(Role) if role.external and role.name not in declared.roles]
    for role in (*declared.all(Role), *presumed):
        if role.predefined or role.oid == SUPERUSER:
            continue
        words = sql.SQL(" ").join(sql.SQL(word) for word in _attributes(role))
        connection.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role.name), words))
    for membership in declared.memberships.values():
        group, member = declared.get(membership.role, Role), declared.get(membership.member, Role)
        if not member.predefined:
            names = (sql.Identifier(group.name), sql.Identifier(member.name))
            connection.execute(sql.SQL("GRANT {} TO {}").format(*names))
    for schema in declared.all(Schema):
        if schema.external:
            owner = sql.Identifier(declared.owner_name(schema.owner))
            names = (sql.Identifier(schema.name), owner)
            connection.execute(sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(*names))
    for extension in declared.all(Extension):
        connection.execute(sql.SQL("CREATE EXTENSION {} CASCADE").format(sql.Identifier(extension.name)))
    if path := declared.facts.get("search_path"):
        # `"$user"` is kept with its quotes, as a mark.
        schemas = [sql.SQL(name) if name == '"$user"' else sql.Identifier(name) for name in path]
        database = sql.Identifier(connection.info.dbname)
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET search_path TO {}").format(database, sql.SQL(", ").join(schemas))
        )
    owner_oid = declared.facts["database_owner"]
    if owner_oid != SUPERUSER:
        names = (sql.Identifier(connection.info.dbname), sql.Identifier(declared.owner_name(owner_oid)))
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(*names))


def _attributes(role: Role) -> Iterator[str]:
    for name in ("superuser", "inherit", "createrole", "createdb", "login", "replication", "bypassrls"):
        yield name.upper() if getattr(role, name) else f"NO{name.upper()}"


class Application:
    """Runs steps on a database: a connection for each session that the replay had, transactions as it had them."""

    def __init__(self, server: Server, database: str) -> None:
        """Begin with no connection."""
        self.server = server
        self.database = database
        self.results: list[Applied] = []
        self._shared: dict[str, Connection] = {}
        self._migration: Migration | None = None
        self._connection: Connection | None = None

    def run(self, steps: Iterable[Step]) -> None:
        """Run the steps in order; those that another statement ran itself are none of their own."""
        for step in steps:
            if step.depth:
                continue
            if step.migration is not self._migration:
                self._leave()
                self._enter(step.migration)
            skipped = NOT_RUN.get(step.statement.kind, "") or _reaches_out(step)
            outcome = SUCCESS if skipped else self._execute(step)
            if step.statement.kind == "CreateExtensionStmt" and outcome.message.endswith(_NOT_AVAILABLE):
                skipped = "this server does not have the extension"
            self.results.append(Applied(step, outcome, skipped))
        self._leave()

    def close(self) -> None:
        """Close all connections."""
        for connection in self._shared.values():
            connection.close()

    def _enter(self, migration: Migration) -> None:
        from psycopg import sql

        self._migration = migration
        shared = getattr(migration, "shares_session", False)
        self._connection = self._shared.get(migration.origin) if shared else None
        if self._connection is None:
            self._connection = self.server.connect(self.database)
            if migration.role not in ("postgres", self.server.superuser):
                role = sql.Identifier(migration.role)
                self._connection.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(role))
            if shared:
                self._shared[migration.origin] = self._connection
        if migration.transactional:
            self._connection.execute("BEGIN")

    def _leave(self) -> None:
        import psycopg

        connection, migration = self._connection, self._migration
        if connection is None or migration is None:
            return
        if _in_transaction(connection):
            try:
                connection.execute("COMMIT")
            except (
                psycopg.Error
            ) as error:  # a deferred constraint: the last statement is to blame, as far as it can be
                last = self.results[-1]
                self.results[-1] = last._replace(outcome=_outcome(error))
        if connection not in self._shared.values():
            connection.close()
        self._connection = self._migration = None

    def _execute(self, step: Step) -> Outcome:
        """Run one statement; inside a transaction a refused one is taken back alone, as in the replay."""
        import psycopg

        connection = self._connection
        if connection is None:
            message = "no migration is being applied"
            raise RuntimeError(message)
        guarded = _in_transaction(connection) and not _is_about_transaction(step)
        if guarded:
            connection.execute(f"SAVEPOINT {_GUARD}")
        try:
            connection.execute(step.statement.sql.encode(), prepare=False)
        except psycopg.Error as error:
            if guarded:
                connection.execute(f"ROLLBACK TO SAVEPOINT {_GUARD}")
            elif _in_transaction(connection):
                connection.execute("ROLLBACK")
            return _outcome(error)
        finally:
            if guarded and _in_transaction(connection):
                connection.execute(f"RELEASE SAVEPOINT {_GUARD}")
        return SUCCESS


_GUARD = "schemaguard_statement"


def _in_transaction(connection: Connection) -> bool:
    return bool(connection.info.transaction_status)


def _outcome(error: Any) -> Outcome:  # noqa: ANN401 - a psycopg.Error, which is imported late
    return Outcome(error.sqlstate or "XX000", str(error).partition("\n")[0])


def _is_about_transaction(step: Step) -> bool:
    """Whether a statement is about the transaction itself, so that a savepoint would stand in its way."""
    node = step.statement.node
    return step.statement.kind == "TransactionStmt" or (
        step.statement.kind == "VariableSetStmt" and node.get("name", "").startswith("TRANSACTION")
    )


_OF_DATABASES = {
    "GrantStmt": "objtype",
    "CommentStmt": "objtype",
    "AlterOwnerStmt": "objectType",
    "SecLabelStmt": "objtype",
}
"""Statements that may be about a database, and the field that says so."""


def _names_database(step: Step) -> bool:
    """Whether a statement is about a database by its name: here it has another one."""
    kind, node = step.statement.kind, step.statement.node
    if kind in ("AlterDatabaseStmt", "AlterDatabaseSetStmt", "AlterDatabaseRefreshCollStmt"):
        return True
    return kind in _OF_DATABASES and node.get(_OF_DATABASES[kind]) == "OBJECT_DATABASE"


def _reaches_out(step: Step) -> str:
    """Why a statement is left out: it names the database, or its COPY reaches beyond it."""
    if _names_database(step):
        return "it names the database, which has another name here"
    if step.statement.kind != "CopyStmt":
        return ""
    node = step.statement.node
    if node.get("filename") or node.get("is_program"):
        return "it reaches into the server's file system"
    return "its rows are no part of the statement"
