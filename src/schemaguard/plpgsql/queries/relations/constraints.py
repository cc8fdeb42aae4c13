"""Constraints, indexes, defaults and inheritance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.model import Column, Constraint, Index, Relation, Table, Type
from schemaguard.plpgsql.functions import definitions
from schemaguard.plpgsql.queries.relations.classes import (
    access_method,
    by_schema,
    owner_schema,
    relations_named,
)
from schemaguard.plpgsql.queries.relations.provider import Provider, constant, number
from schemaguard.plpgsql.values.kinds import IntVector, NodeTree, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemaguard.plpgsql.context import Context

NOT_NULL_CONSTRAINTS_SINCE = 18


class NotNull(NamedTuple):
    """A NOT NULL constraint, which PostgreSQL 18 keeps in `pg_constraint`; its oid is not modelled."""

    table: Relation
    column: Column

    @property
    def name(self) -> str:
        """The constraint's name."""
        return self.column.not_null_name or f"{self.table.name}_{self.column.name}_not_null"


def constraints(context: Context) -> Iterator[Constraint | NotNull]:
    """Every constraint of a table or domain."""
    yield from context.catalog.all(Constraint)
    if context.catalog.version >= NOT_NULL_CONSTRAINTS_SINCE:
        for table in context.catalog.tables():
            yield from _not_nulls(table)


def _not_nulls(table: Relation) -> Iterator[NotNull]:
    return (NotNull(table, column) for column in table.columns if column.not_null)


def _of_table(context: Context, value: Value) -> Iterator[Constraint | NotNull]:
    oid = number(value) or 0
    record = context.catalog.objects.get(oid)
    if isinstance(record, Relation):
        yield from context.catalog.constraints(oid)
        if context.catalog.version >= NOT_NULL_CONSTRAINTS_SINCE and isinstance(record, Table):
            yield from _not_nulls(record)


def _of_domain(context: Context, value: Value) -> Iterable[Constraint]:
    oid = number(value) or 0
    return context.catalog.constraints(oid) if isinstance(context.catalog.objects.get(oid), Type) else ()


def _named(context: Context, value: Value) -> list[Constraint | NotNull]:
    """The constraints of a name, by a map that is kept until the catalog changes."""

    def index() -> dict[str, list[Constraint | NotNull]]:
        found: dict[str, list[Constraint | NotNull]] = {}
        for record in constraints(context):
            found.setdefault(record.name, []).append(record)
        return found

    rows: dict[str, list[Constraint | NotNull]] = context.cached("constraints by name", index)
    return rows.get(str(value), [])


def _at(context: Context, value: Value) -> Iterable[Constraint]:
    record = context.catalog.objects.get(number(value) or 0)
    return (record,) if isinstance(record, Constraint) else ()


def constraint_schema(context: Context, record: Constraint | NotNull) -> int:
    """The oid of the schema of a constraint: that of its table or domain."""
    if isinstance(record, NotNull):
        return record.table.schema
    owner: Any = context.catalog.objects[record.table or record.domain]
    return int(owner.schema)


def _either(
    of_constraint: Callable[[Context, Constraint], Value], of_not_null: Callable[[Context, NotNull], Value]
) -> Callable[[Context, Any], Value]:
    """A column that is computed in one way for NOT NULL constraints and in another for all others."""

    def column(context: Context, record: Constraint | NotNull) -> Value:
        return of_not_null(context, record) if isinstance(record, NotNull) else of_constraint(context, record)

    return column


def _plain(name: str, of_not_null: Value) -> Callable[[Context, Any], Value]:
    return _either(lambda _context, record: getattr(record, name), lambda _context, _record: of_not_null)


def _foreign(name: str) -> Callable[[Context, Any], Value]:
    """A letter that only foreign keys have; the others show a space."""
    return _either(
        lambda _context, record: getattr(record, name) if record.type == "f" else " ",
        lambda _context, _record: " ",
    )


def _numbers(name: str) -> Callable[[Context, Any], Value]:
    return _either(
        lambda _context, record: list(getattr(record, name)) or None,
        lambda _context, record: [record.column.number] if name == "columns" else None,
    )


def expression_of(context: Context, record: Constraint) -> Value:
    """The expression of a CHECK as `pg_get_expr` takes it."""
    if record.expression is None:
        return None
    relation = context.catalog.objects.get(record.table)
    return NodeTree(record.expression, relation if isinstance(relation, Relation) else None)


