"""Schemas, relations and columns: `pg_namespace`, `pg_class`, `pg_attribute` and the views over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.builtin.relations import system_relation
from schemaguard.catalog.model import Column, Index, Relation, Schema, Sequence, Table, TypeRef, View
from schemaguard.plpgsql.context import relation_at, type_oid
from schemaguard.plpgsql.queries.relations.acl_items import acl_value
from schemaguard.plpgsql.queries.relations.index_columns import columns_of
from schemaguard.plpgsql.queries.relations.provider import Provider, constant, number
from schemaguard.plpgsql.values.kinds import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemaguard.plpgsql.context import Context

ATTRIBUTE_HELD = frozenset("rpfvmc")
"""Kinds of relations whose columns are known."""


def relations(context: Context) -> Iterator[Relation]:
    """Every relation, those of the system included."""
    yield from context.catalog.all(Relation)
    yield from system_relations()


def system_relations() -> Iterator[Relation]:
    """The tables and views of `pg_catalog` and `information_schema`."""
    from schemaguard.catalog.builtin.relations import SCHEMAS, system_relation_names

    for schema in SCHEMAS:
        for name in system_relation_names(schema):
            found = system_relation(schema, name)
            if found is not None:
                yield found


def relations_named(context: Context, value: Value) -> Iterator[Relation]:
    """The relations of a name, in any schema."""
    catalog = context.catalog
    for schema in catalog.schemas.values():
        oid = catalog.relations.get((schema, value))
        if oid is not None:
            yield catalog.objects[oid]
    for name in ("pg_catalog", "information_schema"):
        found = system_relation(name, value)
        if found is not None:
            yield found


def relations_at(context: Context, value: Value) -> Iterable[Relation]:
    """The relation of an oid."""
    record = relation_at(context, number(value) or 0)
    return () if record is None else (record,)


def of_kinds(kinds: str, find: Callable[..., Iterable[Relation]]) -> Callable[..., Iterable[Relation]]:
    """`find` for the relations of some kinds only."""
    return lambda *arguments: (record for record in find(*arguments) if record.kind in kinds)


def schema_name(context: Context, record: Any) -> str:  # noqa: ANN401 - anything in a schema
    """The name of the schema that a record is in."""
    return context.catalog.schema_name(record.schema)


def owner_schema(context: Context, record: Any) -> int:  # noqa: ANN401 - anything in a schema
    """The oid of the schema that a record is in; an index is in that of its table."""
    return (
        context.catalog.get(record.table, Relation).schema
        if isinstance(record, Index)
        else int(record.schema)
    )


def owner_name(context: Context, record: Any) -> str:  # noqa: ANN401 - anything with an owner
    """The name of a record's owner."""
    return context.catalog.owner_name(record.owner)


def _schemas(context: Context) -> Iterator[Schema]:
    return (context.catalog.get(oid, Schema) for oid in context.catalog.schemas.values())


def schemas_named(context: Context, value: Value) -> Iterable[Schema]:
    """The schema of a name."""
    found = context.catalog.schema_named(str(value))
    return () if found is None else (found,)


def _schema_at(context: Context, value: Value) -> Iterable[Schema]:
    record = context.catalog.objects.get(number(value) or 0)
    return (record,) if isinstance(record, Schema) else ()


def _options(_context: Context, record: Relation) -> Value:
    return [f"{name}={value}" for name, value in record.options] or None


def _row_type(context: Context, record: Relation) -> Value:
    own = getattr(record, "row_type", None)
    return own if own is not None else context.catalog.types.get((record.schema, record.name), 0)


def _attribute_count(_context: Context, record: Relation) -> Value:
    if isinstance(record, Index):
        return len(record.keys) + len(record.include)
    if isinstance(record, Sequence):
        return 3
    numbers = [column.number for column in record.columns]
    return (
        max(numbers, default=0) if not isinstance(record, Table) else max(record.next_number - 1, *numbers, 0)
    )


def _has(name: str) -> Callable[[Context, Relation], Value]:
    return lambda context, record: bool(getattr(context.catalog, name).get(record.oid))


def _has_triggers(context: Context, record: Relation) -> Value:
    """Also those by which foreign keys and deferrable keys are checked, on both tables of a foreign key."""
    catalog = context.catalog
    if catalog.triggers_of.get(record.oid):
        return True
    if any(item.type == "f" or item.deferrable for item in catalog.constraints(record.oid)):
        return True
    edges = catalog.dependents.get(record.oid, ())
    return any(getattr(catalog.objects.get(edge.oid), "ref_table", 0) == record.oid for edge in edges)


_ACCESS_METHODS = {
    "heap": 2,
    "btree": 403,
    "hash": 405,
    "gist": 783,
    "gin": 2742,
    "spgist": 4000,
    "brin": 3580,
}


