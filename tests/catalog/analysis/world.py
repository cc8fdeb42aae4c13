"""
A server's schema read into a `Catalog`, record by record: what the analysis is tried on.

It is not the replay's doing, so that a disagreement with the server is the analysis's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import (
    Argument,
    Column,
    Constraint,
    Expression,
    Extension,
    Function,
    Relation,
    Role,
    Schema,
    Sequence,
    Table,
    Type,
    TypeRef,
    View,
)
from schemaguard.catalog.session import Session
from schemaguard.catalog.state import (
    INFORMATION_SCHEMA,
    PG_CATALOG,
    PUBLIC_SCHEMA,
    SUPERUSER,
    Catalog,
)

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

SYSTEM_SCHEMAS = {"pg_catalog": PG_CATALOG, "information_schema": INFORMATION_SCHEMA, "public": PUBLIC_SCHEMA}
NOT_OF_AN_EXTENSION = "NOT EXISTS (SELECT FROM pg_depend WHERE objid = {}.oid AND deptype = 'e')"


def session_of(connection: Connection, version: int) -> Session:
    """A session over what the server holds now."""
    return Session(_Reader(connection, version).catalog)


A_DEFAULT = Expression({"A_Const": {"isnull": True}})


class _Reader:
    """Reads one kind of object after the other."""

    def __init__(self, connection: Connection, version: int) -> None:
        self.connection = connection
        self.catalog = Catalog(version)
        self.catalog.roles["postgres"] = SUPERUSER
        self.catalog.store(Role(SUPERUSER, "postgres", superuser=True))
        self.schemas: dict[int, int] = {}
        self.elements: dict[int, int] = dict(
            connection.execute("SELECT typarray, oid FROM pg_type WHERE typarray <> 0").fetchall()
        )
        self.read_schemas()
        self.read_extensions()
        self.read_types()
        self.read_relations()
        self.read_primary_keys()
        self.read_functions()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode()).fetchall()

    def ref(self, oid: int, typmod: int = -1) -> TypeRef:
        element = self.elements.get(oid)
        return TypeRef(oid, typmod) if element is None else TypeRef(element, typmod, array=True)

    def read_schemas(self) -> None:
        for oid, name in self.rows(
            "SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)'"
        ):
            own = SYSTEM_SCHEMAS.get(name, oid)
            self.schemas[oid] = own
            self.catalog.schemas[name] = own
            self.catalog.store(Schema(own, name, SUPERUSER))

    def read_extensions(self) -> None:
        for oid, name, schema in self.rows("SELECT oid, extname, extnamespace FROM pg_extension"):
            self.catalog.extensions[name] = oid
            self.catalog.store(Extension(oid, name, self.schemas[schema]))

    def read_types(self) -> None:
        query = f"""
            SELECT t.oid, t.typname, t.typnamespace, t.typtype, t.typbasetype, t.typtypmod, t.typrelid,
                   t.typnotnull, r.rngsubtype, r.rngmultitypid,
                   (SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum
                    WHERE enumtypid = t.oid)
            FROM pg_type t LEFT JOIN pg_range r ON r.rngtypid = t.oid
            WHERE t.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
              AND {NOT_OF_AN_EXTENSION.format("t")}"""
        for (
            oid,
            name,
            schema,
            kind,
            base,
            typmod,
            relation,
            not_null,
            subtype,
            multirange,
            labels,
        ) in self.rows(query):
            record = Type(
                oid=oid, schema=self.schemas[schema], name=name, kind=kind,
                base=self.ref(base, typmod) if base else None, relation=relation, not_null=not_null,
                subtype=self.ref(subtype) if subtype else None, multirange=multirange or 0,
                labels=tuple(labels or ()),
            )  # fmt: skip
            self.catalog.types[record.schema, name] = oid
            self.catalog.store(record)

    def read_relations(self) -> None:
        query = f"""
            SELECT c.oid, c.relname, c.relnamespace, c.relkind FROM pg_class c
            WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'c')
              AND {NOT_OF_AN_EXTENSION.format("c")}
              AND c.relnamespace <> 'pg_toast'::regnamespace"""
        kinds: dict[str, Any] = {"r": Table, "p": Table, "v": View, "m": View, "S": Sequence, "c": Relation}
        for oid, name, schema, kind in self.rows(query):
            record = kinds[kind](
                oid=oid,
                schema=self.schemas[schema],
                name=name,
                kind=kind,
                owner=SUPERUSER,
                columns=self.columns(oid),
            )
            self.catalog.relations[record.schema, name] = oid
            self.catalog.store(record)

    def columns(self, relation: int) -> tuple[Column, ...]:
        query = f"""
            SELECT attnum, attname, atttypid, atttypmod, attnotnull FROM pg_attribute
            WHERE attrelid = {relation} AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
        return tuple(
            Column(number, name, self.ref(of, typmod), not_null=not_null)
            for number, name, of, typmod, not_null in self.rows(query)
        )

    def read_primary_keys(self) -> None:
        query = """
            SELECT oid, conname, conrelid, conkey FROM pg_constraint
            WHERE contype = 'p' AND conrelid >= 16384"""
        for oid, name, table, columns in self.rows(query):
            key = Constraint(oid=oid, name=name, type="p", table=table, columns=tuple(columns))
            self.catalog.constraints_of.setdefault(table, {})[name] = oid
            self.catalog.store(key)

    def read_functions(self) -> None:
        query = f"""
            SELECT p.oid, p.proname, p.pronamespace, p.prokind, p.prorettype, p.proretset,
                   coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes::text[], p.proargnames,
                   p.pronargdefaults, p.provolatile, p.proisstrict, l.lanname, p.prosrc
            FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
            WHERE p.oid >= 16384 AND {NOT_OF_AN_EXTENSION.format("p")}"""
        for (
            oid, name, schema, kind, returns, retset, types, given, names, defaults, volatility, strict,
            language, body,
        ) in self.rows(query):  # fmt: skip
            modes = given or ["i"] * len(types)
            inputs = [at for at, mode in enumerate(modes) if mode in "ibv"]
            with_default = inputs[len(inputs) - defaults :] if defaults else []
            arguments = tuple(
                Argument(
                    names[at] if names else "",
                    self.ref(of),
                    modes[at],
                    default=A_DEFAULT if at in with_default else None,
                )
                for at, of in enumerate(types)
            )
            record = Function(
                oid=oid, schema=self.schemas[schema], name=name, kind=kind, arguments=arguments,
                returns=self.ref(returns), returns_set=retset, volatility=volatility, strict=strict,
                language=language, body=body,
            )  # fmt: skip
            key = (record.schema, name)
            self.catalog.functions[key] = (*self.catalog.functions.get(key, ()), oid)
            self.catalog.store(record)
