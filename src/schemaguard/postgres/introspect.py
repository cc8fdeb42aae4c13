"""A server's catalog as facts, in the shape in which the replayed catalog has them (`catalog.facts.shape`)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import orjson

from schemaguard.catalog.facts.shape import (
    ACTIONS,
    CONSTRAINT_TYPES,
    EVERYWHERE,
    FORMAT,
    OBJECT_TYPES,
    ROUTINE_KINDS,
    TABLE_KINDS,
    TYPE_KINDS,
    VOLATILITIES,
    default_privilege_order,
    sorted_privileges,
)
from schemaguard.postgres.queries import combined
from schemaguard.postgres.rows import (
    Row,
    by_name,
    column_fact,
    event_trigger_fact,
    index_fact,
    output_columns,
    rule_fact,
    settings,
    trigger_fact,
)

if TYPE_CHECKING:
    from schemaguard.catalog.facts.shape import (
        ColumnPrivilege,
        ConstraintFact,
        DefaultPrivilege,
        ExtensionFact,
        Facts,
        FunctionFact,
        MatviewFact,
        MembershipFact,
        PolicyFact,
        Privilege,
        PublicationFact,
        RelationFact,
        RoleFact,
        SchemaFact,
        SequenceFact,
        TableFact,
        TypeFact,
        ViewFact,
    )
    from schemaguard.postgres.server import Connection


PUBLIC = "PUBLIC"
BOOTSTRAP_SUPERUSER = "10"
COMMANDS = {"*": "ALL", "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}


def introspect(connection: Connection) -> Facts:
    """Read the database that `connection` is connected to.

    Names are spelled as seen with `public` alone in the search path; the connection's own path comes back afterwards,
    also where it holds for the present transaction only.
    """
    version = connection.info.server_version // 10000
    in_transaction = connection.info.transaction_status != 0
    [(path, _public, prepared)] = connection.execute(_BEFORE, [in_transaction]).fetchall()
    if not prepared:
        connection.execute(f"PREPARE {_PREPARED} AS {combined(version)}".encode())
    [(answer,)] = connection.execute(f"EXECUTE {_PREPARED}".encode(), prepare=False).fetchall()
    connection.execute("SELECT set_config('search_path', %s, %s)", [path, in_transaction])
    return _Reader(version, orjson.loads(answer)).facts()


# Planning takes longer than answering, and psycopg forgets what it has prepared with every DROP and ROLLBACK.
_PREPARED = "schemaguard_facts"
_BEFORE = f"""
    SELECT current_setting('search_path'), set_config('search_path', 'public', %s),
        EXISTS (SELECT FROM pg_prepared_statements WHERE name = '{_PREPARED}')""".encode()


def _by(rows: list[Row], key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


class _Reader:
    """One reading: the rows of all queries, and the maps by which they are joined.

    Oids are strings here, for so PostgreSQL puts them into JSON.
    """

    def __init__(self, version: int, parts: dict[str, list[Row]]) -> None:
        self.version = version
        self.parts = parts
        self.roles: dict[str, str] = {"0": PUBLIC} | {row["oid"]: row["name"] for row in parts["roles"]}
        self.roles[BOOTSTRAP_SUPERUSER] = (
            "postgres"  # by whatever name, it is the one that the replay calls so
        )
        self.schemas: dict[str, str] = {row["oid"]: row["name"] for row in parts["schemas"]}
        self.relations: dict[str, str] = {
            row["oid"]: f"{self.schemas[row['schema']]}.{row['name']}" for row in parts["relations"]
        }
        self.columns = _by(parts["columns"], "relation")
        self.constraints = _by(parts["constraints"], "relation")
        self.checks = _by(parts["constraints"], "domain")
        self.indexes = _by(parts["indexes"], "relation")
        self.policies = _by(parts["policies"], "relation")
        self.triggers = _by(parts["triggers"], "relation")
        self.rules = _by(parts["rules"], "relation")
        self.effective: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for relation, role, privileges in (row["row"] for row in parts["effective"]):
            self.effective[relation][role] = privileges
        self.bound_roles = sorted(
            row["name"]
            for row in parts["roles"]
            if not row["superuser"] and not row["name"].startswith("pg_")
        )

    def facts(self) -> Facts:
        relations = self.parts["relations"]

        def of(*kinds: str) -> list[Row]:
            return sorted(
                (row for row in relations if row["kind"] in kinds), key=lambda row: self.relations[row["oid"]]
            )

        return {
            "format": FORMAT,
            "postgres": self.version,
            "schemas": {row["name"]: self.schema(row) for row in self.sorted("schemas") if row["own"]},
            "tables": {self.relations[row["oid"]]: self.table(row) for row in of(*TABLE_KINDS)},
            "views": {self.relations[row["oid"]]: self.view(row) for row in of("v")},
            "matviews": {self.relations[row["oid"]]: self.matview(row) for row in of("m")},
            "sequences": {self.relations[row["oid"]]: self.sequence(row) for row in of("S")},
            "functions": dict(
                sorted((self.routine_key(row), self.function(row)) for row in self.parts["functions"])
            ),
            "types": dict(
                sorted(
                    (f"{self.schemas[row['schema']]}.{row['name']}", self.type(row))
                    for row in self.parts["types"]
                )
            ),
            "roles": {
                row["name"]: self.role(row)
                for row in self.sorted("roles")
                if row["oid"] != BOOTSTRAP_SUPERUSER and not row["name"].startswith("pg_")
            },
            "default_privileges": self.default_privileges(),
            "extensions": self.extensions(),
            "publications": {row["name"]: self.publication(row) for row in self.sorted("publications")},
            "event_triggers": {row["name"]: event_trigger_fact(row) for row in self.sorted("event_triggers")},
            "seed_rows": {},
            "unknown": [],
        }

    def sorted(self, part: str) -> list[Row]:
        return sorted(self.parts[part], key=lambda row: str(row["name"]))

    # Privileges

    def privileges(self, row: Row) -> list[Privilege]:
        """The entries of an object's list that are not its owner's own."""
        return sorted_privileges(
            {
                "grantee": self.roles[grantee],
                "privilege": privilege,
                "grantable": grantable,
                "grantor": self.roles[grantor],
            }
            for grantee, privilege, grantable, grantor in row["acl"] or ()
            if grantee != row["owner"]
        )

    def owner_privileges(self, row: Row) -> list[str]:
        return sorted({privilege for grantee, privilege, *_ in row["acl"] or () if grantee == row["owner"]})

    def column_privileges(self, row: Row) -> list[ColumnPrivilege]:
        found: list[ColumnPrivilege] = []
        for column in self.columns[row["oid"]]:
            own = self.privileges({"acl": column["acl"], "owner": row["owner"]})
            found.extend({"column": column["name"], **entry} for entry in own)
        return found

    # Relations

    def relation(self, row: Row) -> RelationFact:
        oid = row["oid"]
        effective = self.effective.get(oid, {})
        return {
            "owner": self.roles[row["owner"]],
            "comment": row["comment"],
            "triggers": {trigger["name"]: trigger_fact(trigger) for trigger in by_name(self.triggers[oid])},
            "rules": {rule["name"]: rule_fact(rule) for rule in by_name(self.rules[oid])},
            "privileges": self.privileges(row),
            "owner_privileges": self.owner_privileges(row),
            "column_privileges": self.column_privileges(row),
            "effective_privileges": {role: effective.get(role, []) for role in self.bound_roles},
        }

    def table(self, row: Row) -> TableFact:
        oid = row["oid"]
        return {
            **self.relation(row),
            "kind": TABLE_KINDS[row["kind"]],
            "rls_enabled": row["rls"],
            "rls_forced": row["forced"],
            "parents": [self.relations[parent] for parent in row["parents"] or ()],
            "partition_key": row["partition_key"],
            "partition_bound": row["partition_bound"],
            "columns": [column_fact(column) for column in self.columns[oid]],
            "constraints": {item["name"]: self.constraint(item) for item in by_name(self.constraints[oid])},
            "indexes": {item["name"]: index_fact(item) for item in by_name(self.indexes[oid])},
            "policies": {item["name"]: self.policy(item) for item in by_name(self.policies[oid])},
        }

    def view(self, row: Row) -> ViewFact:
        return {
            **self.relation(row),
            "options": settings(row["options"]),
            "columns": output_columns(self.columns[row["oid"]]),
            "definition": row["definition"],
            "depends_on": sorted(
                self.relations[oid] for oid in row["depends_on"] or () if oid in self.relations
            ),
        }

    def matview(self, row: Row) -> MatviewFact:
        return {
            **self.view(row),
            "indexes": {item["name"]: index_fact(item) for item in by_name(self.indexes[row["oid"]])},
            "populated": row["populated"],
        }

    def sequence(self, row: Row) -> SequenceFact:
        owned_by = None
        if row["owned_by"]:
            table, number = row["owned_by"]
            [column] = (item["name"] for item in self.columns[table] if item["number"] == number)
            owned_by = f"{self.relations[table]}.{column}"
        return {
            "owner": self.roles[row["owner"]],
            "owned_by": owned_by,
            "privileges": self.privileges(row),
            "owner_privileges": self.owner_privileges(row),
        }

    def constraint(self, row: Row) -> ConstraintFact:
        foreign = row["type"] == "f"
        return {
            "type": CONSTRAINT_TYPES[row["type"]],
            "columns": row["columns"] or [],
            "validated": row["validated"],
            "enforced": row["enforced"],
            "deferrable": row["deferrable"],
            "ref_table": self.relations[row["ref_table"]] if foreign else None,
            "ref_columns": row["ref_columns"] if foreign else None,
            "on_delete": ACTIONS[row["on_delete"]] if foreign else None,
            "on_update": ACTIONS[row["on_update"]] if foreign else None,
            "expression": row["expression"],
        }

    def policy(self, row: Row) -> PolicyFact:
        return {
            "permissive": row["permissive"],
            "cmd": COMMANDS[row["cmd"]],
            "roles": sorted(self.roles[role] for role in row["roles"]),
            "using": row["using"],
            "check": row["check"],
            "comment": row["comment"],
        }

    # Everything else

    def schema(self, row: Row) -> SchemaFact:
        return {
            "owner": self.roles[row["owner"]],
            "comment": row["comment"],
            "privileges": self.privileges(row),
            "owner_privileges": self.owner_privileges(row),
        }

    def routine_key(self, row: Row) -> str:
        return f"{self.schemas[row['schema']]}.{row['name']}({row['arguments']})"

    def function(self, row: Row) -> FunctionFact:
        return {
            "kind": ROUTINE_KINDS[row["kind"]],
            "language": row["language"],
            "returns": row["returns"],
            "security_definer": row["security_definer"],
            "config": settings(row["config"]),
            "volatility": VOLATILITIES[row["volatility"]],
            "strict": row["strict"],
            "leakproof": row["leakproof"],
            "owner": self.roles[row["owner"]],
            "privileges": self.privileges(row),
            "owner_privileges": self.owner_privileges(row),
            "comment": row["comment"],
        }

    def type(self, row: Row) -> TypeFact:
        checks = by_name(self.checks[row["oid"]]) if row["kind"] == "d" else []
        return {
            "kind": TYPE_KINDS[row["kind"]],
            "owner": self.roles[row["owner"]],
            "labels": (row["labels"] or []) if row["kind"] == "e" else None,
            "base": row["base"],
            "not_null": row["not_null"],
            "default": row["default"],
            "checks": {check["name"]: check["expression"] for check in checks},
            "attributes": output_columns(self.columns[row["relation"]]) if row["kind"] == "c" else None,
            "comment": row["comment"],
        }

    def role(self, row: Row) -> RoleFact:
        groups = [item["row"] for item in self.parts["memberships"] if item["row"][1] == row["oid"]]
        memberships: list[MembershipFact] = [
            {
                "role": self.roles[role],
                "grantor": self.roles[grantor],
                "admin": admin,
                "inherit": inherit,
                "set": settable,
            }
            for role, _member, grantor, admin, inherit, settable in groups
            if inherit is not None
        ]
        return {
            "superuser": row["superuser"],
            "inherit": row["inherit"],
            "createrole": row["createrole"],
            "createdb": row["createdb"],
            "login": row["login"],
            "replication": row["replication"],
            "bypassrls": row["bypassrls"],
            "member_of": sorted({self.roles[role] for role, *_ in groups}),
            "admin_of": sorted({self.roles[role] for role, _member, _grantor, admin, *_ in groups if admin}),
            "memberships": sorted(memberships, key=lambda entry: (entry["role"], entry["grantor"])),
        }

    def default_privileges(self) -> list[DefaultPrivilege]:
        found: list[DefaultPrivilege] = [
            {
                "for_role": self.roles[row["role"]],
                "schema": row["schema"],
                "objtype": OBJECT_TYPES[row["objtype"]],
                "grantee": self.roles[row["grantee"]],
                "privilege": row["privilege"],
                "grantable": row["grantable"],
            }
            for row in self.parts["default_privileges"]
        ]
        return sorted(found, key=default_privilege_order)

    def extensions(self) -> dict[str, ExtensionFact]:
        return {
            row["name"]: {"schema": row["schema"]}
            for row in self.sorted("extensions")
            if row["name"] not in EVERYWHERE
        }

    def publication(self, row: Row) -> PublicationFact:
        return {
            "all_tables": row["all_tables"],
            "tables": sorted(self.relations[table] for table in row["tables"] or ()),
            "schemas": sorted(self.schemas[schema] for schema in row["schemas"] or ()),
        }