def access_method(name: str) -> int:
    """The oid of an access method, 0 for one that is not PostgreSQL's own."""
    return _ACCESS_METHODS.get(name, 0)


def _method(_context: Context, record: Relation) -> Value:
    if isinstance(record, Index):
        return access_method(record.method)
    return 2 if record.kind in "rmt" else 0


_CLASS: dict[str, Callable[[Context, Any], Value]] = {
    "oid": lambda _context, record: record.oid,
    "relname": lambda _context, record: record.name,
    "relnamespace": lambda _context, record: record.schema,
    "relkind": lambda _context, record: record.kind,
    "relowner": lambda context, record: context.catalog.get(record.table, Relation).owner
    if isinstance(record, Index) else record.owner,
    "reltype": _row_type,
    "reloftype": lambda _context, record: getattr(record, "of_type", 0),
    "relam": _method,
    "relpersistence": lambda _context, record: record.persistence,
    "relrowsecurity": lambda _context, record: getattr(record, "row_security", False),
    "relforcerowsecurity": lambda _context, record: getattr(record, "force_row_security", False),
    "relispartition": lambda _context, record: getattr(record, "is_partition", False)
    or bool(getattr(record, "parent", 0)),
    "relispopulated": lambda _context, record: getattr(record, "populated", True),
    "relreplident": lambda _context, record: getattr(record, "replica_identity", "d" if record.kind == "m" else "n"),
    "relhasindex": _has("indexes_of"),
    "relhastriggers": _has_triggers,
    "relhasrules": lambda context, record: (isinstance(record, View) and record.kind == "v")
    or bool(context.catalog.rules_of.get(record.oid)),
    "relhassubclass": _has("children_of"),
    "relchecks": lambda context, record: sum(item.type == "c" for item in context.catalog.constraints(record.oid)),
    "relnatts": _attribute_count,
    "reloptions": _options,
    "relacl": lambda context, record: acl_value(context, record.acl),
    "relisshared": lambda _context, _record: False,
    "relrewrite": constant(0),
    "reltablespace": constant(0),
}  # fmt: skip

_BY_NAME_AND_OID = {"relname": relations_named, "oid": relations_at}


# Columns


def attributes(context: Context) -> Iterator[tuple[Relation, Column]]:
    """Every column of every relation, with the relation."""
    for record in relations(context):
        for column in columns_of(context, record):
            yield record, column


def _attributes_of(context: Context, value: Value) -> Iterator[tuple[Relation, Column]]:
    for record in relations_at(context, value):
        for column in columns_of(context, record):
            yield record, column


def has_default(column: Column) -> bool:
    """Whether `pg_attrdef` has a row for the column."""
    return column.default is not None


def collation_oid(column: Column) -> int:
    """The oid of a column's collation, 0 for a type that has none."""
    from schemaguard.catalog.builtin.types import BY_OID

    row = BY_OID.get(column.type.oid)
    if column.collation in ("", "default"):
        return (
            950
            if row is not None and row.name == "name"
            else 100
            if row is not None and row.collatable
            else 0
        )
    known = {"C": 950, "POSIX": 951}
    return known.get(column.collation.strip('"'), 0)


_ATTRIBUTE: dict[str, Callable[[Context, tuple[Relation, Column]], Value]] = {
    "attrelid": lambda _context, row: row[0].oid,
    "attname": lambda _context, row: row[1].name,
    "atttypid": lambda _context, row: type_oid(row[1].type),
    "atttypmod": lambda _context, row: row[1].type.typmod,
    "attnum": lambda _context, row: row[1].number,
    "attndims": lambda _context, row: 1 if row[1].type.array else 0,
    "attnotnull": lambda _context, row: row[1].not_null,
    "atthasdef": lambda _context, row: has_default(row[1]),
    "attidentity": lambda _context, row: row[1].identity,
    "attgenerated": lambda _context, row: row[1].generated,
    "attisdropped": constant(False),
    "attislocal": lambda _context, row: row[1].local,
    "attinhcount": lambda _context, row: row[1].parents,
    "attcollation": lambda _context, row: collation_oid(row[1]),
    "attacl": lambda context, row: acl_value(context, row[1].acl) or None,
    "attoptions": constant(None),
    "attcompression": lambda _context, row: row[1].compression[:1],
}


# The views


def _has_indexes(context: Context, record: Relation) -> Value:
    return bool(context.catalog.indexes_of.get(record.oid))


_TABLES: dict[str, Callable[[Context, Any], Value]] = {
    "schemaname": schema_name,
    "tablename": lambda _context, record: record.name,
    "tableowner": owner_name,
    "tablespace": constant(None),
    "hasindexes": _has_indexes,
    "hasrules": lambda context, record: bool(context.catalog.rules_of.get(record.oid)),
    "hastriggers": _has_triggers,
    "rowsecurity": lambda _context, record: getattr(record, "row_security", False),
}


