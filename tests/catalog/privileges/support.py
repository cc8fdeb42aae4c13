"""
The same SQL on the replayed catalog and on a real server, and what each then says about privileges.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.commands.registry import handlers
from schemaguard.catalog.errors import Refused
from schemaguard.catalog.model import Function, Other, Policy, Relation, Role, Schema, Type
from schemaguard.catalog.privileges.membership import can_set_role, has_privileges_of, is_member_of
from schemaguard.catalog.privileges.query import (
    COLUMN_PRIVILEGES,
    effective_privileges,
    has_column_privilege,
    has_privilege,
)
from schemaguard.catalog.session import Run, Session
from schemaguard.catalog.state import SUPERUSER
from schemaguard.statements.parse import Unparsed, parse
from schemaguard.text import SourceFile, SqlText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.catalog.events import Event
    from schemaguard.catalog.model import Acl, Membership
    from schemaguard.catalog.state import Catalog
    from schemaguard.postgres.server import Connection
    from schemaguard.statements.statement import Node, Statement

Facts = dict[Any, Any]
Outcome = tuple[str, str]
"""SQLSTATE and message, both empty for success."""

SUCCESS = ("", "")


class Model:
    """A catalog into which SQL is replayed, statement by statement."""

    def __init__(self, version: int, database: str = "postgres", *, strict: bool = True) -> None:
        self.catalog: Catalog = new_catalog(version)
        self.catalog.put(self.catalog.facts, "strict", strict)
        self.catalog.put(self.catalog.facts, "database", database)
        self.session = Session(self.catalog)
        self.session.execute_nested = self._nested
        self.events: list[Event] = []

    def execute(self, sql: str) -> Outcome:
        """Run one statement; what it wrote is taken back where it is refused."""
        [statement] = parse(SqlText.whole_file(SourceFile("test.sql", sql)))
        assert not isinstance(statement, Unparsed), sql
        self.events = []
        mark = self.catalog.mark()
        try:
            self._nested({statement.kind: statement.node}, statement)
        except Refused as refused:
            self.catalog.rewind(mark)
            return refused.sqlstate, refused.message
        return SUCCESS

    def script(self, sql: str) -> Model:
        """Run statements that all succeed."""
        for statement in sql.split(";\n"):
            if statement.strip():
                assert self.execute(statement) == SUCCESS, statement
        return self

    def _nested(self, node: Node, statement: Statement) -> None:
        [(kind, fields)] = node.items()
        run = Run(self.session, statement)
        handlers()[kind](run, fields)
        self.events.extend(run.events)

    def oid(self, name: str) -> int:
        """Oid of a relation of schema `public`, or of a role."""
        catalog = self.catalog
        found = catalog.relations.get((catalog.schemas["public"], name))
        return catalog.roles[name] if found is None else found


def model_facts(catalog: Catalog) -> Facts:
    """What the replayed catalog says; the shape is `server_facts`'."""
    roles = [role for role in catalog.all(Role) if role.oid == SUPERUSER or not role.predefined]
    return {
        "roles": {
            role.name: (
                role.superuser,
                role.inherit,
                role.createrole,
                role.createdb,
                role.login,
                role.replication,
                role.bypassrls,
            )
            for role in roles
        },
        "memberships": {_membership(catalog, grant) for grant in catalog.memberships.values()},
        "acls": dict(_acls(catalog)),
        "default acls": {
            (
                catalog.owner_name(default.role),
                catalog.schema_name(default.schema) if default.schema else "",
                default.objtype,
            ): _items(catalog, default.acl)
            for default in catalog.default_acls.values()
        },
        "owners": {
            (catalog.schema_name(record.schema), record.name): catalog.owner_name(record.owner)
            for record in catalog.all(Relation)
            if record.kind in "rvmS"
        },
        "policies": {
            (catalog.qualified(catalog.get(policy.table, Relation)), policy.name): {
                catalog.owner_name(oid) for oid in policy.roles
            }
            for policy in catalog.all(Policy)
        },
    }


