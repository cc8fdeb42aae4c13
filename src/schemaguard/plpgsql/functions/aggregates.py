"""Aggregate functions: the values of a group in, one value out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from schemaguard.plpgsql.expressions.operators import OPERATORS, compare
from schemaguard.plpgsql.functions.arrays import json_object, json_of
from schemaguard.plpgsql.values.kinds import Json, Unknown, Value, first_unknown
from schemaguard.plpgsql.values.output import cast_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.context import Context

Rows = list[tuple[Value, ...]]


def _known(rows: Rows) -> list[Value]:
    return [row[0] for row in rows if row[0] is not None]


def _sum(context: Context, rows: Rows) -> Value:
    values = _known(rows)
    total = values[0] if values else None
    for value in values[1:]:
        total = OPERATORS["+"](total, value, context)
    return total


def _average(context: Context, rows: Rows) -> Value:
    values = _known(rows)
    total = _sum(context, rows)
    if total is None or isinstance(total, (float, Unknown)):
        return total / len(values) if isinstance(total, float) else total
    return OPERATORS["/"](Decimal(total), Decimal(len(values)), context)


def _extreme(wanted: int) -> Callable[[Context, Rows], Value]:
    def run(context: Context, rows: Rows) -> Value:
        best: Value = None
        for value in _known(rows):
            order = wanted if best is None else compare(value, best, context)
            if isinstance(order, Unknown):
                return order
            best = value if order == wanted else best
        return best

    return run


def _string_agg(context: Context, rows: Rows) -> Value:
    known = [row for row in rows if row[0] is not None]
    if not known:
        return None
    out = [cast_text(known[0][0], context)]
    for row in known[1:]:
        out += ["" if row[1] is None else cast_text(row[1], context), cast_text(row[0], context)]
    return "".join(out)


def _object_agg(context: Context, rows: Rows) -> Value:
    return json_object(context, *(value for row in rows for value in row)) if rows else None


def _json_agg(context: Context, rows: Rows) -> Value:
    return Json([json_of(row[0], context) for row in rows]) if rows else None


def _guarded(run: Callable[[Context, Rows], Value]) -> Callable[[Context, Rows], Value]:
    """The aggregate, unknown where a value is."""

    def guarded(context: Context, rows: Rows) -> Value:
        for row in rows:
            if (unknown := first_unknown(row)) is not None:
                return unknown
        return run(context, rows)

    return guarded


AGGREGATES: dict[str, Callable[[Context, Rows], Value]] = {
    "count": lambda _context, rows: sum(all(value is not None for value in row) for row in rows),
    "sum": _guarded(_sum),
    "avg": _guarded(_average),
    "min": _guarded(_extreme(-1)),
    "max": _guarded(_extreme(1)),
    "array_agg": lambda _context, rows: [row[0] for row in rows] or None,
    "string_agg": _guarded(_string_agg),
    "bool_and": _guarded(lambda _context, rows: all(_known(rows)) if _known(rows) else None),
    "every": _guarded(lambda _context, rows: all(_known(rows)) if _known(rows) else None),
    "bool_or": _guarded(lambda _context, rows: any(_known(rows)) if _known(rows) else None),
    "json_agg": _guarded(_json_agg),
    "jsonb_agg": _guarded(_json_agg),
    "json_object_agg": _guarded(_object_agg),
    "jsonb_object_agg": _guarded(_object_agg),
}
