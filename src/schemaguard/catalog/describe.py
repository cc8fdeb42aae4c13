"""Objects in words, as the server's messages name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import (
    Constraint,
    EventTrigger,
    Extension,
    Function,
    Index,
    Other,
    Policy,
    Publication,
    Relation,
    Role,
    Rule,
    Schema,
    Trigger,
    Type,
)
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from schemaguard.catalog.state import Catalog

RELATION_WORDS = {
    "r": "table",
    "p": "table",
    "f": "foreign table",
    "v": "view",
    "m": "materialized view",
    "S": "sequence",
    "i": "index",
    "I": "index",
    "c": "composite type",
}
"""What the server calls a relation of each kind."""


def describe_object(catalog: Catalog, oid: int, sub: int = 0) -> str:  # noqa: PLR0911 - one return a kind
    """An object in words: `column a of table t`, `policy p on table t`, `function f(integer)`."""
    record = catalog.objects.get(oid)
    match record:
        case Relation() if sub > 0:
            column = record.column_at(sub)
            return f"column {column.name if column else sub} of {describe_object(catalog, oid)}"
        case Relation() if sub < 0:
            return f"default value for {describe_object(catalog, oid, -sub)}"
        case Relation():
            return f"{RELATION_WORDS[record.kind]} {short_name(catalog, record)}"
        case Constraint():
            owner = describe_object(catalog, record.table or record.domain)
            return f"constraint {record.name} on {owner}"
        case Policy() | Trigger() | Rule():
            word = type(record).__name__.lower()
            return f"{word} {record.name} on {describe_object(catalog, record.table)}"
        case Function():
            from schemaguard.catalog.routines import procedure_text

            word = {"p": "procedure", "a": "aggregate"}.get(record.kind, "function")
            schema = short_name(catalog, record).removesuffix(record.name)
            return f"{word} {schema}{procedure_text(catalog, record)}"
        case Type():
            return f"type {short_name(catalog, record)}"
        case Other():
            from schemaguard.catalog.other_objects import describe_other

            return describe_other(catalog, record)
        case Schema() | Role() | Extension() | Publication():
            return f"{type(record).__name__.lower()} {record.name}"
        case EventTrigger():
            return f"event trigger {record.name}"
        case _:
            return f"object {oid}"


def short_name(catalog: Catalog, record: Relation | Function | Type | Index) -> str:
    """The name, with its schema where that is not `public`."""
    schema = catalog.objects.get(record.schema)
    name = schema.name if isinstance(schema, Schema) else ""
    return record.name if name in ("public", "", "pg_catalog") else f"{name}.{record.name}"


def sql_name(catalog: Catalog, record: Relation | Function | Index) -> str:
    """The name as statements need it written: quoted, with its schema where that is not `public`, a routine's types."""
    schema = catalog.objects.get(record.schema)
    name = quote_identifier(record.name)
    if isinstance(record, Function):
        from schemaguard.catalog.analysis.types import format_type

        name += f"({', '.join(format_type(catalog, argument.type) for argument in record.inputs)})"
    if not isinstance(schema, Schema) or schema.name in ("public", "pg_catalog"):
        return name
    return f"{quote_identifier(schema.name)}.{name}"
