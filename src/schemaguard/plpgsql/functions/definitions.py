"""`pg_get_expr` and `pg_get_…def`: expressions and objects as the SQL that makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.facts.builder import is_call
from schemaguard.catalog.model import Constraint, Function, Index, Relation, Table, Trigger, View
from schemaguard.catalog.names import quote_identifier
from schemaguard.plpgsql.values.kinds import NodeTree, Reg, Unknown, Value
from schemaguard.plpgsql.values.output import quote_literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.catalog.model import Expression, IndexKey
    from schemaguard.plpgsql.context import Context


def _oid(value: Value) -> int:
    return value.oid if isinstance(value, Reg) else int(value)


def _text(context: Context, expression: Expression, relation: Relation | None) -> str:
    """An expression as `pg_get_expr` prints it.

    Raises:
        Opaque: it can't be printed faithfully.
    """
    from schemaguard.catalog.analysis.deparse import expression_text

    return expression_text(context.catalog, expression, relation)


def _or_unknown(define: Callable[..., Value]) -> Callable[..., Value]:
    """The function, with an unknown value for what can't be printed."""

    def run(*arguments: Value) -> Value:
        try:
            return define(*arguments)
        except Opaque as opaque:
            return Unknown(opaque.reason)

    return run


def _get_expr(context: Context, tree: Value, _relation: Value = None, _pretty: Value = None) -> Value:
    if not isinstance(tree, NodeTree):
        return Unknown("`pg_get_expr` of what is no expression of the catalog")
    return ", ".join(_text(context, item, tree.relation) for item in (tree.expression, *tree.more))


@_or_unknown
def stored_text(context: Context, tree: Value) -> Value:
    """A NodeTree as text, NULL for NULL."""
    return None if tree is None else _get_expr(context, tree)


@_or_unknown
def view_definition(context: Context, oid: int) -> Value:
    """The query of a view as `pg_get_viewdef` prints it."""
    from schemaguard.catalog.analysis.deparse import query_text

    record = context.catalog.objects.get(oid)
    if not isinstance(record, View) or record.query is None:
        return None
    return query_text(context.catalog, record.query, [column.name for column in record.columns])


def _names(relation: Relation, numbers: Iterable[int]) -> str:
    columns = {column.number: column.name for column in relation.columns}
    return ", ".join(quote_identifier(columns[number]) for number in numbers)


# Constraints

