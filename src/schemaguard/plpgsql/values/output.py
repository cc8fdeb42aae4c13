"""Values as text: the output functions of their types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from schemaguard.plpgsql.values.kinds import Interval, IntVector, Json, Record, Reg, Value
from schemaguard.plpgsql.values.times import print_time

if TYPE_CHECKING:
    from schemaguard.plpgsql.context import Context


def text_of(value: Value, context: Context) -> str:
    """The value (not NULL, not unknown) as its type's output function prints it; a boolean as `t` or `f`."""
    for class_, printer in _PRINTERS:
        if isinstance(value, class_):
            return printer(value, context)
    return str(value)


def cast_text(value: Value, context: Context) -> str:
    """The value as a cast to text gives it: as `text_of`, but a boolean as `true` or `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_of(value, context)


def array_text(items: list[Value], context: Context) -> str:
    """An array in braces, elements quoted where that is needed."""
    return "{" + ",".join(_element(item, context) for item in items) + "}"


def _element(item: Value, context: Context) -> str:
    if item is None:
        return "NULL"
    if isinstance(item, list) and not isinstance(item, IntVector):
        return array_text(item, context)
    text = text_of(item, context)
    plain = text and text.lower() != "null" and not any(char in '{},"\\' or char.isspace() for char in text)
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _field(item: Value, context: Context) -> str:
    if item is None:
        return ""
    text = text_of(item, context)
    plain = text and not any(char in '(),"\\' or char.isspace() for char in text)
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '""') + '"'


def json_text(data: Any) -> str:  # noqa: ANN401 - any JSON
    """JSON as jsonb prints it: a space after each colon and comma, keys by length, then by bytes."""
    import orjson

    if isinstance(data, dict):
        keys = sorted(data, key=lambda key: (len(key.encode()), key.encode()))
        return "{" + ", ".join(f"{json_text(key)}: {json_text(data[key])}" for key in keys) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(json_text(item) for item in data) + "]"
    if isinstance(data, Decimal):
        return format(data, "f")
    return orjson.dumps(data).decode()


_Printer = Callable[[Any, "Context"], str]
_PRINTERS: tuple[tuple[type, _Printer], ...] = (
    (str, lambda value, _context: value),
    (bool, lambda value, _context: "t" if value else "f"),
    (int, lambda value, _context: str(value)),
    (Reg, lambda value, context: context.reg_text(value)),
    (float, lambda value, _context: repr(value).removesuffix(".0")),
    (Decimal, lambda value, _context: format(value, "f")),
    (IntVector, lambda value, _context: " ".join(map(str, value))),
    (list, array_text),
    (Record, lambda value, context: "(" + ",".join(_field(item, context) for item in value.values) + ")"),
    (Json, lambda value, _context: json_text(value.data)),
    (dt.date, lambda value, _context: print_time(value)),
    (dt.time, lambda value, _context: print_time(value)),
    (Interval, lambda value, _context: print_time(value)),
    (bytes, lambda value, _context: "\\x" + value.hex()),
)


def quote_literal(text: str) -> str:
    """`quote_literal`: in single quotes, with an E before them where there is a backslash."""
    quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
    return f"E{quoted}" if "\\" in text else quoted


def to_python(value: Value, context: Context) -> Any:  # noqa: ANN401 - what a driver returns
    """A value of a result row as psycopg returns it."""
    if isinstance(value, (Reg, IntVector, Interval)):
        return text_of(value, context)
    if isinstance(value, list):
        return [to_python(item, context) for item in value]
    if isinstance(value, Record):
        return tuple(to_python(item, context) for item in value.values)
    return value.data if isinstance(value, Json) else value
