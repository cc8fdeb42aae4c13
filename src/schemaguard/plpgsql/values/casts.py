"""Casts: a value and a type in, a value of that type out, or the server's refusal."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from schemaguard.catalog.errors import INVALID_PARAMETER, Refused
from schemaguard.catalog.model import Relation, Type, TypeRef
from schemaguard.plpgsql.values.kinds import Interval, IntVector, Json, Record, Reg, Unknown, Value
from schemaguard.plpgsql.values.output import cast_text, text_of
from schemaguard.plpgsql.values.times import read_date, read_interval, read_timestamp

if TYPE_CHECKING:
    from schemaguard.plpgsql.context import Context

INVALID_TEXT = "22P02"
CANNOT_COERCE = "42846"
OUT_OF_RANGE = "22003"

KINDS = {
    16: "bool", 20: "int8", 21: "int2", 23: "int4", 26: "oid", 700: "float", 701: "float", 1700: "numeric",
    25: "text", 1043: "varchar", 1042: "bpchar", 19: "name", 18: "char", 2950: "uuid", 114: "json", 3802: "json",
    1082: "date", 1114: "timestamp", 1184: "timestamptz", 1186: "interval", 17: "bytea", 705: "text", 2275: "text",
    2205: "regclass", 2206: "regtype", 24: "regproc", 2202: "regprocedure", 4096: "regrole", 4089: "regnamespace",
    22: "vector", 30: "vector", 28: "oid", 29: "oid",
}  # fmt: skip
"""Built-in types by oid to the kind that decides how a cast to them works; all others keep text."""

_INTEGERS = {"int2": ("smallint", 15), "int4": ("integer", 31), "int8": ("bigint", 63), "oid": ("oid", 32)}
_TRUE = frozenset(("t", "true", "y", "yes", "on", "1"))
_FALSE = frozenset(("f", "false", "n", "no", "off", "0"))


def cast(value: Value, target: TypeRef, context: Context) -> Value:
    """`value::target`; NULL and unknown values stay what they are.

    Raises:
        Refused: the server would not take the value.
    """
    if isinstance(value, Unknown):
        return value
    if value is None:
        return _null(target, context)
    if target.array:
        items = read_array(value) if isinstance(value, str) else value
        if isinstance(items, Record):
            return Unknown("a row is cast to an array")
        if not isinstance(items, list):
            raise Refused(INVALID_TEXT, f'malformed array literal: "{cast_text(value, context)}"')
        return [_element(item, target, context) for item in items]
    kind = KINDS.get(target.oid)
    if kind is None:
        return _other(value, target, context)
    if kind in _INTEGERS:
        return _integer(value, kind, context)
    if kind.startswith("reg"):
        return _reg(value, kind, context)
    return _CASTS[kind](value, target, context)


def _null(target: TypeRef, context: Context) -> Value:
    """NULL as a type, which only a domain can refuse."""
    record = context.catalog.objects.get(target.oid)
    while isinstance(record, Type) and record.kind == "d" and not target.array:
        if record.not_null:
            name = context.type_text(TypeRef(record.oid))
            raise Refused("23502", f"domain {name} does not allow null values")
        record = context.catalog.objects.get(record.base.oid) if record.base is not None else None
    return None


def assigned(value: Value, target: TypeRef, context: Context) -> Value:
    """A value as an assignment to a variable of the type takes it: too long a text is refused, not cut.

    Raises:
        Refused: the server would not take the value.
    """
    if isinstance(value, str) and not target.array and target.oid in (1042, 1043) and target.typmod >= 4:
        length = target.typmod - 4
        if (
            len(value.rstrip(" ") if target.oid == 1042 else value[:length] + value[length:].rstrip(" "))
            > length
        ):
            name = "character varying" if target.oid == 1043 else "character"
            raise Refused("22001", f"value too long for type {name}({length})")
    record = context.catalog.objects.get(target.oid)
    if isinstance(record, Type) and record.kind == "d" and record.base is not None and not target.array:
        return _in_domain(assigned(value, record.base, context), record, context)
    return cast(value, target, context)


def _in_domain(value: Value, domain: Type, context: Context) -> Value:
    """A value that a domain's constraints allow."""
    from schemaguard.plpgsql.expressions.domains import violated

    if value is None and domain.not_null:
        raise Refused("23502", f"domain {context.type_text(TypeRef(domain.oid))} does not allow null values")
    name = violated(value, domain, context)
    if name:
        message = (
            f'value for domain {context.type_text(TypeRef(domain.oid))} violates check constraint "{name}"'
        )
        raise Refused("23514", message)
    return value


def _element(item: Value, target: TypeRef, context: Context) -> Value:
    if isinstance(item, list):
        return [_element(inner, target, context) for inner in item]
    return cast(item, TypeRef(target.oid, target.typmod), context)