def _membership(catalog: Catalog, grant: Membership) -> tuple[Any, ...]:
    names = tuple(catalog.owner_name(oid) for oid in (grant.role, grant.member, grant.grantor))
    if catalog.version < 16:
        return (*names, grant.admin)
    return (*names, grant.admin, grant.inherit, grant.set)


def _items(catalog: Catalog, acl: Acl | None) -> frozenset[tuple[Any, ...]] | None:
    if acl is None:
        return None
    return frozenset(
        (catalog.owner_name(item.grantee), item.privilege, catalog.owner_name(item.grantor), item.grantable)
        for item in acl
    )


def _acls(catalog: Catalog) -> Iterator[tuple[str, frozenset[tuple[Any, ...]] | None]]:
    for record in catalog.objects.values():
        if isinstance(record, Relation) and record.kind in "rpfvmS":
            name = f"{catalog.schema_name(record.schema)}.{record.name}"
            yield name, _items(catalog, record.acl)
            for column in record.columns:
                if column.acl:
                    yield f"{name}.{column.name}", _items(catalog, column.acl)
        elif isinstance(record, Schema) and record.name not in (
            "pg_catalog",
            "pg_toast",
            "information_schema",
        ):
            yield f"schema {record.name}", _items(catalog, record.acl)
        elif isinstance(record, Function):
            yield f"function {record.name}", _items(catalog, record.acl)
        elif isinstance(record, Other) and record.acl is not None:
            yield f"{record.catalog} {record.name}", _items(catalog, record.acl)
        elif isinstance(record, Type) and record.kind in "ed":
            yield f"type {record.name}", _items(catalog, record.acl)


def model_answers(catalog: Catalog) -> Facts:
    """What `has_table_privilege` and its kin answer."""
    roles = {
        role.name: role.oid for role in catalog.all(Role) if role.oid == SUPERUSER or not role.predefined
    }
    tables = list(catalog.tables())
    answers: Facts = {}
    for table in tables:
        for oid, privileges in effective_privileges(catalog, table.oid).items():
            answers["table", catalog.owner_name(oid), catalog.qualified(table)] = sorted(privileges)
    for name, oid in roles.items():
        answers["column", name] = {
            f"{catalog.qualified(table)}.{column.name} {privilege}"
            for table in tables
            for column in table.columns
            for privilege in COLUMN_PRIVILEGES
            if has_column_privilege(catalog, oid, privilege, table.oid, column.number)
        }
        answers["schema", name] = {
            f"{schema.name} {privilege}"
            for schema in catalog.all(Schema)
            if not schema.name.startswith(("pg_", "information"))
            for privilege in ("USAGE", "CREATE")
            if has_privilege(catalog, oid, privilege, schema.oid)
        }
        answers["function", name] = {
            function.name
            for function in catalog.all(Function)
            if has_privilege(catalog, oid, "EXECUTE", function.oid)
        }
        answers["role", name] = {
            f"{other} {how}"
            for other, other_oid in roles.items()
            for how, test in (("USAGE", has_privileges_of), ("MEMBER", is_member_of), ("SET", can_set_role))
            if (how != "SET" or catalog.version >= 16) and test(catalog, oid, other_oid)
        }
    return answers


def run_on_server(connection: Connection, sql: str) -> Outcome:
    """Run a statement inside the open transaction, keeping the transaction alive."""
    import psycopg

    connection.execute("SAVEPOINT s")
    try:
        connection.execute(sql)
    except psycopg.Error as error:
        connection.execute("ROLLBACK TO SAVEPOINT s")
        return error.sqlstate or "", error.diag.message_primary or ""
    connection.execute("RELEASE SAVEPOINT s")
    return SUCCESS


_ROLES = """
SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls
FROM pg_roles WHERE oid = 10 OR oid >= 16384"""