_CONSTRAINT: dict[str, Callable[[Context, Any], Value]] = {
    "oid": _either(
        lambda _context, record: record.oid,
        lambda _context, _record: Unknown("oids of NOT NULL constraints are not modelled"),
    ),
    "conname": lambda _context, record: record.name,
    "connamespace": constraint_schema,
    "contype": _either(lambda _context, record: record.type, lambda _context, _record: "n"),
    "condeferrable": _plain("deferrable", of_not_null=False),
    "condeferred": _plain("initially_deferred", of_not_null=False),
    "conenforced": _plain("enforced", of_not_null=True),
    "convalidated": _either(
        lambda _context, record: record.validated, lambda _context, record: record.column.not_null_valid
    ),
    "conrelid": _either(lambda _context, record: record.table, lambda _context, record: record.table.oid),
    "contypid": _plain("domain", 0),
    "conindid": _plain("index", 0),
    "conparentid": _plain("parent", 0),
    "confrelid": _plain("ref_table", 0),
    "confupdtype": _foreign("on_update"),
    "confdeltype": _foreign("on_delete"),
    "confmatchtype": _foreign("match"),
    "conislocal": _either(
        lambda _context, record: record.local, lambda _context, record: record.column.local
    ),
    "coninhcount": _plain("parents", 0),
    "connoinherit": _either(
        lambda _context, record: record.no_inherit or (record.type in "pufx" and not record.parents),
        lambda _context, _record: False,
    ),
    "conperiod": _plain("without_overlaps", of_not_null=False),
    "conkey": _numbers("columns"),
    "confkey": _numbers("ref_columns"),
    "confdelsetcols": _numbers("delete_columns"),
    "conbin": _either(expression_of, lambda _context, _record: None),
}


# Defaults


def _defaults(context: Context) -> Iterator[tuple[Relation, Column]]:
    for record in context.catalog.all(Relation):
        yield from _defaults_of_record(record)


def _defaults_of_record(record: Relation) -> Iterator[tuple[Relation, Column]]:
    return ((record, column) for column in record.columns if column.default is not None)


def _defaults_of(context: Context, value: Value) -> Iterable[tuple[Relation, Column]]:
    record = context.catalog.objects.get(number(value) or 0)
    return _defaults_of_record(record) if isinstance(record, Relation) else ()


def default_of(row: tuple[Relation, Column]) -> Value:
    """A column's default as `pg_get_expr` takes it."""
    relation, column = row
    return None if column.default is None else NodeTree(column.default, relation)


# Indexes


def _indexes(context: Context) -> Iterable[Index]:
    return context.catalog.all(Index)


def _indexes_of(context: Context, value: Value) -> Iterable[Index]:
    return context.catalog.indexes(number(value) or 0)


def _index_at(context: Context, value: Value) -> Iterable[Index]:
    record = context.catalog.objects.get(number(value) or 0)
    return (record,) if isinstance(record, Index) else ()


def _index_named(context: Context, value: Value) -> Iterator[Index]:
    return (record for record in relations_named(context, value) if isinstance(record, Index))


def _key_numbers(index: Index) -> IntVector:
    return IntVector([*(key.number for key in index.keys), *index.include])


def _expressions(context: Context, index: Index) -> Value:
    found = [key.expression for key in index.keys if key.expression is not None]
    return NodeTree(found[0], context.catalog.get(index.table, Relation), tuple(found[1:])) if found else None


def _predicate(context: Context, index: Index) -> Value:
    return (
        None
        if index.predicate is None
        else NodeTree(index.predicate, context.catalog.get(index.table, Relation))
    )


def _immediate(context: Context, index: Index) -> Value:
    record = context.catalog.objects.get(index.constraint)
    return not (isinstance(record, Constraint) and record.deferrable)


def _options(_context: Context, index: Index) -> Value:
    return IntVector(key.descending | key.nulls_first << 1 for key in index.keys)


_INDEX: dict[str, Callable[[Context, Any], Value]] = {
    "indexrelid": lambda _context, index: index.oid,
    "indrelid": lambda _context, index: index.table,
    "indnatts": lambda _context, index: len(index.keys) + len(index.include),
    "indnkeyatts": lambda _context, index: len(index.keys),
    "indisunique": lambda _context, index: index.unique,
    "indnullsnotdistinct": lambda _context, index: index.nulls_not_distinct,
    "indisprimary": lambda _context, index: index.primary,
    "indisexclusion": lambda _context, index: index.exclusion,
    "indimmediate": _immediate,
    "indisclustered": constant(Unknown("CLUSTER is not modelled")),
    "indisvalid": lambda _context, index: index.valid,
    "indisready": constant(True),
    "indislive": constant(True),
    "indisreplident": constant(Unknown("which index is the replica identity is not modelled")),
    "indkey": lambda _context, index: _key_numbers(index),
    "indoption": _options,
    "indexprs": _expressions,
    "indpred": _predicate,
}

