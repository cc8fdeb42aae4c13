"""Functions on numbers, and the few on values of any type."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from schemaguard.plpgsql.expressions.operators import OPERATORS
from schemaguard.plpgsql.values.casts import kind_name

if TYPE_CHECKING:
    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.values.kinds import Value


def _rounded(value: Value, places: int, how: str) -> Value:
    if isinstance(value, int):
        return value if places >= 0 else int(Decimal(value).quantize(Decimal(1).scaleb(-places), how))
    if isinstance(value, float):
        how = ROUND_HALF_EVEN if how == ROUND_HALF_UP else how
        return float(Decimal(value).quantize(Decimal(1).scaleb(-places), how))
    return value.quantize(Decimal(1).scaleb(-places), how)


STRICT = {
    "abs": lambda _context, value: abs(value),
    "round": lambda _context, value, places=0: _rounded(value, places, ROUND_HALF_UP),
    "trunc": lambda _context, value, places=0: _rounded(value, places, ROUND_DOWN),
    "ceil": lambda _context, value: _rounded(value, 0, ROUND_CEILING),
    "ceiling": lambda _context, value: _rounded(value, 0, ROUND_CEILING),
    "floor": lambda _context, value: _rounded(value, 0, ROUND_FLOOR),
    "mod": lambda context, one, other: OPERATORS["%"](one, other, context),
    "div": lambda context, one, other: OPERATORS["/"](one, other, context),
    "power": lambda context, one, other: OPERATORS["^"](one, other, context),
    "sign": lambda _context, value: (value > 0) - (value < 0),
    "sqrt": lambda _context, value: math.sqrt(value),
}
CALLED_ON_NULL = {
    "num_nulls": lambda _context, *values: sum(value is None for value in values),
    "num_nonnulls": lambda _context, *values: sum(value is not None for value in values),
    "pg_typeof": lambda context, value: kind_name(value, context),
}


def is_number(value: Value, _context: Context | None = None) -> bool:
    """Whether a value is a number."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