_MEMBERSHIPS = (
    "SELECT pg_get_userbyid(roleid), pg_get_userbyid(member), pg_get_userbyid(grantor), admin_option"
)

_ACLS = """
WITH listed(name, acl) AS (
  SELECT n.nspname || '.' || c.relname, c.relacl FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
  UNION ALL
  SELECT n.nspname || '.' || c.relname || '.' || a.attname, a.attacl
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid >= 16384 AND a.attacl IS NOT NULL AND a.attnum > 0
  UNION ALL
  SELECT 'schema ' || nspname, nspacl FROM pg_namespace
  WHERE nspname !~ '^pg_|^information'
  UNION ALL
  SELECT 'function ' || proname, proacl FROM pg_proc WHERE oid >= 16384
  UNION ALL
  SELECT 'pg_language ' || lanname, lanacl FROM pg_language WHERE lanacl IS NOT NULL
  UNION ALL
  SELECT 'pg_database ' || datname, datacl FROM pg_database WHERE datacl IS NOT NULL AND datname = current_database()
  UNION ALL
  SELECT 'pg_parameter_acl ' || parname, paracl FROM pg_parameter_acl
  UNION ALL
  SELECT 'type ' || typname, typacl FROM pg_type WHERE oid >= 16384 AND typtype IN ('e', 'd')
)
SELECT name, acl IS NULL, grantee, grantor, privilege_type, is_grantable
FROM listed LEFT JOIN LATERAL (
  SELECT pg_get_userbyid(nullif(e.grantee, 0)) AS grantee, pg_get_userbyid(e.grantor) AS grantor,
         e.privilege_type, e.is_grantable FROM aclexplode(acl) e) e ON true"""

_DEFAULT_ACLS = """
SELECT pg_get_userbyid(defaclrole), coalesce(n.nspname, ''), defaclobjtype::text,
       pg_get_userbyid(nullif(e.grantee, 0)), e.privilege_type, pg_get_userbyid(e.grantor), e.is_grantable
FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
LEFT JOIN LATERAL aclexplode(defaclacl) e ON true"""

_OWNERS = """
SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'v', 'm', 'S')"""

_POLICIES = """
SELECT schemaname || '.' || tablename, policyname, roles FROM pg_policies"""


def server_facts(connection: Connection, version: int) -> Facts:
    """What the server's catalogs say."""
    options = ", inherit_option, set_option" if version >= 16 else ""
    acls: dict[str, set[Any] | None] = {}
    for name, is_null, grantee, grantor, privilege, grantable in connection.execute(_ACLS):
        listed = acls.setdefault(name, None if is_null else set())
        if listed is not None and privilege is not None:
            listed.add((grantee or "PUBLIC", privilege, grantor, grantable))
    defaults: dict[tuple[str, str, str], set[Any]] = {}
    for role, schema, objtype, grantee, privilege, grantor, grantable in connection.execute(_DEFAULT_ACLS):
        found = defaults.setdefault((role, schema, objtype), set())
        if privilege is not None:
            found.add((grantee or "PUBLIC", privilege, grantor, grantable))
    return {
        "roles": {name: tuple(attributes) for name, *attributes in connection.execute(_ROLES)},
        "memberships": set(connection.execute(f"{_MEMBERSHIPS}{options} FROM pg_auth_members")),
        "acls": acls,
        "default acls": defaults,
        "owners": {(schema, name): owner for schema, name, owner in connection.execute(_OWNERS)},
        "policies": {
            (table, name): {"PUBLIC" if role == "public" else role for role in roles}
            for table, name, roles in connection.execute(_POLICIES)
        },
    }