def _other(value: Value, target: TypeRef, context: Context) -> Value:
    """A cast to a user-defined type, or to a built-in one whose values are kept as text."""
    record = context.catalog.objects.get(target.oid)
    if isinstance(record, Type):
        if (
            record.kind == "e"
            and isinstance(value, str)
            and value not in record.labels
            and not record.external
        ):
            name = context.type_text(TypeRef(record.oid))
            raise Refused(INVALID_TEXT, f'invalid input value for enum {name}: "{value}"')
        if record.kind == "d" and record.base is not None:
            return _in_domain(cast(value, record.base, context), record, context)
        if record.kind == "c" and isinstance(value, Record):
            relation = context.catalog.objects.get(record.relation)
            if isinstance(relation, Relation) and len(relation.columns) == len(value.values):
                return Record(tuple(column.name for column in relation.columns), value.values)
    return value


def _integer(value: Value, kind: str, context: Context) -> Value:
    name, bits = _INTEGERS[kind]
    if isinstance(value, Reg):
        found = value.oid
    elif isinstance(value, (bool, int)):
        found = int(value)
    elif isinstance(value, Decimal):
        found = int(value.quantize(Decimal(1), ROUND_HALF_UP))
    elif isinstance(value, float):
        found = int(Decimal(value).quantize(Decimal(1), ROUND_HALF_EVEN))
    elif isinstance(value, str):
        try:
            found = int(value.strip().replace("_", "x"))
        except ValueError:
            raise Refused(INVALID_TEXT, f'invalid input syntax for type {name}: "{value}"') from None
    elif isinstance(value, Json) and isinstance(value.data, (int, float, Decimal)):
        found = int(value.data)
    else:
        raise _cannot(value, name, context)
    if not -(1 << bits) <= found < 1 << bits:
        shown = (
            f'value "{value}" is out of range for type {name}'
            if isinstance(value, str)
            else f"{name} out of range"
        )
        raise Refused(OUT_OF_RANGE, shown)
    return found


def _reg(value: Value, kind: str, context: Context) -> Value:
    if isinstance(value, str):
        return Reg(kind, int(value)) if value.isdigit() else context.reg(kind, value)
    if isinstance(value, (int, Reg)):
        return Reg(kind, value.oid if isinstance(value, Reg) else int(value))
    raise _cannot(value, kind, context)


def _bool(value: Value, _target: TypeRef, context: Context) -> Value:
    if isinstance(value, (bool, int)):
        return bool(value)
    if isinstance(value, Json) and isinstance(value.data, bool):
        return value.data
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise Refused(INVALID_TEXT, f'invalid input syntax for type boolean: "{value}"')
    raise _cannot(value, "boolean", context)


def _numeric(value: Value, target: TypeRef, context: Context) -> Value:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        try:
            found = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
        except InvalidOperation:
            raise Refused(INVALID_TEXT, f'invalid input syntax for type numeric: "{value}"') from None
    elif isinstance(value, Decimal):
        found = value
    elif isinstance(value, Json) and isinstance(value.data, (int, float)):
        found = Decimal(str(value.data))
    else:
        raise _cannot(value, "numeric", context)
    if target.typmod >= 4:
        scale = (target.typmod - 4) & 0x7FF
        found = found.quantize(Decimal(1).scaleb(-(scale if scale < 1024 else scale - 2048)), ROUND_HALF_UP)
    return found


def _float(value: Value, _target: TypeRef, context: Context) -> Value:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            raise Refused(
                INVALID_TEXT, f'invalid input syntax for type double precision: "{value}"'
            ) from None
    raise _cannot(value, "double precision", context)


def _text(value: Value, _target: TypeRef, context: Context) -> Value:
    return value if isinstance(value, str) else cast_text(value, context)


def _varchar(value: Value, target: TypeRef, context: Context) -> Value:
    text = cast_text(value, context)
    return text if target.typmod < 4 else text[: target.typmod - 4]


def _bpchar(value: Value, target: TypeRef, context: Context) -> Value:
    text = cast_text(value, context)
    text = text if target.typmod < 4 else text[: target.typmod - 4]
    # Nothing but the bare output shows the blanks that fill it up: not as text, not in comparisons, not its length.
    return text.rstrip(" ")


def _name(value: Value, _target: TypeRef, context: Context) -> Value:
    return cast_text(value, context).encode()[:63].decode(errors="ignore")


def _char(value: Value, _target: TypeRef, context: Context) -> Value:
    return cast_text(value, context)[:1]


def _uuid(value: Value, _target: TypeRef, context: Context) -> Value:
    import uuid

    try:
        return str(uuid.UUID(text_of(value, context).strip()))
    except ValueError:
        raise Refused(INVALID_TEXT, f'invalid input syntax for type uuid: "{value}"') from None


def _json(value: Value, _target: TypeRef, context: Context) -> Value:
    import orjson

    if isinstance(value, Json):
        return value
    if not isinstance(value, str):
        raise _cannot(value, "json", context)
    try:
        return Json(orjson.loads(value))
    except ValueError:
        raise Refused(INVALID_TEXT, "invalid input syntax for type json") from None


