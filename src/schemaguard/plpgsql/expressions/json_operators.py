"""The operators of `jsonb`, and what they share with those of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.errors import INVALID_PARAMETER, Refused
from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.values.casts import cast, read_array
from schemaguard.plpgsql.values.kinds import Json, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.expressions.operators import Operator


def array_of(value: Value) -> list[Value]:
    """An array, from its text or from one element, too."""
    return read_array(value) if isinstance(value, str) else value if isinstance(value, list) else [value]


def flat(items: list[Value]) -> list[Value]:
    """The elements of an array of any number of dimensions."""
    return [each for item in items for each in (flat(item) if isinstance(item, list) else [item])]


def json_contains(left: Any, right: Any) -> bool:  # noqa: ANN401 - any JSON
    """`@>` on what two JSON values hold."""
    if isinstance(right, dict):
        return isinstance(left, dict) and all(
            key in left and json_contains(left[key], value) for key, value in right.items()
        )
    if isinstance(right, list):
        return isinstance(left, list) and all(
            any(json_contains(item, wanted) for item in left) for wanted in right
        )
    return bool(right in left if isinstance(left, list) else left == right)


def json_get(*, as_text: bool) -> Operator:
    """`->` and `->>`."""

    def operator(left: Value, right: Value, context: Context) -> Value:
        data = left.data if isinstance(left, Json) else cast(left, TypeRef(3802), context).data
        return json_step(data, right, as_text=as_text)

    return operator


def json_step(data: Any, key: Value, *, as_text: bool) -> Value:  # noqa: ANN401 - any JSON
    """`->` or (as text) `->>`."""
    try:
        found = data[key] if isinstance(data, dict) else data[int(key)] if isinstance(data, list) else None
    except (KeyError, IndexError, ValueError):
        return None
    return json_value(found) if as_text else Json(found)


def json_value(data: Any) -> Value:  # noqa: ANN401 - any JSON
    """A JSON value as text, null as NULL."""
    from schemaguard.plpgsql.values.output import json_text

    return data if data is None or isinstance(data, str) else json_text(data)


def json_path(*, as_text: bool) -> Operator:
    """`#>` and `#>>`."""

    def operator(left: Value, right: Value, context: Context) -> Value:
        found: Value = left if isinstance(left, Json) else cast(left, TypeRef(3802), context)
        for key in array_of(right):
            if not isinstance(found, Json):
                return None
            found = json_step(found.data, key, as_text=False)
        return json_value(found.data) if as_text and isinstance(found, Json) else found

    return operator


def json_has(left: Value, right: Value, _context: Context) -> Value:
    """`?`."""
    if not isinstance(left, Json):
        return Unknown("`?` of something that is no jsonb")
    return right == left.data if isinstance(left.data, str) else right in left.data


def json_has_each(quantifier: Callable[[Iterable[Any]], bool]) -> Operator:
    """`?|` and `?&`."""
    return lambda left, right, context: quantifier(json_has(left, key, context) for key in array_of(right))


def json_without(data: Any, key: Value) -> Value:  # noqa: ANN401 - any JSON
    """`jsonb - key`: an object without keys, an array without strings or without the element at an index."""
    keys = key if isinstance(key, list) else [key]
    if isinstance(data, dict) and not isinstance(key, int):
        return Json({name: value for name, value in data.items() if name not in keys})
    if isinstance(data, list) and isinstance(key, int):
        at = key if key >= 0 else len(data) + key
        return Json([item for position, item in enumerate(data) if position != at])
    if isinstance(data, list):
        return Json([item for item in data if item not in keys])
    what = "object using integer index" if isinstance(data, dict) else "scalar"
    raise Refused(INVALID_PARAMETER, f"cannot delete from {what}")
