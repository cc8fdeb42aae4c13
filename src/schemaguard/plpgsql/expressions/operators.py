"""Operators: what they compute of two known, non-null values."""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_DOWN, Decimal
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.errors import Refused
from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.expressions.json_operators import (
    array_of,
    flat,
    json_contains,
    json_get,
    json_has,
    json_has_each,
    json_path,
    json_without,
)
from schemaguard.plpgsql.expressions.patterns import like, regular_expression
from schemaguard.plpgsql.values.casts import cast, read_array
from schemaguard.plpgsql.values.kinds import Interval, Json, Record, Reg, Unknown, Value
from schemaguard.plpgsql.values.output import cast_text
from schemaguard.plpgsql.values.times import DAY, add, combine

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.context import Context

    Operator = Callable[[Value, Value, Context], Value]

Number = (int, float, Decimal)

_OIDS: tuple[tuple[type, int], ...] = (
    (bool, 16), (int, 20), (Decimal, 1700), (float, 701), (dt.datetime, 1114), (dt.date, 1082), (Interval, 1186),
    (Json, 3802), (bytes, 17),
)  # fmt: skip
"""The type that a string literal takes beside a value of each class."""


def unify(left: Value, right: Value, context: Context) -> tuple[Value, Value]:
    """Two values as one type: a string takes the type of what it meets, regclass and its like become oids."""
    if type(left) is type(right) and not isinstance(left, Reg):
        return left, right
    if isinstance(left, str):
        left = _like(left, right, context)
    elif isinstance(right, str):
        right = _like(right, left, context)
    left = left.oid if isinstance(left, Reg) else left
    right = right.oid if isinstance(right, Reg) else right
    if isinstance(left, float) or isinstance(right, float):
        left, right = (float(item) if isinstance(item, Decimal) else item for item in (left, right))
    if isinstance(left, dt.date) and isinstance(right, dt.date):
        left, right = _moments(left, right)
    return left, right


def _like(text: str, other: Value, context: Context) -> Value:
    if isinstance(other, Reg):
        return context.read_reg(other.kind, text) if not text.isdigit() else int(text)
    if isinstance(other, list):
        return read_array(text)
    if isinstance(other, dt.datetime) and other.tzinfo is not None:
        return cast(text, TypeRef(1184), context)
    for class_, oid in _OIDS:
        if isinstance(other, class_):
            return cast(text, TypeRef(oid), context)
    return text


def _moments(left: dt.date, right: dt.date) -> tuple[dt.date, dt.date]:
    if isinstance(left, dt.datetime) == isinstance(right, dt.datetime):
        if (
            isinstance(left, dt.datetime)
            and isinstance(right, dt.datetime)
            and bool(left.tzinfo) != bool(right.tzinfo)
        ):
            return left.replace(tzinfo=dt.UTC), right.replace(tzinfo=dt.UTC)
        return left, right
    whole = [
        item if isinstance(item, dt.datetime) else dt.datetime.combine(item, dt.time())
        for item in (left, right)
    ]
    return _moments(whole[0], whole[1])


def compare(left: Value, right: Value, context: Context) -> Any:  # noqa: ANN401 - -1, 0, 1, None, or an Unknown
    """The order of two values; None where a field that is NULL decides."""
    left, right = unify(left, right, context)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return left if isinstance(left, Unknown) else right
    if isinstance(left, Record) and isinstance(right, Record):
        left, right = list(left.values), list(right.values)
    if isinstance(left, list) and isinstance(right, list):
        return _compare_lists(left, right, context)
    if isinstance(left, Interval) and isinstance(right, Interval):
        left, right = _span(left), _span(right)
    if isinstance(left, Json) or isinstance(right, Json):
        return 0 if left == right else Unknown("json values are not ordered here") if left != right else 0
    try:
        return (left > right) - (left < right)
    except TypeError:
        return Unknown(f"`{left!r}` and `{right!r}` are not compared here")


def _span(value: Interval) -> int:
    return (value.months * 30 + value.days) * DAY + value.microseconds


def _compare_lists(left: list[Value], right: list[Value], context: Context) -> Any:  # noqa: ANN401 - as compare
    for one, other in zip(left, right, strict=False):
        if one is None or other is None:
            if one is not other:
                return 1 if one is None else -1
            continue
        found = compare(one, other, context)
        if found != 0:
            return found
    return (len(left) > len(right)) - (len(left) < len(right))


