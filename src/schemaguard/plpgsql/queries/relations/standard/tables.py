"""Tables, views, columns, schemas, sequences and domains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import Column, Relation, Schema, Sequence, Type, TypeRef, View
from schemaguard.plpgsql.functions.definitions import stored_text, view_definition
from schemaguard.plpgsql.queries.relations.classes import schemas_named, sequence_bounds
from schemaguard.plpgsql.queries.relations.constraints import default_of
from schemaguard.plpgsql.queries.relations.provider import Provider, constant
from schemaguard.plpgsql.queries.relations.standard.common import (
    database,
    in_schema,
    is_temporary,
    owns,
    schema_of,
    seen,
    seen_named,
    yes,
)
from schemaguard.plpgsql.queries.relations.standard.type_details import type_details
from schemaguard.plpgsql.values.kinds import NodeTree, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemaguard.plpgsql.context import Context

_NAME = 19
_TABLE_KINDS = "rvpf"
_TABLE_TYPES = {"r": "BASE TABLE", "p": "BASE TABLE", "v": "VIEW", "f": "FOREIGN"}


def _tables(context: Context) -> Iterator[Relation]:
    return seen(context, _TABLE_KINDS)


def _table_type(context: Context, record: Relation) -> Value:
    return "LOCAL TEMPORARY" if is_temporary(context, record) else _TABLE_TYPES[record.kind]


def is_updatable(record: Relation) -> Value:
    """YES for a table; of a view it depends on its query."""
    if record.kind in "rp":
        return "YES"
    return Unknown("whether a view is updatable is not evaluated here")


_TABLES: dict[str, Callable[[Context, Any], Value]] = {
    "table_catalog": database,
    "table_schema": schema_of,
    "table_name": lambda _context, record: record.name,
    "table_type": _table_type,
    "self_referencing_column_name": constant(None),
    "reference_generation": constant(None),
    "user_defined_type_catalog": constant(None),
    "user_defined_type_schema": constant(None),
    "user_defined_type_name": constant(None),
    "is_insertable_into": lambda _context, record: is_updatable(record),
    "is_typed": lambda _context, record: yes(getattr(record, "of_type", 0)),
    "commit_action": constant(None),
}


def _views(context: Context) -> Iterator[Relation]:
    return seen(context, "v")


def _view_text(context: Context, record: View) -> Value:
    return view_definition(context, record.oid) if owns(context, record.owner) else None


_VIEWS: dict[str, Callable[[Context, Any], Value]] = {
    "table_catalog": database,
    "table_schema": schema_of,
    "table_name": lambda _context, record: record.name,
    "view_definition": _view_text,
    "check_option": lambda _context, record: (getattr(record, "check_option", "") or "none").upper(),
}


# Columns

Row = tuple[Relation, Column]


def _columns(context: Context) -> Iterator[Row]:
    for record in _tables(context):
        yield from ((record, column) for column in record.columns)


def _columns_of(context: Context, value: Value) -> Iterator[Row]:
    for record in seen_named(context, value, _TABLE_KINDS):
        yield from ((record, column) for column in record.columns)


def _nullable(context: Context, row: Row) -> Value:
    record = context.catalog.objects.get(row[1].type.oid)
    of_domain = isinstance(record, Type) and record.kind == "d" and record.not_null and not row[1].type.array
    return yes(not (row[1].not_null or of_domain))


def _default(context: Context, row: Row) -> Value:
    return None if row[1].generated else stored_text(context, default_of(row))


def _generation(context: Context, row: Row) -> Value:
    return stored_text(context, default_of(row)) if row[1].generated else None


def _identity(name: str) -> Callable[[Context, Row], Value]:
    """A property of an identity column's sequence."""

    def column(context: Context, row: Row) -> Value:
        if not row[1].identity:
            return None
        for edge in context.catalog.dependents.get(row[0].oid, ()):
            record = context.catalog.objects.get(edge.oid)
            if isinstance(record, Sequence) and record.owned_by == (row[0].oid, row[1].number):
                bounds = sequence_bounds(record)
                values = {
                    "start": record.start,
                    "increment": record.increment,
                    "min": bounds[0],
                    "max": bounds[1],
                }
                return str(values[name])
        return None

    return column


def _of_type(name: str) -> Callable[[Context, Row], Value]:
    return lambda context, row: type_details(context, row[1].type)[name]


_IDENTITIES = {"a": "ALWAYS", "d": "BY DEFAULT"}

_COLUMNS: dict[str, Callable[[Context, Any], Value]] = {
    "table_catalog": database,
    "table_schema": lambda context, row: schema_of(context, row[0]),
    "table_name": lambda _context, row: row[0].name,
    "column_name": lambda _context, row: row[1].name,
    "ordinal_position": lambda _context, row: row[1].number,
    "column_default": _default,
    "is_nullable": _nullable,
    "is_self_referencing": constant("NO"),
    "is_identity": lambda _context, row: yes(row[1].identity),
    "identity_generation": lambda _context, row: _IDENTITIES.get(row[1].identity),
    "identity_start": _identity("start"),
    "identity_increment": _identity("increment"),
    "identity_maximum": _identity("max"),
    "identity_minimum": _identity("min"),
    "identity_cycle": constant("NO"),
    "is_generated": lambda _context, row: "ALWAYS" if row[1].generated else "NEVER",
    "generation_expression": _generation,
    "is_updatable": lambda _context, row: is_updatable(row[0]),
    "collation_catalog": lambda context, row: database(context) if _collation(row[1]) else None,
    "collation_schema": lambda _context, row: "pg_catalog" if _collation(row[1]) else None,
    "collation_name": lambda _context, row: _collation(row[1]),
    "dtd_identifier": lambda _context, row: str(row[1].number),
    **{
        name: _of_type(name)
        for name in (
            "data_type", "character_maximum_length", "character_octet_length", "numeric_precision",
            "numeric_precision_radix", "numeric_scale", "datetime_precision", "interval_type", "interval_precision",
            "domain_catalog", "domain_schema", "domain_name", "udt_catalog", "udt_schema", "udt_name",
        )
    },
}  # fmt: skip
for _name in ("character_set", "scope"):
    _COLUMNS.update(dict.fromkeys((f"{_name}_catalog", f"{_name}_schema", f"{_name}_name"), constant(None)))