def _date(value: Value, _target: TypeRef, context: Context) -> Value:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        return read_date(value) or _unread("date", value)
    raise _cannot(value, "date", context)


def _timestamp(value: Value, target: TypeRef, context: Context) -> Value:
    zone = target.oid == 1184
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=dt.UTC if zone else None)
    if isinstance(value, str):
        return read_timestamp(value, zone=zone) or _unread("timestamp", value)
    raise _cannot(value, "timestamp", context)


def _interval(value: Value, _target: TypeRef, context: Context) -> Value:
    if isinstance(value, Interval):
        return value
    if isinstance(value, str):
        return read_interval(value) or _unread("interval", value)
    raise _cannot(value, "interval", context)


def _unread(kind: str, text: str) -> Unknown:
    return Unknown(f"`{kind} {text!r}` depends on when or how the migration runs")


def _vector(value: Value, _target: TypeRef, context: Context) -> Value:
    if isinstance(value, list):
        return IntVector(value)
    try:
        return IntVector(int(part) for part in text_of(value, context).split())
    except ValueError:
        raise Refused(INVALID_TEXT, f'invalid input syntax for type smallint: "{value}"') from None


def _bytea(value: Value, _target: TypeRef, context: Context) -> Value:
    if isinstance(value, bytes):
        return value
    text = cast_text(value, context)
    return bytes.fromhex(text[2:]) if text.startswith("\\x") else text.encode()


def _cannot(value: Value, target: str, context: Context) -> Refused:
    if isinstance(value, Json):
        kinds = {str: "string", bool: "boolean", dict: "object", list: "array", type(None): "null"}
        kind = kinds.get(type(value.data), "numeric")
        return Refused(INVALID_PARAMETER, f"cannot cast jsonb {kind} to type {target}")
    return Refused(CANNOT_COERCE, f"cannot cast type {kind_name(value, context)} to {target}")


def kind_name(value: Value, context: Context) -> str:
    """The name of a value's type as far as the value shows it (`pg_typeof`)."""
    if isinstance(value, list):
        return f"{kind_name(value[0], context) if value else 'text'}[]"
    if isinstance(value, Reg):
        return value.kind
    if isinstance(value, dt.datetime):
        return f"timestamp with{'' if value.tzinfo else 'out'} time zone"
    for class_, name in (
        (bool, "boolean"), (int, "integer"), (Decimal, "numeric"), (float, "double precision"), (str, "text"),
        (Json, "jsonb"), (dt.date, "date"), (Interval, "interval"), (bytes, "bytea"), (Record, "record"),
    ):  # fmt: skip
        if isinstance(value, class_):
            return name
    return "unknown"


_CASTS = {
    "bool": _bool, "numeric": _numeric, "float": _float, "text": _text, "varchar": _varchar, "bpchar": _bpchar,
    "name": _name, "char": _char, "uuid": _uuid, "json": _json, "date": _date, "timestamp": _timestamp,
    "timestamptz": _timestamp, "interval": _interval, "vector": _vector, "bytea": _bytea,
}  # fmt: skip


def read_array(text: str) -> list[Value]:
    """An array literal's elements, as text.

    Raises:
        Refused: it is malformed.
    """
    text = text.strip()
    if not text.startswith("{") or not text.endswith("}"):
        raise Refused(
            INVALID_TEXT,
            f'malformed array literal: "{text}"',
            detail='Array value must start with "{" or dimension information.',
        )
    items, at = _read_items(text, 1)
    if at != len(text):
        raise Refused(INVALID_TEXT, f'malformed array literal: "{text}"')
    return items


def _read_items(text: str, at: int) -> tuple[list[Value], int]:
    """Elements from `at` (after the opening brace) to the closing one: they, and where what follows begins."""
    items: list[Value] = []
    current, quoted, seen = "", False, False
    while at < len(text):
        char = text[at]
        if char == "{" and not current:
            inner, at = _read_items(text, at + 1)
            items.append(inner)
            seen = False
            current = ""
            if text[at : at + 1] == ",":
                at += 1
            continue
        if char == '"':
            end = at + 1
            while end < len(text) and text[end] != '"':
                end += text[end] == "\\"
                current += text[end : end + 1]
                end += 1
            at, quoted, seen = end + 1, True, True
            continue
        if char in ",}":
            if seen or current.strip():
                word = current if quoted else current.strip()
                items.append(None if not quoted and word.upper() == "NULL" else word)
            if char == "}":
                return items, at + 1
            current, quoted, seen = "", False, False
        elif char == "\\":
            at += 1
            current += text[at : at + 1]
        elif not (quoted and char.isspace()):
            current += char
        at += 1
    raise Refused(INVALID_TEXT, f'malformed array literal: "{text}"')
