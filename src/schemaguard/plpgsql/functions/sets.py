"""Set-returning functions: rows out, with the names that their columns have by default."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.errors import INVALID_PARAMETER, Refused
from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.expressions.json_operators import json_value
from schemaguard.plpgsql.expressions.patterns import regular_expression
from schemaguard.plpgsql.functions.arrays import items_of
from schemaguard.plpgsql.values.casts import cast
from schemaguard.plpgsql.values.kinds import Interval, Json, Value, ZeroBased
from schemaguard.plpgsql.values.times import add
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.plpgsql.context import Context


SERIES_LIMIT = 100_000


class SetFunction(NamedTuple):
    """`run(context, *arguments)` gives rows; `columns` their names, where () means the function's name or the alias."""

    run: Callable[..., Iterator[tuple[Value, ...]]]
    columns: tuple[str, ...] = ()


def _generate_series(
    context: Context, start: Value, stop: Value, step: Value = None
) -> Iterator[tuple[Value, ...]]:
    if isinstance(start, (dt.date, str)) or isinstance(step, Interval):
        yield from _dates(context, start, stop, step)
        return
    step = 1 if step is None else step
    if step == 0:
        raise Refused(INVALID_PARAMETER, "step size cannot equal zero")
    for _ in range(SERIES_LIMIT):
        if (step > 0 and start > stop) or (step < 0 and start < stop):
            return
        yield (start,)
        start += step
    raise Unanswerable(f"`generate_series` gives more than {SERIES_LIMIT} rows")


def _dates(context: Context, start: Value, stop: Value, step: Value) -> Iterator[tuple[Value, ...]]:
    zone = any(isinstance(item, dt.datetime) and item.tzinfo is not None for item in (start, stop))
    plain = not zone and any(isinstance(item, dt.datetime) for item in (start, stop))
    moment, last = (cast(item, TypeRef(1114 if plain else 1184), context) for item in (start, stop))
    span = cast(step, TypeRef(1186), context)
    if not isinstance(span, Interval) or not any(span):
        raise Refused(INVALID_PARAMETER, "step size cannot equal zero")
    forward = span > Interval()
    for _ in range(SERIES_LIMIT):
        if (moment > last) if forward else (moment < last):
            return
        yield (moment,)
        moment = add(moment, span)
    raise Unanswerable(f"`generate_series` gives more than {SERIES_LIMIT} rows")


def _unnest(_context: Context, *arrays: Value) -> Iterator[tuple[Value, ...]]:
    lists = [[] if array is None else flatten(items_of(array)) for array in arrays]
    for at in range(max(map(len, lists), default=0)):
        yield tuple(items[at] if at < len(items) else None for items in lists)


def flatten(items: list[Value]) -> list[Value]:
    """The elements of an array of any number of dimensions, in order."""
    return [inner for item in items for inner in (flatten(item) if isinstance(item, list) else [item])]


def _subscripts(
    _context: Context, items: Value, dimension: int, reverse: bool = False
) -> Iterator[tuple[Value, ...]]:
    if items is None or dimension != 1:
        return
    first = 0 if isinstance(items, ZeroBased) else 1
    numbers = range(first, first + len(items_of(items)))
    for number in reversed(numbers) if reverse else numbers:
        yield (number,)


def _split(
    _context: Context, text: Value, separator: Value, null: Value = None
) -> Iterator[tuple[Value, ...]]:
    if text is None:
        return
    parts = (
        list(text)
        if separator is None
        else text.split(separator)
        if separator and text
        else [text]
        if text
        else []
    )
    for part in parts:
        yield (None if null is not None and part == null else part,)


def _regexp_split(
    _context: Context, text: Value, pattern: Value, flags: str = ""
) -> Iterator[tuple[Value, ...]]:
    if text is None or pattern is None:
        return
    for part in _expression(pattern, flags).split(text):
        yield (part,)


def _regexp_matches(
    _context: Context, text: Value, pattern: Value, flags: str = ""
) -> Iterator[tuple[Value, ...]]:
    if text is None or pattern is None:
        return
    expression = _expression(pattern, flags)
    for match in expression.finditer(text):
        yield (list(match.groups()) if expression.groups else [match[0]],)
        if "g" not in flags:
            return


def _expression(pattern: str, flags: str) -> Any:  # noqa: ANN401 - a compiled pattern
    found = regular_expression(pattern, flags)
    if found is None:
        raise Unanswerable(f"the regular expression `{pattern}` is not evaluated here")
    return found


def _json(context: Context, value: Value) -> Any:  # noqa: ANN401 - any JSON
    return value.data if isinstance(value, Json) else cast(value, TypeRef(3802), context).data


def _json_elements(*, as_text: bool) -> Callable[..., Iterator[tuple[Value, ...]]]:
    def run(context: Context, value: Value) -> Iterator[tuple[Value, ...]]:
        if value is None:
            return
        data = _json(context, value)
        if not isinstance(data, list):
            raise Refused("22023", "cannot extract elements from a scalar")
        for item in data:
            yield (json_value(item) if as_text else Json(item),)

    return run


def _json_each(*, as_text: bool) -> Callable[..., Iterator[tuple[Value, ...]]]:
    def run(context: Context, value: Value) -> Iterator[tuple[Value, ...]]:
        if value is None:
            return
        data = _json(context, value)
        for key in sorted(data, key=lambda name: (len(name.encode()), name.encode())):
            yield (key, json_value(data[key]) if as_text else Json(data[key]))

    return run


def _json_keys(context: Context, value: Value) -> Iterator[tuple[Value, ...]]:
    if value is not None:
        for key in sorted(_json(context, value), key=lambda name: (len(name.encode()), name.encode())):
            yield (key,)


def _aclexplode(_context: Context, acl: Value) -> Iterator[tuple[Value, ...]]:
    from schemaguard.plpgsql.queries.relations.acl_items import explode

    return explode(acl)


SETS: dict[str, SetFunction] = {
    "generate_series": SetFunction(_generate_series),
    "unnest": SetFunction(_unnest),
    "generate_subscripts": SetFunction(_subscripts),
    "string_to_table": SetFunction(_split),
    "regexp_split_to_table": SetFunction(_regexp_split),
    "regexp_matches": SetFunction(_regexp_matches),
    "json_array_elements": SetFunction(_json_elements(as_text=False), ("value",)),
    "jsonb_array_elements": SetFunction(_json_elements(as_text=False), ("value",)),
    "json_array_elements_text": SetFunction(_json_elements(as_text=True), ("value",)),
    "jsonb_array_elements_text": SetFunction(_json_elements(as_text=True), ("value",)),
    "json_each": SetFunction(_json_each(as_text=False), ("key", "value")),
    "jsonb_each": SetFunction(_json_each(as_text=False), ("key", "value")),
    "json_each_text": SetFunction(_json_each(as_text=True), ("key", "value")),
    "jsonb_each_text": SetFunction(_json_each(as_text=True), ("key", "value")),
    "json_object_keys": SetFunction(_json_keys),
    "jsonb_object_keys": SetFunction(_json_keys),
    "aclexplode": SetFunction(_aclexplode, ("grantor", "grantee", "privilege_type", "is_grantable")),
}