def server_answers(connection: Connection, version: int) -> Facts:
    """What the server's `has_…_privilege` functions answer."""
    answers: Facts = {}
    maintain = ", ('MAINTAIN')" if version >= 17 else ""
    roles = "(SELECT oid, rolname, rolsuper FROM pg_roles WHERE oid = 10 OR oid >= 16384) r"
    tables = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p')"
    for role, table, privileges in connection.execute(f"""
        SELECT rolname, n.nspname || '.' || c.relname, array_agg(p ORDER BY p COLLATE "C") FROM {roles},
        (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER'){maintain})
        v(p),
        {tables} AND NOT rolsuper AND has_table_privilege(r.oid, c.oid, p) GROUP BY 1, 2"""):
        answers["table", role, table] = privileges
    for kind, query in (
        ("column", f"""
            SELECT rolname, (SELECT array_agg(n.nspname || '.' || c.relname || '.' || a.attname || ' ' || p)
            FROM (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('REFERENCES')) v(p), pg_attribute a, {tables}
            AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            AND has_column_privilege(r.oid, c.oid, a.attnum, p)) FROM {roles}"""),
        ("schema", f"""
            SELECT rolname, (SELECT array_agg(nspname || ' ' || p)
            FROM (VALUES ('USAGE'), ('CREATE')) v(p), pg_namespace n
            WHERE nspname !~ '^pg_|^information' AND has_schema_privilege(r.oid, n.oid, p)) FROM {roles}"""),
        ("function", f"""
            SELECT rolname, (SELECT array_agg(proname::text) FROM pg_proc f WHERE f.oid >= 16384
            AND has_function_privilege(r.oid, f.oid, 'EXECUTE')) FROM {roles}"""),
        ("role", f"""
            SELECT r.rolname, (SELECT array_agg(o.rolname || ' ' || p)
            FROM (VALUES ('USAGE'), ('MEMBER'){", ('SET')" if version >= 16 else ""}) v(p), pg_roles o
            WHERE (o.oid = 10 OR o.oid >= 16384) AND pg_has_role(r.oid, o.oid, p)) FROM {roles}"""),
    ):  # fmt: skip
        for role, found in connection.execute(query):
            answers[kind, role] = set(found or ())
    return answers


def same_outcome(sql: str, model: Outcome, server: Outcome) -> bool:
    """Whether the two ended alike; of several objects the server complains of the first in its own storage order."""
    if " IN SCHEMA " in sql and server[0] == "42501":
        return model[0] == server[0]
    return model == server


def differences(model: Facts, server: Facts) -> dict[str, Any]:
    """Facts on which the two disagree, as (model's, server's)."""
    found: dict[str, Any] = {}
    for key in model.keys() | server.keys():
        ours, theirs = model.get(key), server.get(key)
        if ours == theirs:
            continue
        if isinstance(ours, dict) and isinstance(theirs, dict):
            for name in ours.keys() | theirs.keys():
                if ours.get(name) != theirs.get(name):
                    found[f"{key} {name}"] = (ours.get(name), theirs.get(name))
        else:
            found[str(key)] = (ours, theirs)
    return found


class Judge:
    """A server and the replay, given the same SQL; nothing is left on the server afterwards."""

    def __init__(self, connection: Connection, version: int, database: str) -> None:
        self.connection = connection
        self.version = version
        self.database = database

    @contextmanager
    def trial(self, prelude: str = "") -> Iterator[Model]:
        """A fresh catalog, and a transaction on the server that is rolled back; both have run `prelude`."""
        model = Model(self.version, self.database).script(prelude)
        self.connection.execute("BEGIN")
        try:
            if prelude:
                self.connection.execute(prelude)
            yield model
        finally:
            self.connection.execute("ROLLBACK")

    def compare(self, model: Model, statements: Iterable[str]) -> None:
        """Run statements on both, and check after each that they ended alike and left the same facts."""
        for statement in statements:
            ours, theirs = model.execute(statement), run_on_server(self.connection, statement)
            assert same_outcome(statement, ours, theirs), (statement, ours, theirs)
            found = differences(model_facts(model.catalog), server_facts(self.connection, self.version))
            assert not found, (statement, found)
        found = differences(model_answers(model.catalog), server_answers(self.connection, self.version))
        assert not found