def equal(left: Value, right: Value, context: Context) -> Value:
    """`left = right`."""
    if type(left) is type(right) and not isinstance(left, (Reg, list, Record, Interval, dt.date)):
        return left == right
    if isinstance(left, Record) and isinstance(right, Record):
        return _equal_rows(left, right, context)
    found = compare(left, right, context)
    return found if found is None or isinstance(found, Unknown) else found == 0


def _equal_rows(left: Record, right: Record, context: Context) -> Value:
    verdict: Value = True
    for one, other in zip(left.values, right.values, strict=False):
        if one is None or other is None:
            verdict = None
        elif isinstance(found := _unknown_or(one, other) or equal(one, other, context), Unknown):
            return found
        elif found is False:
            return False
    return verdict


def _unknown_or(left: Value, right: Value) -> Unknown | None:
    return left if isinstance(left, Unknown) else right if isinstance(right, Unknown) else None


def sort_key(context: Context) -> Callable[[Value], Any]:
    """A key that sorts non-null values of one type."""

    def order(left: Value, right: Value) -> int:
        found = compare(left, right, context)
        return found if isinstance(found, int) else 0

    return cmp_to_key(order)


def _ordering(test: Callable[[int], bool]) -> Operator:
    def operator(left: Value, right: Value, context: Context) -> Value:
        found = compare(left, right, context)
        return found if found is None or isinstance(found, Unknown) else test(found)

    return operator


def _not_equal(left: Value, right: Value, context: Context) -> Value:
    found = equal(left, right, context)
    return found if found is None or isinstance(found, Unknown) else not found


def concatenate(left: Value, right: Value, context: Context) -> Value:
    """`||`: arrays, JSON, else text."""
    if isinstance(left, list) or isinstance(right, list):
        ends = []
        for item, other in ((left, right), (right, left)):
            if isinstance(item, list):
                ends.append(item)
            elif isinstance(item, str) and item.startswith("{") and isinstance(other, list):
                ends.append(read_array(item))
            else:
                ends.append([item])
        return [*ends[0], *ends[1]]
    if isinstance(left, Json) and isinstance(right, (Json, str)):
        right = right if isinstance(right, Json) else cast(right, TypeRef(3802), context)
        if isinstance(left.data, dict) and isinstance(right.data, dict):
            return Json({**left.data, **right.data})
        sides = [side if isinstance(side, list) else [side] for side in (left.data, right.data)]
        return Json(sides[0] + sides[1])
    return cast_text(left, context) + cast_text(right, context)


def _add(left: Value, right: Value, context: Context) -> Value:
    if isinstance(left, Interval) and not isinstance(right, Interval):
        left, right = right, left
    if isinstance(right, Interval):
        return _shift(left, right, 1)
    if isinstance(left, dt.date) and isinstance(right, int):
        return left + dt.timedelta(days=right)
    if isinstance(left, int) and isinstance(right, dt.date):
        return right + dt.timedelta(days=left)
    left, right = unify(left, right, context)
    return left + right if _numbers(left, right) else _no_operator("+", left, right)


def _subtract(left: Value, right: Value, context: Context) -> Value:
    if isinstance(right, Interval):
        return _shift(left, right, -1)
    if isinstance(left, dt.date) and isinstance(right, int) and not isinstance(left, dt.datetime):
        return left - dt.timedelta(days=right)
    if isinstance(left, Json):
        return json_without(left.data, right)
    left, right = unify(left, right, context)
    if isinstance(left, dt.datetime) and isinstance(right, dt.datetime):
        gap = left - right
        return Interval(0, gap.days, gap.seconds * 1_000_000 + gap.microseconds)
    if isinstance(left, dt.date) and isinstance(right, dt.date):
        return (left - right).days
    return left - right if _numbers(left, right) else _no_operator("-", left, right)


def _shift(left: Value, span: Interval, sign: int) -> Value:
    if isinstance(left, Interval):
        return combine(left, span, sign)
    if isinstance(left, dt.date):
        return add(left, span, sign)
    return _no_operator("+", left, span)


def _multiply(left: Value, right: Value, context: Context) -> Value:
    if isinstance(left, Number) and isinstance(right, Interval):
        left, right = right, left
    if isinstance(left, Interval) and isinstance(right, (int, Decimal, float)):
        exact = [part * Decimal(str(right)) for part in left]
        days = exact[1] + (exact[0] % 1) * 30
        return Interval(int(exact[0]), int(days), int(exact[2] + (days % 1) * DAY))
    left, right = unify(left, right, context)
    return left * right if _numbers(left, right) else _no_operator("*", left, right)


