"""Types: `pg_type` with arrays and row types, `pg_enum`, `pg_range`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.builtin.types import BY_OID
from schemaguard.catalog.model import Type, TypeRef
from schemaguard.catalog.state import INFORMATION_SCHEMA, PG_CATALOG as PG_CATALOG_SCHEMA, SUPERUSER
from schemaguard.plpgsql.context import ref_of_type, type_oid
from schemaguard.plpgsql.queries.relations.acl_items import acl_value
from schemaguard.plpgsql.queries.relations.provider import Provider, constant, number
from schemaguard.plpgsql.values.kinds import NodeTree, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemaguard.plpgsql.context import Context


class TypeRow(NamedTuple):
    """A row of `pg_type`: one type or the array type over it. `record` is that of a user-defined type."""

    ref: TypeRef
    name: str
    schema: int
    owner: int
    kind: str
    category: str
    record: Type | None


def rows(context: Context) -> Iterator[TypeRow]:
    """Every type with its array type, PostgreSQL's own and the history's."""
    for oid in BY_OID:
        yield from _with_array(_builtin(oid))
    for record in context.catalog.all(Type):
        yield from _with_array(_own(record))


def _builtin(oid: int) -> TypeRow:
    row = BY_OID[oid]
    schema = INFORMATION_SCHEMA if row.in_information_schema else PG_CATALOG_SCHEMA
    return TypeRow(TypeRef(oid), row.name, schema, SUPERUSER, row.kind, row.category, None)


_CATEGORIES = {"e": "E", "c": "C", "r": "R", "m": "R", "b": "U", "p": "P"}


def _own(record: Type) -> TypeRow:
    category = _CATEGORIES.get(record.kind, "U")
    if record.kind == "d" and record.base is not None:
        base = BY_OID.get(record.base.oid)
        category = "A" if record.base.array else base.category if base else "U"
    return TypeRow(
        TypeRef(record.oid), record.name, record.schema, record.owner, record.kind, category, record
    )


def _with_array(row: TypeRow) -> Iterator[TypeRow]:
    yield row
    if _has_array(row):
        yield _array_of(row)


def _has_array(row: TypeRow) -> bool:
    if row.ref.array:
        return False
    return BY_OID[row.ref.oid].has_array if row.record is None else row.kind != "p"


def _array_of(row: TypeRow) -> TypeRow:
    name = f"_{row.name}".encode()[:63].decode(errors="ignore")
    return row._replace(ref=TypeRef(row.ref.oid, array=True), name=name, kind="b", category="A")


def type_rows_at(context: Context, value: Value) -> Iterable[TypeRow]:
    """The row of a type's oid."""
    oid = number(value)
    if oid is None:
        return ()
    ref = ref_of_type(oid)
    record = context.catalog.objects.get(ref.oid)
    if isinstance(record, Type):
        row = _own(record)
    elif ref.oid in BY_OID:
        row = _builtin(ref.oid)
    else:
        return ()
    return (_array_of(row) if ref.array else row,)


def _named(context: Context, value: Value) -> Iterator[TypeRow]:
    from schemaguard.catalog.builtin.types import BY_NAME, OF_INFORMATION_SCHEMA

    name = str(value)
    plain = name.removeprefix("_")
    for wanted in dict.fromkeys((name, plain)):
        for known in (BY_NAME, OF_INFORMATION_SCHEMA):
            if wanted in known:
                yield from _with_array(_builtin(known[wanted].oid))
        for schema in context.catalog.schemas.values():
            oid = context.catalog.types.get((schema, wanted))
            if oid is not None:
                yield from _with_array(_own(context.catalog.get(oid, Type)))


def _relation(_context: Context, row: TypeRow) -> Value:
    return row.record.relation if row.record is not None and not row.ref.array else 0


def _element(_context: Context, row: TypeRow) -> Value:
    if row.ref.array:
        return row.ref.oid
    return BY_OID[row.ref.oid].element if row.record is None else 0


def _length(_context: Context, row: TypeRow) -> Value:
    from schemaguard.plpgsql.queries.relations.type_lengths import LENGTHS

    if row.ref.array or row.record is not None:
        return 4 if row.kind == "e" else -1
    return LENGTHS.get(row.name, -1)


def _default(_context: Context, row: TypeRow) -> Value:
    default = row.record.default if row.record is not None and row.kind == "d" else None
    return None if default is None else NodeTree(default, None)


_TYPE: dict[str, Callable[[Context, TypeRow], Value]] = {
    "oid": lambda _context, row: type_oid(row.ref),
    "typname": lambda _context, row: row.name,
    "typnamespace": lambda _context, row: row.schema,
    "typowner": lambda _context, row: row.owner,
    "typlen": _length,
    "typtype": lambda _context, row: row.kind,
    "typcategory": lambda _context, row: row.category,
    "typispreferred": lambda _context, row: (
        row.record is None and not row.ref.array and BY_OID[row.ref.oid].preferred
    ),
    "typisdefined": lambda _context, row: row.record is None or row.kind != "p",
    "typdelim": constant(","),
    "typrelid": _relation,
    "typelem": _element,
    "typarray": lambda _context, row: type_oid(TypeRef(row.ref.oid, array=True)) if _has_array(row) else 0,
    "typnotnull": lambda _context, row: row.record is not None and row.kind == "d" and row.record.not_null,
    "typbasetype": lambda _context, row: (
        type_oid(row.record.base)
        if row.record is not None and row.kind == "d" and row.record.base is not None
        else 0
    ),
    "typtypmod": lambda _context, row: (
        row.record.base.typmod
        if row.record is not None and row.kind == "d" and row.record.base is not None
        else -1
    ),
    "typdefaultbin": _default,
    "typacl": lambda context, row: acl_value(context, row.record.acl) if row.record is not None else None,
}


def _labels(context: Context) -> Iterator[tuple[Type, int]]:
    for record in context.catalog.all(Type):
        yield from ((record, at) for at in range(len(record.labels)))


def _labels_of(context: Context, value: Value) -> Iterable[tuple[Type, int]]:
    record = context.catalog.objects.get(number(value) or 0)
    return ((record, at) for at in range(len(record.labels))) if isinstance(record, Type) else ()


def _ranges(context: Context) -> Iterator[Type]:
    return (record for record in context.catalog.all(Type) if record.kind == "r")


PG_CATALOG = {
    "pg_type": Provider(rows, _TYPE, {"oid": type_rows_at, "typname": _named}),
    "pg_enum": Provider(
        _labels,
        {
            "oid": lambda _context, row: -(row[0].oid * 1000 + row[1]),
            "enumtypid": lambda _context, row: row[0].oid,
            "enumsortorder": lambda _context, row: float(row[1] + 1),
            "enumlabel": lambda _context, row: row[0].labels[row[1]],
        },
        {"enumtypid": _labels_of},
    ),
    "pg_range": Provider(
        _ranges,
        {
            "rngtypid": lambda _context, record: record.oid,
            "rngsubtype": lambda _context, record: 0 if record.subtype is None else type_oid(record.subtype),
            "rngmultitypid": lambda _context, record: record.multirange,
        },
        {},
    ),
}
