"""The operations of alembic_postgresql_enum: enumerated types whose labels change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.library.clauses import quoted
from schemaguard.sources.alembic.interpreter.library.execution import send_rendered
from schemaguard.sources.alembic.interpreter.values import Symbol, Unknown, unknown_in
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.values import Value


class Reference:
    """`TableReference(…)`, `TableIndex(…)`: what it was made with, by name."""

    def __init__(self, fields: dict[str, Value]) -> None:
        """Take the arguments."""
        self.fields = fields

    def text(self, name: str) -> str:
        """A field as text, "" if it is not given."""
        value = plain(self.fields.get(name))
        return "" if value is None else str(value)


def _reference(*names: str) -> Callable[[Call], Value]:
    def make(call: Call) -> Value:
        if (unknown := call.unknown()) is not None:
            return unknown
        return Reference({**dict(zip(names, call.arguments, strict=False)), **call.keywords})

    return make


def _sync_enum_values(call: Call) -> Value:
    """`op.sync_enum_values(schema, name, labels, columns, renamed)`: a new type takes the place of the old one."""
    names = (
        "enum_schema",
        "enum_name",
        "new_values",
        "affected_columns",
        "enum_values_to_rename",
        "indexes_to_recreate",
    )
    values = {name: call.argument(position, name) for position, name in enumerate(names)}
    if (unknown := unknown_in(values)) is not None:
        call.machine.target.opaque(call.span, unknown.describe(), unknown.remedy)
        return None
    for sql in _sync_statements(call, values):
        if isinstance(sql, Unknown):
            call.machine.target.opaque(call.span, sql.describe(), sql.remedy)
        else:
            send_rendered(call.machine, sql, call.span)
    return None


def _sync_statements(call: Call, values: dict[str, Value]) -> Iterator[str | Unknown]:
    schema, name = str(plain(values["enum_schema"])), str(plain(values["enum_name"]))
    new, old = f'"{schema}"."{name}"', f'"{schema}"."{name}_old"'
    labels = ", ".join(quoted(str(plain(label))) for label in _list(values["new_values"]))
    renamed = [
        (str(plain(before)), str(plain(after)))
        for before, after in map(_pair, _list(values["enum_values_to_rename"]))
    ]
    indexes = [index for index in _list(values["indexes_to_recreate"]) if isinstance(index, Reference)]
    yield f'ALTER TYPE {new} RENAME TO "{name}_old"'
    yield f"CREATE TYPE {new} AS ENUM ({labels})"
    for index in indexes:
        qualified = ".".join(f'"{part.strip(chr(34))}"' for part in index.text("name").split("."))
        yield f"DROP INDEX IF EXISTS {qualified}"
    for column in _list(values["affected_columns"]):
        yield from _recast(call, column, schema, new, renamed)
    yield f"DROP TYPE {old}"
    for index in indexes:
        yield index.text("definition")


def _recast(
    call: Call, column: Value, schema: str, new: str, renamed: list[tuple[str, str]]
) -> Iterator[str | Unknown]:
    """Give one column the new type, keeping its default."""
    if isinstance(column, (list, tuple)):
        fields = dict(zip(("table_name", "column_name", "column_type"), column, strict=False))
        column = Reference(
            {**fields, "existing_server_default": _default_of(call, schema, *map(str, column[:2]))}
        )
    if not isinstance(column, Reference):
        return
    table = f'"{column.text("table_schema") or schema}"."{column.text("table_name")}"'
    name = f'"{column.text("column_name")}"'
    default = column.fields.get("existing_server_default")
    if isinstance(default, Unknown):
        yield default
        default = None
    kind = column.fields.get("column_type")
    is_array = isinstance(kind, Symbol) and kind.path.endswith(".ARRAY")
    suffix = "[]" if is_array else ""
    if default is not None:
        yield f"ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT"
    using = f"{name}::text{suffix}"
    for before, after in renamed:
        function = "array_replace" if is_array else "replace"
        using = f"{function}({using}, {quoted(before)}, {quoted(after)})"
    yield f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {new}{suffix} USING {using}::{new}{suffix}"
    if default is not None:
        yield f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {_new_default(str(default), new, suffix, renamed)}"


def _new_default(default: str, new: str, suffix: str, renamed: list[tuple[str, str]]) -> str:
    value = default.partition("::")[0]
    for before, after in renamed:
        value = value.replace(quoted(before), quoted(after))
    return f"{value}::{new}{suffix}"


def _default_of(call: Call, schema: str, table: str, column: str) -> Value:
    sql = (
        "SELECT column_default FROM information_schema.columns "
        f"WHERE table_schema = {quoted(schema)} AND table_name = {quoted(table)} AND column_name = {quoted(column)}"
    )
    try:
        rows = call.machine.target.rows(sql)
    except Unanswerable as reason:
        return Unknown(f"the default of {table}.{column}, which only the server knows: {reason}", call.span)
    return rows[0][0] if rows else None


def _list(value: Value) -> list[Value]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _pair(value: Value) -> tuple[Value, Value]:
    first, second = value if isinstance(value, (list, tuple)) else ("", "")
    return first, second


def _add_enum_value(call: Call) -> Value:
    """`op.add_enum_value(schema, name, label, before)`."""
    if (unknown := call.unknown()) is not None:
        call.machine.target.opaque(call.span, unknown.describe(), unknown.remedy)
        return None
    schema, name = str(plain(call.required(0, "enum_schema"))), str(plain(call.required(1, "enum_name")))
    label = quoted(str(plain(call.required(2, "new_value"))))
    neighbour = plain(call.argument(3, "before_value"))
    after = f" AFTER {quoted(str(neighbour))}" if neighbour else ""
    send_rendered(call.machine, f'ALTER TYPE "{schema}"."{name}" ADD VALUE {label}{after}', call.span)
    return None


OPERATIONS: dict[str, Callable[[Call], Value]] = {
    "sync_enum_values": _sync_enum_values,
    "add_enum_value": _add_enum_value,
}

FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    f"alembic_postgresql_enum.{module}{name}": _reference(*names)
    for name, names, modules in (
        (
            "TableReference",
            ("table_name", "column_name", "table_schema", "column_type", "existing_server_default"),
            ("", "get_enum_data."),
        ),
        ("TableIndex", ("name", "definition"), ("", "sql_commands.indexes.")),
    )
    for module in modules
}
