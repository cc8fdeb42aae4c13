"""The session that a history runs in: who runs it, its search path, its settings, and how names resolve in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.errors import (
    INSUFFICIENT_PRIVILEGE,
    UNDEFINED_SCHEMA,
    UNDEFINED_TABLE,
    Refused,
)
from schemaguard.catalog.model import Index, Relation, Role, Schema
from schemaguard.catalog.state import PG_CATALOG, SUPERUSER
from schemaguard.statements.statement import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.catalog.events import Event
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node, Statement

TEMPORARY_SCHEMA = "pg_temp"
DEFAULT_SEARCH_PATH = ('"$user"', "public")


class Session:
    """A connection's state. One session runs a whole source; `SET LOCAL` and transactions are kept in `transaction`.

    `session_user` is the role that connected, `role` the one in force (SET ROLE). `settings` are the run-time settings
    that matter to a replay: custom ones (`app.tenant_id`), `search_path`, `check_function_bodies`, `row_security` …
    """

    def __init__(self, catalog: Catalog, role: int = SUPERUSER) -> None:
        """Connect as `role`."""
        self.catalog = catalog
        self.session_user = role
        self.authenticated_user = role
        self.role = role
        self.search_path: tuple[str, ...] = self.default_search_path
        self.settings: dict[str, str] = {}
        self.local_settings: dict[str, str | None] = {}
        self.transaction_marks: list[tuple[str, int, dict[str, str], tuple[str, ...], int, int]] = []
        self.explicit_transaction = False
        self.has_temporary = False
        self._path: tuple[tuple[int, tuple[str, ...], int], tuple[int, ...]] | None = None
        self.execute_nested: Callable[[Node, Statement], None] = _cannot_nest
        self.binds_values = False  # `$1` stands for a value that the program which sends the statement knows

    @property
    def default_search_path(self) -> tuple[str, ...]:
        """What the sessions of this database begin with, and RESET goes back to."""
        path: tuple[str, ...] = self.catalog.facts.get("search_path", DEFAULT_SEARCH_PATH)
        return path

    # Migrations and transactions

    def begin_migration(self) -> None:
        """A migration begins: what SET LOCAL sets from here ends with it."""
        self.transaction_marks.clear()
        self.open_transaction("")

    def end_migration(self) -> None:
        """The migration's transaction is committed."""
        self.commit()
        self.explicit_transaction = False

    def close(self) -> None:
        """The connection ends, and with it what is temporary."""
        self._drop_temporary(at_commit=False)

    def _drop_temporary(self, *, at_commit: bool) -> None:
        from schemaguard.catalog.deletion import drop_temporary

        schema = self.catalog.schemas.get(TEMPORARY_SCHEMA)
        if self.has_temporary and schema is not None:
            drop_temporary(self.catalog, schema, at_commit=at_commit)

    def open_transaction(self, savepoint: str) -> None:
        """Remember the state under the name of a savepoint ("" for the transaction itself)."""
        self.transaction_marks.append(
            (
                savepoint,
                self.catalog.mark(),
                dict(self.settings),
                self.search_path,
                self.role,
                self.session_user,
            )
        )

    def commit(self) -> None:
        """End the transaction: SET LOCAL ends, everything else stays."""
        for name, value in self.local_settings.items():
            self._restore(name, value)
        self.local_settings.clear()
        self._drop_temporary(at_commit=True)
        self.transaction_marks.clear()
        self.open_transaction("")

    def rollback(self, savepoint: str = "") -> bool:
        """Take back what was done since the savepoint (or since the transaction began); False where it is unknown."""
        for index in range(len(self.transaction_marks) - 1, -1, -1):
            name, mark, settings, search_path, role, session_user = self.transaction_marks[index]
            if name == savepoint:
                self.catalog.rewind(mark)
                self.settings = dict(settings)
                self.search_path, self.role, self.session_user = search_path, role, session_user
                del self.transaction_marks[index + 1 :]
                return True
        return False

    def set_local(self, name: str) -> None:
        """Remember the present value of a setting (or `role`, `search_path`) that SET LOCAL is about to change."""
        if name not in self.local_settings:
            self.local_settings[name] = {
                "search_path": ", ".join(self.search_path),
                "role": str(self.role),
                "session_authorization": str(self.session_user),
            }.get(name, self.settings.get(name))

    def _restore(self, name: str, value: str | None) -> None:
        if name == "search_path":
            self.search_path = tuple(part for part in (value or "").split(", ") if part)
        elif name == "role":
            self.role = int(value or self.session_user)
        elif name == "session_authorization":
            self.session_user = self.role = int(value or self.authenticated_user)
        elif value is None:
            # A custom setting that SET LOCAL created reads as the empty string afterwards, not as NULL.
            self.settings[name] = ""
        else:
            self.settings[name] = value

    # Schemas and the search path

    def schema_oids(self) -> tuple[int, ...]:
        """The schemas of the search path that exist, in order, without the implicit `pg_catalog`."""
        state = (self.catalog.path_version, self.search_path, self.role)
        if self._path is None or self._path[0] != state:
            path = self._existing_schemas()
            state = (self.catalog.path_version, self.search_path, self.role)  # looking has made it remember
            self._path = (state, path)
        return self._path[1]

    def _existing_schemas(self) -> tuple[int, ...]:
        catalog = self.catalog
        found: list[int] = []
        for name in self.search_path:
            actual = catalog.get(self.role, Role).name if name == '"$user"' else name
            oid = catalog.schemas.get(actual)
            if oid is not None and oid not in found and self.may_use(oid):
                found.append(oid)
        return tuple(found)

    def may_use(self, schema: int) -> bool:
        """Whether the role in force has USAGE on a schema; one that the config declares is taken to be open."""
        from schemaguard.catalog.privileges.query import has_schema_privilege

        if self.is_superuser or schema == PG_CATALOG or self.catalog.get(schema, Schema).external:
            return True
        return has_schema_privilege(self.catalog, self.role, "USAGE", schema)

    def used_schema(self, name: str) -> int:
        """The oid of a schema in which an object is looked up by qualified name, -1 where there is none."""
        oid = self.catalog.schemas.get(name, -1)
        if oid >= 0 and not self.may_use(oid):
            raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for schema {name}")
        return oid

    def lookup_schemas(self) -> tuple[int, ...]:
        """The schemas in which an unqualified name is looked for, in order: `pg_catalog` first unless it is listed."""
        path = self.schema_oids()
        path = path if PG_CATALOG in path else (PG_CATALOG, *path)
        temporary = self.catalog.schemas.get(TEMPORARY_SCHEMA)
        return path if temporary is None else (temporary, *path)

    def temporary_schema(self) -> Schema:
        """The schema of this session's temporary tables."""
        self.has_temporary = True
        found = self.catalog.schema_named(TEMPORARY_SCHEMA)
        if found is None:
            found = Schema(self.catalog.new_oid(), TEMPORARY_SCHEMA, SUPERUSER)
            self.catalog.put(self.catalog.schemas, found.name, found.oid)
            self.catalog.store(found)
        return found

    def schema(self, name: str, offset: int = -1) -> Schema:
        """The schema of that name.

        Raises:
            Refused: there is none.
        """
        found = self.catalog.schema_named(name)
        if found is None:
            raise Refused(UNDEFINED_SCHEMA, f'schema "{name}" does not exist', offset=offset)
        return found

    def creation_schema(self, name: str | None, offset: int = -1) -> Schema:
        """The schema that a new object goes to: the named one, or the first of the search path."""
        if name:
            return self.schema(name, offset)
        path = self.schema_oids()
        if not path:
            raise Refused(UNDEFINED_SCHEMA, "no schema has been selected to create in", offset=offset)
        return self.catalog.get(path[0], Schema)

    # Relations

    def find_relation(self, node: Node) -> Any:  # noqa: ANN401 - Table, View, Sequence, Index, CompositeType or None
        """The relation that a RangeVar names, or None.

        Raises:
            Refused: its schema is named, and closed to the role in force.
        """
        catalog = self.catalog
        name = node["relname"]
        if schema := node.get("schemaname"):
            oid = catalog.relations.get((self.used_schema(schema), name))
            return None if oid is None else catalog.objects[oid]
        for schema_oid in self.lookup_schemas():
            oid = catalog.relations.get((schema_oid, name))
            if oid is not None:
                return catalog.objects[oid]
        return None

    def relation(self, node: Node) -> Any:  # noqa: ANN401 - Table, View, Sequence, Index or CompositeType
        """The relation that a RangeVar names.

        Raises:
            Refused: there is none (SQLSTATE 42P01, or 3F000 where its schema does not exist).
        """
        found = self.find_relation(node)
        if found is not None:
            return found
        if (schema := node.get("schemaname")) and schema not in self.catalog.schemas:
            raise Refused(
                UNDEFINED_SCHEMA, f'schema "{schema}" does not exist', offset=node.get("location", -1)
            )
        name = f"{schema}.{node['relname']}" if schema else node["relname"]
        raise Refused(UNDEFINED_TABLE, f'relation "{name}" does not exist', offset=node.get("location", -1))

    def names_in_path(self, mapping: dict[tuple[int, str], Any], names: list[str]) -> Iterator[Any]:
        """Entries of a (schema oid, name) map that a possibly qualified name can mean, nearest in the path first."""
        if len(names) > 1:
            key = (self.used_schema(names[-2]), names[-1])
            if key in mapping:
                yield mapping[key]
            return
        for schema in self.lookup_schemas():
            if (schema, names[0]) in mapping:
                yield mapping[schema, names[0]]

    def describe(self, record: Relation) -> str:
        """How the server names a relation in messages: ``table "orders"``."""
        words = {
            "r": "table", "p": "table", "f": "foreign table", "v": "view", "m": "materialized view",
            "S": "sequence", "i": "index", "I": "index", "c": "type",
        }  # fmt: skip
        return f'{words[record.kind]} "{record.name}"'

    # Who may do what

    @property
    def is_superuser(self) -> bool:
        """Whether the role in force may do anything: a superuser, or a role that is only presumed to exist.

        What such a role may do, nobody has said; it is not for the replay to refuse it something.
        """
        role = self.catalog.get(self.role, Role)
        return role.superuser or (role.external and role.because is not None)

    def owns(self, owner: int) -> bool:
        """Whether the role in force has the rights of `owner` (is it, is a member with INHERIT, or a superuser)."""
        from schemaguard.catalog.privileges.membership import has_privileges_of

        return owner == self.role or self.is_superuser or has_privileges_of(self.catalog, self.role, owner)

    def require_owner(self, record: Relation) -> None:
        """Refuse unless the role in force owns the relation (an index is owned by its table's owner)."""
        owner = self.catalog.get(record.table, Relation).owner if isinstance(record, Index) else record.owner
        if not self.owns(owner):
            raise Refused(
                INSUFFICIENT_PRIVILEGE, f"must be owner of {self.describe(record).replace(chr(34), '')}"
            )

    def require_create(self, schema: Schema) -> None:
        """Refuse unless the role in force has CREATE on the schema."""
        if self.is_superuser:
            return
        from schemaguard.catalog.privileges.query import has_schema_privilege

        if not has_schema_privilege(self.catalog, self.role, "CREATE", schema.oid):
            raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for schema {schema.name}")

    def require_create_on_database(self) -> None:
        """Refuse unless the role in force has CREATE on the database."""
        from schemaguard.catalog.privileges.query import can_on_database

        if not self.is_superuser and not can_on_database(self.catalog, self.role, "CREATE"):
            message = f"permission denied for database {self.catalog.facts['database']}"
            raise Refused(INSUFFICIENT_PRIVILEGE, message)


class Run:
    """One statement being executed: what its handler may use.

    Handlers read `catalog` and `session`, write through `catalog.put` and friends, and raise `Refused` or `Opaque`;
    whatever they wrote before raising is taken back by the caller.
    """

    __slots__ = ("_origin", "catalog", "events", "session", "statement")

    def __init__(self, session: Session, statement: Statement) -> None:
        """Prepare to run `statement` in `session`."""
        self.session = session
        self.catalog = session.catalog
        self.statement = statement
        self.events: list[Event] = []
        self._origin: Origin | None = None

    def origin(self, node: Node | None = None) -> Origin:
        """The provenance of a fact: this statement, or the part of it that `node` (with a `location`) begins."""
        if node is not None and "location" in node:
            return Origin(self.statement, node["location"])
        if self._origin is None:
            self._origin = Origin(self.statement)
        return self._origin

    def event(self, event: Event) -> None:
        """Add to what the statement did."""
        self.events.append(event)


def _cannot_nest(node: Node, statement: Statement) -> None:
    message = f"{statement!r} holds {next(iter(node))}, and nothing here runs nested statements"
    raise RuntimeError(message)