def _divide(left: Value, right: Value, context: Context) -> Value:
    left, right = unify(left, right, context)
    if not _numbers(left, right):
        return _no_operator("/", left, right)
    if right == 0:
        raise Refused("22012", "division by zero")
    if isinstance(left, int) and isinstance(right, int):
        return int(Decimal(left) / Decimal(right)) if abs(left) < 1 << 53 else -(-left // right)
    if isinstance(left, float) or isinstance(right, float):
        return left / right
    return (Decimal(left) / Decimal(right)).quantize(Decimal(1).scaleb(-16))


def _modulo(left: Value, right: Value, context: Context) -> Value:
    left, right = unify(left, right, context)
    if not _numbers(left, right):
        return _no_operator("%", left, right)
    if right == 0:
        raise Refused("22012", "division by zero")
    whole = (Decimal(left) / Decimal(right)).to_integral_value(ROUND_DOWN)
    found = Decimal(left) - Decimal(right) * whole
    return int(found) if isinstance(left, int) and isinstance(right, int) else found


def _power(left: Value, right: Value, context: Context) -> Value:
    left, right = unify(left, right, context)
    return math.pow(left, right) if _numbers(left, right) else _no_operator("^", left, right)


def _numbers(left: Value, right: Value) -> bool:
    return isinstance(left, Number) and isinstance(right, Number)


def _no_operator(name: str, left: Value, right: Value) -> Unknown:
    return Unknown(f"`{name}` of {type(left).__name__} and {type(right).__name__} is not evaluated here")


# Patterns


def _matches(flags: str, *, negate: bool) -> Operator:
    def operator(left: Value, right: Value, context: Context) -> Value:
        pattern = regular_expression(str(right), flags)
        if pattern is None:
            return Unknown(f"the regular expression `{right}` is not evaluated here")
        return (pattern.search(cast_text(left, context)) is not None) != negate

    return operator


def _likes(*, fold: bool, negate: bool) -> Operator:
    def operator(left: Value, right: Value, context: Context) -> Value:
        return like(cast_text(left, context), cast_text(right, context), fold=fold) != negate

    return operator


# Arrays and JSON


def _holds(items: list[Value], wanted: Value, context: Context) -> bool:
    return any(
        item is not None and wanted is not None and equal(item, wanted, context) is True for item in items
    )


def _contains(left: Value, right: Value, context: Context) -> Value:
    if isinstance(left, Json) or isinstance(right, Json):
        one = left if isinstance(left, Json) else cast(left, TypeRef(3802), context)
        other = right if isinstance(right, Json) else cast(right, TypeRef(3802), context)
        return json_contains(one.data, other.data)
    return all(_holds(flat(array_of(left)), item, context) for item in flat(array_of(right)))


def _overlaps(left: Value, right: Value, context: Context) -> Value:
    return any(_holds(flat(array_of(left)), item, context) for item in flat(array_of(right)))


OPERATORS: dict[str, Operator] = {
    "=": equal,
    "<>": _not_equal,
    "!=": _not_equal,
    "<": _ordering(lambda order: order < 0),
    "<=": _ordering(lambda order: order <= 0),
    ">": _ordering(lambda order: order > 0),
    ">=": _ordering(lambda order: order >= 0),
    "||": concatenate,
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _modulo,
    "^": _power,
    "~": _matches("", negate=False),
    "!~": _matches("", negate=True),
    "~*": _matches("i", negate=False),
    "!~*": _matches("i", negate=True),
    "~~": _likes(fold=False, negate=False),
    "!~~": _likes(fold=False, negate=True),
    "~~*": _likes(fold=True, negate=False),
    "!~~*": _likes(fold=True, negate=True),
    "^@": lambda left, right, _context: str(left).startswith(str(right)),
    "@>": _contains,
    "<@": lambda left, right, context: _contains(right, left, context),
    "&&": _overlaps,
    "->": json_get(as_text=False),
    "->>": json_get(as_text=True),
    "#>": json_path(as_text=False),
    "#>>": json_path(as_text=True),
    "?": json_has,
    "?|": json_has_each(any),
    "?&": json_has_each(all),
    "&": lambda left, right, _context: left & right,
    "|": lambda left, right, _context: left | right,
    "<<": lambda left, right, _context: left << right,
    ">>": lambda left, right, _context: left >> right,
    "#": lambda left, right, _context: left ^ right,
}
"""Binary operators by name, for values that are known and not NULL."""