_ACTIONS = {"r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


@_or_unknown
def constraint_definition(context: Context, oid: Value, pretty: Value = False) -> Value:
    """A constraint as `pg_get_constraintdef` prints it."""
    record = context.catalog.objects.get(_oid(oid))
    if not isinstance(record, Constraint):
        return None
    if pretty and record.type == "c":
        return Unknown("the pretty form of an expression is not printed here")
    define = _DEFINITIONS.get(record.type)
    text = define(context, record) if define else "TRIGGER"
    if record.deferrable:
        text += " DEFERRABLE"
    if record.initially_deferred:
        text += " INITIALLY DEFERRED"
    if not record.enforced:
        return f"{text} NOT ENFORCED"
    return text if record.validated else f"{text} NOT VALID"


def _check(context: Context, record: Constraint) -> str:
    relation = context.catalog.objects.get(record.table)
    if record.expression is None:
        return "CHECK ()"
    text = _text(context, record.expression, relation if isinstance(relation, Relation) else None)
    return f"CHECK ({text}){' NO INHERIT' if record.no_inherit else ''}"


def _key(context: Context, record: Constraint) -> str:
    table = context.catalog.get(record.table, Relation)
    index = context.catalog.objects.get(record.index)
    words = "PRIMARY KEY" if record.type == "p" else "UNIQUE"
    if isinstance(index, Index) and index.nulls_not_distinct:
        words += " NULLS NOT DISTINCT"
    overlaps = " WITHOUT OVERLAPS" if record.without_overlaps else ""
    text = f"{words} ({_names(table, record.columns)}{overlaps})"
    if isinstance(index, Index) and index.include:
        text += f" INCLUDE ({_names(table, index.include)})"
    return text


def _foreign_key(context: Context, record: Constraint) -> str:
    table = context.catalog.get(record.table, Relation)
    target = context.catalog.get(record.ref_table, Relation)
    name = context.reg_text(Reg("regclass", target.oid))
    text = f"FOREIGN KEY ({_names(table, record.columns)}) REFERENCES {name}({_names(target, record.ref_columns)})"
    text += " MATCH FULL" if record.match == "f" else ""
    if record.on_update != "a":
        text += f" ON UPDATE {_ACTIONS[record.on_update]}"
    if record.on_delete != "a":
        text += f" ON DELETE {_ACTIONS[record.on_delete]}"
        if record.delete_columns:
            text += f" ({_names(table, record.delete_columns)})"
    return text


def _exclusion(context: Context, record: Constraint) -> str:
    table = context.catalog.get(record.table, Relation)
    index = context.catalog.get(record.index, Index)
    elements = [
        f"{_index_key(context, table, key, index)} WITH {operator}"
        for key, operator in zip(index.keys, record.operators, strict=True)
    ]
    text = f"EXCLUDE USING {index.method} ({', '.join(elements)})"
    text += f" INCLUDE ({_names(table, index.include)})" if index.include else ""
    if index.predicate is not None:
        text += f" WHERE ({_text(context, index.predicate, table)})"
    return text


_DEFINITIONS: dict[str, Callable[[Context, Constraint], str]] = {
    "c": _check,
    "p": _key,
    "u": _key,
    "f": _foreign_key,
    "x": _exclusion,
}


# Indexes


@_or_unknown
def index_definition(context: Context, index: Index) -> Value:
    """An index as `pg_get_indexdef` prints it."""
    table = context.catalog.get(index.table, Relation)
    schema = quote_identifier(context.catalog.schema_name(table.schema))
    only = "ONLY " if index.kind == "I" else ""
    keys = ", ".join(_index_key(context, table, key, index) for key in index.keys)
    text = f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {quote_identifier(index.name)} ON {only}"
    text += f"{schema}.{quote_identifier(table.name)} USING {quote_identifier(index.method)} ({keys})"
    text += f" INCLUDE ({_names(table, index.include)})" if index.include else ""
    text += " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
    if index.options:
        text += f" WITH ({', '.join(f'{name}={_option(value)}' for name, value in index.options)})"
    if index.predicate is not None:
        text += f" WHERE {_text(context, index.predicate, table)}"
    return text


def _option(value: str) -> str:
    """The value of a storage parameter: quoted unless it is an identifier."""
    return value if value.isidentifier() and value == quote_identifier(value) else quote_literal(value)


def _index_key(context: Context, table: Relation, key: IndexKey, index: Index) -> str:
    if key.expression is None:
        text = _names(table, (key.number,))
    else:
        text = _text(context, key.expression, table)
        text = text if is_call(text) else f"({text})"
    if key.collation:
        text += f" COLLATE {'.'.join(quote_identifier(part) for part in key.collation.split('.'))}"
    if key.opclass and not _is_default_class(context, table, key, index):
        text += f" {key.opclass}"
    if index.method == "btree":
        text += " DESC" if key.descending else ""
        if key.nulls_first != key.descending:
            text += " NULLS FIRST" if key.nulls_first else " NULLS LAST"
    return text


def _is_default_class(_context: Context, table: Relation, key: IndexKey, index: Index) -> bool:
    """Whether an operator class that was written is the one that would be taken anyway."""
    column = table.column_at(key.number)
    if column is None or index.method != "btree":
        return False
    return key.opclass == {25: "text_ops", 23: "int4_ops", 20: "int8_ops", 2950: "uuid_ops"}.get(
        column.type.oid
    )


def _indexdef(context: Context, oid: Value, column: Value = 0, _pretty: Value = None) -> Value:
    record = context.catalog.objects.get(_oid(oid))
    if not isinstance(record, Index):
        return None
    if not column:
        return index_definition(context, record)
    table = context.catalog.get(record.table, Relation)
    if column <= len(record.keys):
        return _or_unknown(_index_column)(context, table, record.keys[column - 1])
    rest = record.include[column - len(record.keys) - 1 :]
    return _names(table, rest[:1]) if rest else ""


def _index_column(context: Context, table: Relation, key: IndexKey) -> str:
    if key.expression is None:
        return _names(table, (key.number,))
    text = _text(context, key.expression, table)
    return text if is_call(text) else f"({text})"


# Triggers, routines, partitions


@_or_unknown
def trigger_definition(context: Context, oid: Value, _pretty: Value = None) -> Value:
    """A trigger as `pg_get_triggerdef` prints it."""
    record = context.catalog.objects.get(_oid(oid))
    if not isinstance(record, Trigger):
        return None
    table = context.catalog.get(record.table, Relation)
    events = [event.upper() for event in _in_order(record.events)]
    if record.columns:
        events[events.index("UPDATE")] = f"UPDATE OF {_names(table, record.columns)}"
    schema = quote_identifier(context.catalog.schema_name(table.schema))
    kind = "CONSTRAINT TRIGGER" if record.constraint else "TRIGGER"
    text = f"CREATE {kind} {quote_identifier(record.name)} {record.timing.upper()} {' OR '.join(events)}"
    text += f" ON {schema}.{quote_identifier(table.name)}"
    if record.constraint:
        text += f" {'' if record.deferrable else 'NOT '}DEFERRABLE INITIALLY"
        text += " DEFERRED" if record.initially_deferred else " IMMEDIATE"
    if record.old_table or record.new_table:
        tables = (("OLD", record.old_table), ("NEW", record.new_table))
        text += " REFERENCING" + "".join(
            f" {word} TABLE AS {quote_identifier(name)}" for word, name in tables if name
        )
    text += f" FOR EACH {record.level.upper()}"
    if record.when is not None:
        text += f" WHEN ({_text(context, record.when, table)})"
    arguments = ", ".join(quote_literal(argument) for argument in record.arguments)
    return f"{text} EXECUTE FUNCTION {context.reg_text(Reg('regproc', record.function))}({arguments})"


def _in_order(events: Iterable[str]) -> list[str]:
    return sorted(events, key=("insert", "delete", "update", "truncate").index)


def _routine(define: Callable[[Context, Function], Value]) -> Callable[..., Value]:
    def run(context: Context, oid: Value) -> Value:
        record = context.catalog.objects.get(_oid(oid))
        return define(context, record) if isinstance(record, Function) else None

    return _or_unknown(run)


def _identity_arguments(context: Context, record: Function) -> Value:
    from schemaguard.catalog.routines import identity_arguments

    return identity_arguments(context.catalog, record)


def _arguments(context: Context, record: Function) -> Value:
    """`pg_get_function_arguments`: with the defaults."""
    from schemaguard.catalog.routines import identity_arguments

    if all(argument.default is None for argument in record.arguments):
        return identity_arguments(context.catalog, record)
    return Unknown("`pg_get_function_arguments` with defaults is not evaluated here")


def _result(context: Context, record: Function) -> Value:
    from schemaguard.catalog.routines import result_text

    return result_text(context.catalog, record)


def _partition_key(context: Context, oid: Value) -> Value:
    from schemaguard.catalog.facts.builder import Builder
    from schemaguard.catalog.facts.partitions import partition_key

    record = context.catalog.objects.get(_oid(oid))
    if not isinstance(record, Table):
        return None
    return partition_key(Builder(context.catalog, locations=False), record, ())


STRICT: dict[str, Callable[..., Value]] = {
    "pg_get_expr": _or_unknown(_get_expr),
    "pg_get_constraintdef": constraint_definition,
    "pg_get_indexdef": _indexdef,
    "pg_get_viewdef": lambda context, value, *_rest: view_definition(
        context, context.read_reg("regclass", value).oid if isinstance(value, str) else _oid(value)
    ),
    "pg_get_triggerdef": trigger_definition,
    "pg_get_function_identity_arguments": _routine(_identity_arguments),
    "pg_get_function_arguments": _routine(_arguments),
    "pg_get_function_result": _routine(_result),
    "pg_get_partkeydef": _or_unknown(_partition_key),
}
CALLED_ON_NULL: dict[str, Callable[..., Value]] = {}
