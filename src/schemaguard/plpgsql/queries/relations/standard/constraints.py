"""Constraints and the columns that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import Constraint, Index, Relation, Type
from schemaguard.plpgsql.functions.definitions import constraint_definition
from schemaguard.plpgsql.queries.relations.classes import relations_named
from schemaguard.plpgsql.queries.relations.constraints import NOT_NULL_CONSTRAINTS_SINCE, NotNull
from schemaguard.plpgsql.queries.relations.provider import Provider, constant
from schemaguard.plpgsql.queries.relations.standard.common import (
    database,
    in_schema,
    may_know,
    owns,
    schema_of,
    yes,
)
from schemaguard.plpgsql.values.kinds import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.plpgsql.context import Context

_TYPES = {"c": "CHECK", "f": "FOREIGN KEY", "p": "PRIMARY KEY", "u": "UNIQUE"}
_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

Row = tuple[Relation, Constraint | NotNull]


def _of_relation(context: Context, table: Relation) -> Iterator[Row]:
    if table.kind not in "rp" or not may_know(context, table):
        return
    for constraint in context.catalog.constraints(table.oid):
        if constraint.type in _TYPES:
            yield table, constraint
    for column in table.columns:
        if column.not_null:
            yield table, NotNull(table, column)


def _table_constraints(context: Context) -> Iterator[Row]:
    for table in context.catalog.tables():
        yield from _of_relation(context, table)


def _constraints_of(context: Context, value: Value) -> Iterator[Row]:
    for table in relations_named(context, value):
        yield from _of_relation(context, table)


def _name(context: Context, row: Row) -> Value:
    table, constraint = row
    if isinstance(constraint, NotNull) and context.catalog.version < NOT_NULL_CONSTRAINTS_SINCE:
        return f"{table.schema}_{table.oid}_{constraint.column.number}_not_null"
    return constraint.name


def _nulls_distinct(context: Context, row: Row) -> Value:
    _table, constraint = row
    if isinstance(constraint, NotNull) or constraint.type != "u":
        return None
    index = context.catalog.objects.get(constraint.index)
    return yes(not (isinstance(index, Index) and index.nulls_not_distinct))


def _plain(name: str) -> Callable[[Context, Row], Value]:
    return lambda _context, row: yes(getattr(row[1], name, False))


_TABLE_CONSTRAINTS: dict[str, Callable[[Context, Any], Value]] = {
    "constraint_catalog": database,
    "constraint_schema": lambda context, row: schema_of(context, row[0]),
    "constraint_name": _name,
    "table_catalog": database,
    "table_schema": lambda context, row: schema_of(context, row[0]),
    "table_name": lambda _context, row: row[0].name,
    "constraint_type": lambda _context, row: "CHECK" if isinstance(row[1], NotNull) else _TYPES[row[1].type],
    "is_deferrable": _plain("deferrable"),
    "initially_deferred": _plain("initially_deferred"),
    "enforced": lambda _context, row: yes(getattr(row[1], "enforced", True)),
    "nulls_distinct": _nulls_distinct,
}


# Columns of keys

KeyRow = tuple[Relation, Constraint, int]


def _keys_of(context: Context, table: Relation) -> Iterator[KeyRow]:
    if table.kind not in "rp" or not may_know(context, table):
        return
    for constraint in context.catalog.constraints(table.oid):
        if constraint.type in "puf":
            yield from ((table, constraint, at) for at in range(len(constraint.columns)))


def _key_columns(context: Context) -> Iterator[KeyRow]:
    for table in context.catalog.tables():
        yield from _keys_of(context, table)


def _key_columns_of(context: Context, value: Value) -> Iterator[KeyRow]:
    for table in relations_named(context, value):
        yield from _keys_of(context, table)


def _column_name(table: Relation, column: int) -> Value:
    found = table.column_at(column)
    return found.name if found else None


def _referenced_position(context: Context, row: KeyRow) -> Value:
    """Where the column stands in the key that a foreign key refers to."""
    _table, constraint, at = row
    if constraint.type != "f":
        return None
    index = context.catalog.objects.get(constraint.index)
    if not isinstance(index, Index):
        return at + 1
    numbers = [key.number for key in index.keys]
    wanted = constraint.ref_columns[at]
    return numbers.index(wanted) + 1 if wanted in numbers else None


_KEY_COLUMNS: dict[str, Callable[[Context, Any], Value]] = {
    "constraint_catalog": database,
    "constraint_schema": lambda context, row: schema_of(context, row[0]),
    "constraint_name": lambda _context, row: row[1].name,
    "table_catalog": database,
    "table_schema": lambda context, row: schema_of(context, row[0]),
    "table_name": lambda _context, row: row[0].name,
    "column_name": lambda _context, row: _column_name(row[0], row[1].columns[row[2]]),
    "ordinal_position": lambda _context, row: row[2] + 1,
    "position_in_unique_constraint": _referenced_position,
}


# What constraints use

UseRow = tuple[Relation, Constraint | NotNull, int]


def _column_uses(context: Context) -> Iterator[UseRow]:
    """The columns of keys, those that foreign keys refer to, and those of CHECKs, of tables that one owns."""
    for constraint in context.catalog.all(Constraint):
        if not constraint.table or constraint.type not in "cpuf":
            continue
        foreign = constraint.type == "f"
        table = context.catalog.get(constraint.ref_table if foreign else constraint.table, Relation)
        if not owns(context, table.owner):
            continue
        for column in dict.fromkeys(constraint.ref_columns if foreign else constraint.columns):
            yield table, constraint, column
    if context.catalog.version >= NOT_NULL_CONSTRAINTS_SINCE:
        for table in context.catalog.tables():
            for column_ in table.columns:
                if column_.not_null and owns(context, table.owner):
                    yield table, NotNull(table, column_), column_.number


def _uses_of_constraint(context: Context, value: Value) -> Iterator[UseRow]:
    def index() -> dict[str, list[UseRow]]:
        found: dict[str, list[UseRow]] = {}
        for row in _column_uses(context):
            found.setdefault(row[1].name, []).append(row)
        return found

    rows: dict[str, list[UseRow]] = context.cached(("column uses", context.session.role), index)
    return iter(rows.get(str(value), ()))


def _own_schema(context: Context, row: UseRow) -> Value:
    constraint: Constraint | NotNull = row[1]
    if isinstance(constraint, NotNull):
        return schema_of(context, constraint.table)
    return schema_of(context, context.catalog.objects[constraint.table])


_COLUMN_USES: dict[str, Callable[[Context, Any], Value]] = {
    "table_catalog": database,
    "table_schema": lambda context, row: schema_of(context, row[0]),
    "table_name": lambda _context, row: row[0].name,
    "column_name": lambda _context, row: _column_name(row[0], row[2]),
    "constraint_catalog": database,
    "constraint_schema": _own_schema,
    "constraint_name": lambda _context, row: row[1].name,
}


def _table_uses(context: Context) -> Iterator[tuple[Relation, Constraint]]:
    for constraint in context.catalog.all(Constraint):
        if constraint.table and constraint.type in "puf":
            oid = constraint.ref_table if constraint.type == "f" else constraint.table
            table = context.catalog.get(oid, Relation)
            if owns(context, table.owner):
                yield table, constraint


# Foreign keys and checks


def _references(context: Context) -> Iterator[Constraint]:
    for constraint in context.catalog.all(Constraint):
        if constraint.type == "f" and may_know(context, context.catalog.get(constraint.table, Relation)):
            yield constraint


def _unique_key(context: Context, row: Constraint) -> Constraint | None:
    """The key that a foreign key refers to, None where it is a bare index."""
    index = context.catalog.objects.get(row.index)
    record = context.catalog.objects.get(index.constraint) if isinstance(index, Index) else None
    return record if isinstance(record, Constraint) else None


def _unique_name(context: Context, row: Constraint) -> Value:
    found = _unique_key(context, row)
    return None if found is None else found.name


def _unique_schema(context: Context, row: Constraint) -> Value:
    found = _unique_key(context, row)
    return None if found is None else schema_of(context, context.catalog.objects[found.table])


_REFERENCES: dict[str, Callable[[Context, Any], Value]] = {
    "constraint_catalog": database,
    "constraint_schema": lambda context, row: schema_of(context, context.catalog.objects[row.table]),
    "constraint_name": lambda _context, row: row.name,
    "unique_constraint_catalog": lambda context, row: (
        database(context) if _unique_key(context, row) else None
    ),
    "unique_constraint_schema": _unique_schema,
    "unique_constraint_name": _unique_name,
    "match_option": lambda _context, row: {"f": "FULL", "p": "PARTIAL"}.get(row.match, "NONE"),
    "update_rule": lambda _context, row: _ACTIONS[row.on_update],
    "delete_rule": lambda _context, row: _ACTIONS[row.on_delete],
}


def _checks(context: Context) -> Iterator[Constraint | Row]:
    for constraint in context.catalog.all(Constraint):
        owner: Any = context.catalog.objects[constraint.table or constraint.domain]
        if constraint.type == "c" and owns(context, owner.owner):
            yield constraint
    for table in context.catalog.tables():
        if owns(context, table.owner):
            yield from ((table, NotNull(table, column)) for column in table.columns if column.not_null)


def _check_name(context: Context, row: Constraint | Row) -> Value:
    return row.name if isinstance(row, Constraint) else _name(context, row)


def _check_clause(context: Context, row: Constraint | Row) -> Value:
    if not isinstance(row, Constraint):
        column = row[1].column.name if isinstance(row[1], NotNull) else ""
        return f"{column} IS NOT NULL"
    text = constraint_definition(context, row.oid)
    if isinstance(text, Unknown) or text is None:
        return text
    # `pg_get_constraintdef` from its 7th character on, as the view has it, without what follows the parenthesis.
    return str(text).removeprefix("CHECK (").removesuffix(" NOT VALID").removesuffix(" NO INHERIT")[:-1]


def _check_schema(context: Context, row: Constraint | Row) -> Value:
    owner = context.catalog.objects[row.table or row.domain] if isinstance(row, Constraint) else row[0]
    return schema_of(context, owner)


def _domain_constraints(context: Context) -> Iterator[Constraint]:
    for constraint in context.catalog.all(Constraint):
        owner = context.catalog.objects.get(constraint.domain)
        if isinstance(owner, Type) and owns(context, owner.owner):
            yield constraint


INFORMATION_SCHEMA = {
    "table_constraints": Provider(
        _table_constraints,
        _TABLE_CONSTRAINTS,
        {"table_name": _constraints_of, "table_schema": in_schema(_table_constraints, lambda row: row[0])},
    ),
    "key_column_usage": Provider(
        _key_columns,
        _KEY_COLUMNS,
        {"table_name": _key_columns_of, "table_schema": in_schema(_key_columns, lambda row: row[0])},
    ),
    "constraint_column_usage": Provider(_column_uses, _COLUMN_USES, {"constraint_name": _uses_of_constraint}),
    "constraint_table_usage": Provider(
        _table_uses,
        {
            "table_catalog": database,
            "table_schema": lambda context, row: schema_of(context, row[0]),
            "table_name": lambda _context, row: row[0].name,
            "constraint_catalog": database,
            "constraint_schema": lambda context, row: schema_of(
                context, context.catalog.objects[row[1].table]
            ),
            "constraint_name": lambda _context, row: row[1].name,
        },
        {},
    ),
    "referential_constraints": Provider(_references, _REFERENCES, {}),
    "check_constraints": Provider(
        _checks,
        {
            "constraint_catalog": database,
            "constraint_schema": _check_schema,
            "constraint_name": _check_name,
            "check_clause": _check_clause,
        },
        {},
    ),
    "domain_constraints": Provider(
        _domain_constraints,
        {
            "constraint_catalog": database,
            "constraint_schema": lambda context, row: schema_of(context, context.catalog.objects[row.domain]),
            "constraint_name": lambda _context, row: row.name,
            "domain_catalog": database,
            "domain_schema": lambda context, row: schema_of(context, context.catalog.objects[row.domain]),
            "domain_name": lambda context, row: context.catalog.objects[row.domain].name,
            "is_deferrable": constant("NO"),
            "initially_deferred": constant("NO"),
        },
        {},
    ),
}
