"""Functions on dates and times; the present moment is not known."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.values.casts import cast
from schemaguard.plpgsql.values.kinds import Interval, Unknown, Value
from schemaguard.plpgsql.values.times import SECOND, extract, to_char, truncate

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.context import Context


def _moment(value: Value, context: Context) -> Value:
    """A value as a timestamp."""
    if isinstance(value, str):
        return cast(value, TypeRef(1114), context)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time(), dt.UTC)
    return value


def _date_trunc(context: Context, field: str, value: Value, _zone: str = "") -> Value:
    moment = _moment(value, context)
    found = truncate(field, moment) if isinstance(moment, dt.datetime) else None
    return Unknown(f"`date_trunc('{field}', …)` is not evaluated here") if found is None else found


def _extract(_context: Context, field: str, value: Value) -> Value:
    found = extract(field, value) if isinstance(value, dt.date) else None
    return Unknown(f"`extract({field} …)` is not evaluated here") if found is None else found


def _to_char(_context: Context, value: Value, pattern: str) -> Value:
    if isinstance(value, dt.date):
        found = to_char(value, pattern)
    elif isinstance(value, int) and set(pattern.removeprefix("FM")) == {"0"}:
        digits = pattern.removeprefix("FM")
        found = ("" if pattern.startswith("FM") else " ") + str(value).zfill(len(digits))
    else:
        found = None
    return Unknown(f"`to_char(…, '{pattern}')` is not evaluated here") if found is None else found


def _make_interval(
    _context: Context, years: int = 0, months: int = 0, weeks: int = 0, days: int = 0
) -> Interval:
    return Interval(years * 12 + months, weeks * 7 + days)


def _make_timestamp(
    _context: Context, year: int, month: int, day: int, hour: int, minute: int, second: Value
) -> dt.datetime:
    start = dt.datetime(year, month, day, hour, minute)  # noqa: DTZ001 - a timestamp without time zone
    return start + dt.timedelta(microseconds=int(second * SECOND))


def _to_date(context: Context, text: str, pattern: str) -> Value:
    if pattern.upper() in ("YYYY-MM-DD", "YYYYMMDD"):
        return cast(text, TypeRef(1082), context)
    return Unknown(f"`to_date(…, '{pattern}')` is not evaluated here")


def _now(name: str) -> Callable[[Context], Value]:
    return lambda _context: Unknown(f"`{name}()` is known only when the migration runs")


_CLOCKS = ("now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday", "random")

STRICT = {
    "date_trunc": _date_trunc,
    "extract": _extract,
    "date_part": _extract,
    "to_char": _to_char,
    "to_date": _to_date,
    "make_date": lambda _context, year, month, day: dt.date(year, month, day),
    "make_interval": _make_interval,
    "make_timestamp": _make_timestamp,
    "date": lambda context, value: cast(value, TypeRef(1082), context),
}
CALLED_ON_NULL = {name: _now(name) for name in (*_CLOCKS, "gen_random_uuid")}