_INDEXES: dict[str, Callable[[Context, Any], Value]] = {
    "schemaname": lambda context, index: context.catalog.schema_name(owner_schema(context, index)),
    "tablename": lambda context, index: context.catalog.get(index.table, Relation).name,
    "indexname": lambda _context, index: index.name,
    "tablespace": constant(None),
    "indexdef": definitions.index_definition,
}


def _indexes_of_named(context: Context, value: Value) -> Iterator[Index]:
    for record in relations_named(context, value):
        yield from context.catalog.indexes(record.oid)


# Inheritance


def _inheritance(context: Context) -> Iterator[tuple[int, int, int]]:
    """Child, parent and the parent's place in the list, of tables and of indexes of partitions."""
    for record in context.catalog.all(Relation):
        yield from _parents(record)


def _parents_of(context: Context, value: Value) -> Iterator[tuple[int, int, int]]:
    record = context.catalog.objects.get(number(value) or 0)
    if isinstance(record, Relation):
        yield from _parents(record)


def _parents(record: Relation) -> Iterator[tuple[int, int, int]]:
    if isinstance(record, Index) and record.parent:
        yield record.oid, record.parent, 1
    for place, parent in enumerate(getattr(record, "parents", ()), 1):
        yield record.oid, parent, place


_STRATEGIES = {
    "PARTITION_STRATEGY_RANGE": "r",
    "PARTITION_STRATEGY_LIST": "l",
    "PARTITION_STRATEGY_HASH": "h",
}


def _partitioned(context: Context) -> Iterator[Table]:
    return (table for table in context.catalog.tables() if table.partition_key is not None)


def _partition_columns(_context: Context, table: Table) -> Value:
    names = dict(table.partition_columns)
    parts = [item["PartitionElem"].get("name") for item in (table.partition_key or {}).get("partParams", ())]
    return IntVector(names.get(name, 0) for name in parts)


def _default_partition(context: Context, table: Table) -> Value:
    children = context.catalog.children(table.oid)
    return next((child.oid for child in children if getattr(child.partition_bound, "default", False)), 0)


PG_CATALOG = {
    "pg_constraint": Provider(
        constraints,
        _CONSTRAINT,
        {"conrelid": _of_table, "contypid": _of_domain, "conname": _named, "oid": _at},
    ),
    "pg_attrdef": Provider(
        _defaults,
        {
            "oid": constant(Unknown("oids of defaults are not modelled")),
            "adrelid": lambda _context, row: row[0].oid,
            "adnum": lambda _context, row: row[1].number,
            "adbin": lambda _context, row: default_of(row),
        },
        {"adrelid": _defaults_of},
    ),
    "pg_index": Provider(_indexes, _INDEX, {"indrelid": _indexes_of, "indexrelid": _index_at}),
    "pg_indexes": Provider(
        _indexes,
        _INDEXES,
        {"tablename": _indexes_of_named, "indexname": _index_named, "schemaname": by_schema(_indexes)},
    ),
    "pg_inherits": Provider(
        _inheritance,
        {
            "inhrelid": lambda _context, row: row[0],
            "inhparent": lambda _context, row: row[1],
            "inhseqno": lambda _context, row: row[2],
            "inhdetachpending": constant(False),
        },
        {"inhrelid": _parents_of},
    ),
    "pg_partitioned_table": Provider(
        _partitioned,
        {
            "partrelid": lambda _context, table: table.oid,
            "partstrat": lambda _context, table: _STRATEGIES[table.partition_key["strategy"]],
            "partnatts": lambda _context, table: len(table.partition_key.get("partParams", ())),
            "partattrs": _partition_columns,
            "partdefid": _default_partition,
        },
        {},
    ),
    "pg_am": Provider(
        lambda _context: ("heap", "btree", "hash", "gist", "gin", "spgist", "brin"),
        {
            "oid": lambda _context, name: access_method(name),
            "amname": lambda _context, name: name,
            "amtype": lambda _context, name: "t" if name == "heap" else "i",
        },
        {},
    ),
}
