"""
A fixture's history on a server, with rows in its tables and roles to try things as.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from psycopg import sql

from schemaguard.catalog.model import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Relation, Role, Table
    from schemaguard.findings import Finding
    from schemaguard.linting.project import Project
    from schemaguard.postgres.server import Connection

A = "00000000-0000-0000-0000-00000000000a"
B = "00000000-0000-0000-0000-00000000000b"
DENIED = "42501"
OWN = frozenset(("42501",))

SAMPLES = {
    "bool": "false", "int2": "1", "int4": "1", "int8": "1", "numeric": "1", "float8": "1", "date": "'2026-01-01'",
    "timestamptz": "'2026-01-01'", "timestamp": "'2026-01-01'", "jsonb": "'{}'", "json": "'{}'",
    "uuid": "gen_random_uuid()",
}  # fmt: skip


class Probe(NamedTuple):
    """What was tried, whether the rule says that it works, and whether it did."""

    what: str
    claimed: bool
    proved: bool


class Attempt(NamedTuple):
    """What came of a statement: its SQLSTATE ("" for success), and how many rows it gave or changed."""

    sqlstate: str
    rows: int

    @property
    def allowed(self) -> bool:
        """Whether privileges let it happen; it may fail for other reasons."""
        return self.sqlstate != DENIED


class World:
    """The replayed project, what a rule says of it, and a connection to the same history on a server."""

    def __init__(self, project: Project, findings: list[Finding], connection: Connection) -> None:
        """Take them; the connection is a superuser's, in autocommit."""
        self.project = project
        self.findings = findings
        self.connection = connection

    # What is there

    @property
    def app_roles(self) -> list[str]:
        """The roles of the application."""
        return [role.name for role in self.project.app_roles]

    def claims(self) -> set[tuple[str, ...]]:
        """The findings' keys without the rule's name."""
        return {tuple(finding.key.split(":")[1:]) for finding in self.findings}

    def exposures(self) -> set[tuple[str, str]]:
        """Object and exposure (``role:privilege``) of each finding that has some."""
        return {
            (finding.key.split(":")[1], each.name) for finding in self.findings for each in finding.exposures
        }

    def name(self, relation: Relation) -> str:
        """A relation's name as keys have it."""
        return self.project.catalog.qualified(relation)

    def ask(self, query: str, *values: object) -> bool:
        """The one truth value that a query gives."""
        found = self.connection.execute(query.encode(), values).fetchone()
        return bool(found and found[0])

    def reach(self, role: str) -> list[str]:
        """The role and those that it can SET ROLE to."""
        rows = self.connection.execute(
            "SELECT rolname FROM pg_roles WHERE pg_has_role(%s, oid, 'SET') AND rolname <> %s AND oid >= 16384",
            [role, role],
        )
        return [role, *(name for (name,) in rows)]

    # Trying

    @contextmanager
    def undone(self) -> Iterator[None]:
        """A transaction that leaves nothing."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")

    def attempt(self, role: str | None, statement: str, settings: dict[str, str] | None = None) -> Attempt:
        """Run a statement as a role (None: the superuser), in the transaction that is open, and take it back."""
        self.connection.execute("SAVEPOINT attempt")
        try:
            for name, value in (settings or {}).items():
                self.connection.execute("SELECT set_config(%s, %s, true)", [name, value])
            if role is not None:
                self.connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            found = self.connection.execute(statement.encode(), prepare=False)
            return Attempt("", found.rowcount)
        except psycopg.Error as error:
            return Attempt(error.sqlstate or "XX000", 0)
        finally:
            self.connection.execute("ROLLBACK TO SAVEPOINT attempt")

    def can(self, role: str, privilege: str, relation: Relation) -> bool:
        """Whether a statement that needs no more than the privilege, on some column at least, is let through."""
        name = self.project.sql(relation)
        columns = [f'"{column.name}"' for column in relation.columns]
        tries = {
            "SELECT": [f"SELECT FROM (SELECT {c} FROM {name} LIMIT 0) x" for c in columns],
            "INSERT": [f"INSERT INTO {name} ({c}) SELECT {c} FROM {name} WHERE false" for c in columns],
            "UPDATE": [f"UPDATE {name} SET {c} = DEFAULT" for c in columns],
            "DELETE": [f"DELETE FROM {name}"],
            "TRUNCATE": [f"TRUNCATE {name}"],
        }
        if privilege in ("INSERT", "SELECT", "REFERENCES", "TRIGGER", "MAINTAIN"):
            return self.holds(role, privilege, name)
        return any(self.attempt(role, statement).allowed for statement in tries[privilege])

    def holds(self, role: str, privilege: str, name: str) -> bool:
        """What the server's own functions say, of the table or any column; `name` as SQL has it."""
        on_table = self.ask("SELECT has_table_privilege(%s::name, %s, %s)", role, name, privilege)
        if on_table or privilege not in ("SELECT", "INSERT", "UPDATE", "REFERENCES"):
            return on_table
        return self.ask("SELECT has_any_column_privilege(%s::name, %s, %s)", role, name, privilege)

    def somehow(self, role: str, privilege: str, relation: Relation) -> bool:
        """Whether the role comes to the privilege, itself or after SET ROLE."""
        return any(self.can(each, privilege, relation) for each in self.reach(role))

    def owns(self, role: str, relation: Relation) -> bool:
        """Whether the role is the owner, or inherits its rights."""
        return self.ask(
            "SELECT pg_has_role(%s::name, relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass",
            role,
            self.project.sql(relation),
        )

    def role_names(self, roles: list[Role]) -> list[str]:
        """Names of roles; PUBLIC is none."""
        return [role.name for role in roles if role.oid != PUBLIC]

    # Rows

    def fill(self, table: Table, tenant: str) -> str:
        """Write a row of a tenant into a table, past its keys and triggers; why that is refused, else ""."""
        tenants = self.project.tenants
        own = tenants.column(table) if tenants is not None else None
        columns = [column for column in table.columns if not column.generated]
        values = [
            f"'{tenant}'"
            if own is not None and column.number == own.number
            else self._sample(table, column.name)
            for column in columns
        ]
        names = ", ".join(f'"{column.name}"' for column in columns)
        self.connection.execute("SAVEPOINT fill")
        try:
            self.connection.execute("SET LOCAL session_replication_role = replica")
            into = f"INSERT INTO {self.project.sql(table)} ({names}) OVERRIDING SYSTEM VALUE"
            statement = f"{into} VALUES ({', '.join(values)})"
            self.connection.execute(statement.encode())
        except psycopg.Error as error:
            self.connection.execute("ROLLBACK TO SAVEPOINT fill")
            return str(error)
        finally:
            self.connection.execute("SET LOCAL session_replication_role = origin")
        return ""

    def _sample(self, table: Table, column: str) -> str:
        found = self.connection.execute(
            "SELECT format_type(atttypid, -1), typname FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid "
            "WHERE attrelid = %s::regclass AND attname = %s",
            [self.project.sql(table), column],
        ).fetchone()
        kind = found[1] if found else "text"
        return SAMPLES.get(kind, f"gen_random_uuid()::text::{found[0] if found else 'text'}")