_COLUMNS["maximum_cardinality"] = constant(None)


def _collation(column: Column) -> str | None:
    """The name of a column's collation, None for the default one; that of `name` is C."""
    if column.collation not in ("", "default"):
        return column.collation.strip('"')
    return "C" if column.type.oid == _NAME else None


# Schemas, sequences, domains


def _schemata(context: Context) -> Iterator[Schema]:
    for oid in context.catalog.schemas.values():
        schema = context.catalog.get(oid, Schema)
        if _sees_schema(context, schema):
            yield schema


def _sees_schema(context: Context, schema: Schema) -> bool:
    from schemaguard.catalog.privileges.query import has_privilege

    if owns(context, schema.owner):
        return True
    role = context.session.role
    return any(
        has_privilege(context.catalog, role, privilege, schema.oid) for privilege in ("CREATE", "USAGE")
    )


def _schema_named(context: Context, value: Value) -> Iterable[Schema]:
    return (schema for schema in schemas_named(context, value) if _sees_schema(context, schema))


def _sequences(context: Context) -> Iterator[Relation]:
    return (record for record in seen(context, "S") if isinstance(record, Sequence) and not record.internal)


_BITS = {21: 16, 23: 32, 20: 64}

_SEQUENCES: dict[str, Callable[[Context, Any], Value]] = {
    "sequence_catalog": database,
    "sequence_schema": schema_of,
    "sequence_name": lambda _context, record: record.name,
    "data_type": lambda context, record: context.type_text(TypeRef(record.type.oid)),
    "numeric_precision": lambda _context, record: _BITS.get(record.type.oid),
    "numeric_precision_radix": constant(2),
    "numeric_scale": constant(0),
    "start_value": lambda _context, record: str(record.start),
    "minimum_value": lambda _context, record: str(sequence_bounds(record)[0]),
    "maximum_value": lambda _context, record: str(sequence_bounds(record)[1]),
    "increment": lambda _context, record: str(record.increment),
    "cycle_option": lambda _context, record: yes(record.cycle),
}


def _domains(context: Context) -> Iterator[Type]:
    return (record for record in context.catalog.all(Type) if record.kind == "d" and record.base is not None)


def _of_domain(name: str) -> Callable[[Context, Type], Value]:
    return lambda context, record: type_details(context, record.base or TypeRef(0))[name]


_DOMAINS: dict[str, Callable[[Context, Any], Value]] = {
    "domain_catalog": database,
    "domain_schema": schema_of,
    "domain_name": lambda _context, record: record.name,
    "domain_default": lambda context, record: None
    if record.default is None
    else stored_text(context, NodeTree(record.default, None)),
    **{
        name: _of_domain(name)
        for name in (
            "data_type", "character_maximum_length", "character_octet_length", "numeric_precision",
            "numeric_precision_radix", "numeric_scale", "datetime_precision", "udt_catalog", "udt_schema", "udt_name",
        )
    },
}  # fmt: skip


def _elements(context: Context) -> Iterator[Row]:
    return ((record, column) for record, column in _columns(context) if column.type.array)


def _element(name: str) -> Callable[[Context, Row], Value]:
    return lambda context, row: type_details(context, TypeRef(row[1].type.oid))[name]


INFORMATION_SCHEMA = {
    "tables": Provider(
        _tables,
        _TABLES,
        {
            "table_name": lambda context, value: seen_named(context, value, _TABLE_KINDS),
            "table_schema": in_schema(_tables, lambda record: record),
        },
    ),
    "views": Provider(
        _views,
        _VIEWS,
        {
            "table_name": lambda context, value: seen_named(context, value, "v"),
            "table_schema": in_schema(_views, lambda record: record),
        },
    ),
    "columns": Provider(
        _columns,
        _COLUMNS,
        {"table_name": _columns_of, "table_schema": in_schema(_columns, lambda row: row[0])},
    ),
    "schemata": Provider(
        _schemata,
        {
            "catalog_name": database,
            "schema_name": lambda _context, schema: schema.name,
            "schema_owner": lambda context, schema: context.catalog.owner_name(schema.owner),
            "default_character_set_catalog": constant(None),
            "default_character_set_schema": constant(None),
            "default_character_set_name": constant(None),
            "sql_path": constant(None),
        },
        {"schema_name": _schema_named},
    ),
    "sequences": Provider(_sequences, _SEQUENCES, {}),
    "domains": Provider(_domains, _DOMAINS, {}),
    "element_types": Provider(
        _elements,
        {
            "object_catalog": database,
            "object_schema": lambda context, row: schema_of(context, row[0]),
            "object_name": lambda _context, row: row[0].name,
            "object_type": constant("TABLE"),
            "collection_type_identifier": lambda _context, row: str(row[1].number),
            "dtd_identifier": lambda _context, row: f"a{row[1].number}",
            **{name: _element(name) for name in ("data_type", "udt_catalog", "udt_schema", "udt_name")},
        },
        {},
    ),
}
