"""Functions on arrays and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.expressions.operators import concatenate, equal
from schemaguard.plpgsql.values.casts import cast, read_array
from schemaguard.plpgsql.values.kinds import Json, Record, Value, ZeroBased
from schemaguard.plpgsql.values.output import cast_text, text_of

if TYPE_CHECKING:
    from schemaguard.plpgsql.context import Context


def items_of(value: Value) -> list[Value]:
    """The elements of an array that may still be a literal."""
    return read_array(value) if isinstance(value, str) else list(value)


def _append(_context: Context, items: Value, item: Value) -> list[Value]:
    return [*items_of(items or []), item]


def _prepend(_context: Context, item: Value, items: Value) -> list[Value]:
    return [item, *items_of(items or [])]


def _cat(context: Context, one: Value, other: Value) -> Value:
    if one is None or other is None:
        return other if one is None else one
    return concatenate(items_of(one), items_of(other), context)


def _same(one: Value, other: Value, context: Context) -> bool:
    if one is None or other is None:
        return one is other
    return equal(one, other, context) is True


def _position(context: Context, items: Value, wanted: Value, start: int = 1) -> Value:
    if items is None:
        return None
    for at, item in enumerate(items_of(items)[start - 1 :], start):
        if _same(item, wanted, context):
            return at
    return None


def _positions(context: Context, items: Value, wanted: Value) -> Value:
    if items is None:
        return None
    return [at for at, item in enumerate(items_of(items), 1) if _same(item, wanted, context)]


def _remove(context: Context, items: Value, unwanted: Value) -> Value:
    return None if items is None else [item for item in items_of(items) if not _same(item, unwanted, context)]


def _replace(context: Context, items: Value, old: Value, new: Value) -> Value:
    return None if items is None else [new if _same(item, old, context) else item for item in items_of(items)]


def _length(_context: Context, items: Value, dimension: int) -> Value:
    found = items_of(items)
    for _ in range(dimension - 1):
        found = found[0] if found and isinstance(found[0], list) else []
    return len(found) or None if dimension > 0 else None


def _upper(context: Context, items: Value, dimension: int) -> Value:
    found = _length(context, items, dimension)
    return found - 1 if found is not None and isinstance(items, ZeroBased) else found


def _lower(context: Context, items: Value, dimension: int) -> Value:
    return None if _length(context, items, dimension) is None else 0 if isinstance(items, ZeroBased) else 1


def _cardinality(_context: Context, items: Value) -> int:
    return sum(_cardinality(_context, item) if isinstance(item, list) else 1 for item in items_of(items))


def _ndims(_context: Context, items: Value) -> Value:
    found, depth = items_of(items), 0
    while found:
        depth += 1
        found = found[0] if isinstance(found[0], list) else []
    return depth or None


def _to_string(context: Context, items: Value, separator: Value, null: Value = None) -> Value:
    if items is None or separator is None:
        return None
    texts = [null if item is None else text_of(item, context) for item in items_of(items)]
    return str(separator).join(text for text in texts if text is not None)


def _from_string(_context: Context, text: Value, separator: Value, null: Value = None) -> Value:
    if text is None:
        return None
    parts = (
        list(text)
        if separator is None
        else text.split(separator)
        if separator and text
        else [text]
        if text
        else []
    )
    return [None if part == null and null is not None else part for part in parts]


def _fill(_context: Context, item: Value, lengths: Value) -> Value:
    for length in reversed(items_of(lengths)):
        item = [item] * int(length)
    return item


def json_of(value: Value, context: Context) -> Any:  # noqa: ANN401 - any JSON
    """A value as JSON."""
    if isinstance(value, Json):
        return value.data
    if isinstance(value, Record):
        return {name: json_of(item, context) for name, item in zip(value.names, value.values, strict=True)}
    if isinstance(value, list):
        return [json_of(item, context) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return cast_text(value, context)


def json_object(context: Context, *values: Value) -> Json:
    """`json_build_object`."""
    keys, items = values[::2], values[1::2]
    return Json(
        {cast_text(key, context): json_of(item, context) for key, item in zip(keys, items, strict=True)}
    )


def _as_json(value: Value, context: Context) -> Any:  # noqa: ANN401 - any JSON
    return value.data if isinstance(value, Json) else cast(value, TypeRef(3802), context).data


def _json_length(context: Context, value: Value) -> int:
    return len(_as_json(value, context))


_JSON_KINDS = ((bool, "boolean"), (str, "string"), (list, "array"), (dict, "object"), (type(None), "null"))


def _json_typeof(context: Context, value: Value) -> str:
    data = _as_json(value, context)
    return next((name for class_, name in _JSON_KINDS if isinstance(data, class_)), "number")


STRICT = {
    "array_length": _length,
    "array_upper": _upper,
    "array_lower": _lower,
    "cardinality": _cardinality,
    "array_ndims": _ndims,
    "json_array_length": _json_length,
    "jsonb_array_length": _json_length,
    "json_typeof": _json_typeof,
    "jsonb_typeof": _json_typeof,
    "to_json": lambda context, value: Json(json_of(value, context)),
    "to_jsonb": lambda context, value: Json(json_of(value, context)),
    "row_to_json": lambda context, value: Json(json_of(value, context)),
    "array_to_json": lambda context, value: Json(json_of(value, context)),
}
CALLED_ON_NULL = {
    "array_append": _append,
    "array_prepend": _prepend,
    "array_cat": _cat,
    "array_position": _position,
    "array_positions": _positions,
    "array_remove": _remove,
    "array_replace": _replace,
    "array_to_string": _to_string,
    "string_to_array": _from_string,
    "array_fill": _fill,
    "json_build_object": json_object,
    "jsonb_build_object": json_object,
    "json_build_array": lambda context, *values: Json([json_of(value, context) for value in values]),
    "jsonb_build_array": lambda context, *values: Json([json_of(value, context) for value in values]),
}