def _definition(context: Context, record: Relation) -> Value:
    from schemaguard.plpgsql.functions.definitions import view_definition

    return view_definition(context, record.oid)


def by_schema(find_all: Callable[[Context], Iterable[Any]]) -> Callable[[Context, Value], Iterable[Any]]:
    """A lookup by schema name: for the user's schemas a pass over what is there, kept until something changes."""

    def find(context: Context, value: Value) -> Iterable[Any]:
        def index() -> dict[int, list[Any]]:
            found: dict[int, list[Any]] = {}
            for record in find_all(context):
                found.setdefault(owner_schema(context, record), []).append(record)
            return found

        rows: dict[int, list[Any]] = context.cached(("schema", find_all), index)
        return rows.get(context.catalog.schemas.get(str(value), -1), ())

    return find


_tables = of_kinds("rp", relations)
_views = of_kinds("v", relations)
_matviews = of_kinds("m", relations)
_sequences = of_kinds("S", relations)


def _bound(record: Sequence, name: str) -> Value:
    found = getattr(record, name)
    if found is not None:
        return found
    bits = {21: 15, 23: 31}.get(record.type.oid, 63)
    largest = (1 << bits) - 1
    return (
        (largest if record.increment > 0 else -1)
        if name == "maximum"
        else 1
        if record.increment > 0
        else -largest - 1
    )


def sequence_bounds(record: Sequence) -> tuple[Value, Value]:
    """The smallest and the largest value of a sequence."""
    return _bound(record, "minimum"), _bound(record, "maximum")


_SEQUENCE_LAST = constant(Unknown("what a sequence has given out is known only to the database"))

PG_CATALOG = {
    "pg_namespace": Provider(
        _schemas,
        {
            "oid": lambda _context, schema: schema.oid,
            "nspname": lambda _context, schema: schema.name,
            "nspowner": lambda _context, schema: schema.owner,
            "nspacl": lambda context, schema: acl_value(context, schema.acl),
        },
        {"nspname": schemas_named, "oid": _schema_at},
    ),
    "pg_class": Provider(relations, _CLASS, _BY_NAME_AND_OID),
    "pg_attribute": Provider(attributes, _ATTRIBUTE, {"attrelid": _attributes_of}),
    "pg_tables": Provider(
        _tables, _TABLES, {"tablename": of_kinds("rp", relations_named), "schemaname": by_schema(_tables)}
    ),
    "pg_views": Provider(
        _views,
        {
            "schemaname": schema_name,
            "viewname": lambda _context, record: record.name,
            "viewowner": owner_name,
            "definition": _definition,
        },
        {"viewname": of_kinds("v", relations_named), "schemaname": by_schema(_views)},
    ),
    "pg_matviews": Provider(
        _matviews,
        {
            "schemaname": schema_name,
            "matviewname": lambda _context, record: record.name,
            "matviewowner": owner_name,
            "tablespace": constant(None),
            "hasindexes": _has_indexes,
            "ispopulated": lambda _context, record: record.populated,
            "definition": _definition,
        },
        {"matviewname": of_kinds("m", relations_named), "schemaname": by_schema(_matviews)},
    ),
    "pg_sequences": Provider(
        _sequences,
        {
            "schemaname": schema_name,
            "sequencename": lambda _context, record: record.name,
            "sequenceowner": owner_name,
            "data_type": lambda context, record: context.type_text(TypeRef(record.type.oid)),
            "start_value": lambda _context, record: record.start,
            "min_value": lambda _context, record: sequence_bounds(record)[0],
            "max_value": lambda _context, record: sequence_bounds(record)[1],
            "increment_by": lambda _context, record: record.increment,
            "cycle": lambda _context, record: record.cycle,
            "cache_size": lambda _context, record: record.cache,
            "last_value": _SEQUENCE_LAST,
        },
        {"sequencename": of_kinds("S", relations_named), "schemaname": by_schema(_sequences)},
    ),
    "pg_sequence": Provider(
        _sequences,
        {
            "seqrelid": lambda _context, record: record.oid,
            "seqtypid": lambda _context, record: record.type.oid,
            "seqstart": lambda _context, record: record.start,
            "seqincrement": lambda _context, record: record.increment,
            "seqmin": lambda _context, record: sequence_bounds(record)[0],
            "seqmax": lambda _context, record: sequence_bounds(record)[1],
            "seqcache": lambda _context, record: record.cache,
            "seqcycle": lambda _context, record: record.cycle,
        },
        {"seqrelid": of_kinds("S", relations_at)},
    ),
}
