"""Dates, times and intervals: reading, printing and arithmetic as PostgreSQL does them with its default settings.

Only the ISO forms are read; a form that depends on the day on which the migration runs (`now`, `today`) is unknown.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any

from schemaguard.plpgsql.values.kinds import Interval

_DATE = re.compile(r"(\d{4,})-(\d{1,2})-(\d{1,2})$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?\s*(z|utc|[+-]\d{1,2}(?::?\d{2})?)?$", re.IGNORECASE
)
_PART = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([a-z]+)", re.IGNORECASE)
_CLOCK = re.compile(r"([+-]?)(\d+):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?$")

SECOND = 1_000_000
DAY = 86_400 * SECOND

_MONTHS = {"year": 12, "decade": 120, "century": 1200, "millennium": 12000, "month": 1}
_DAYS = {"day": 1, "week": 7}
_CLOCKS = {
    "hour": 3600 * SECOND,
    "minute": 60 * SECOND,
    "second": SECOND,
    "millisecond": 1000,
    "microsecond": 1,
}
_SHORT = {
    "y": "year", "yr": "year", "yrs": "year", "years": "year", "mon": "month", "mons": "month", "months": "month",
    "d": "day", "days": "day", "w": "week", "weeks": "week", "h": "hour", "hr": "hour", "hrs": "hour",
    "hours": "hour", "m": "minute", "min": "minute", "mins": "minute", "minutes": "minute", "s": "second",
    "sec": "second", "secs": "second", "seconds": "second", "decades": "decade", "centuries": "century",
    "ms": "millisecond", "milliseconds": "millisecond", "us": "microsecond", "microseconds": "microsecond",
    "millennia": "millennium",
}  # fmt: skip


def read_date(text: str) -> dt.date | None:
    """A date in ISO form (a time after it is dropped), or None."""
    word = text.strip().replace("T", " ").split(" ")[0]
    match = _DATE.match(word) or _COMPACT.match(word)
    if match is None:
        return None
    try:
        return dt.date(*map(int, match.groups()))
    except ValueError:
        return None


def read_timestamp(text: str, *, zone: bool) -> dt.datetime | None:
    """A timestamp in ISO form; with `zone` one that names no zone is taken as UTC. None for any other form."""
    words = text.strip().replace("T", " ").split(" ", 1)
    date = read_date(words[0])
    if date is None:
        return None
    clock = dt.time()
    offset = dt.timedelta()
    if len(words) > 1:
        match = _TIME.match(words[1].strip())
        if match is None:
            return None
        hour, minute, second, fraction, offset_text = match.groups()
        clock = dt.time(int(hour), int(minute), int(second or 0), int((fraction or "0").ljust(6, "0")))
        offset = _offset(offset_text)
    found = dt.datetime.combine(date, clock)
    return (found - offset).replace(tzinfo=dt.UTC) if zone else found


def _offset(text: str | None) -> dt.timedelta:
    if not text or text.lower() in ("z", "utc"):
        return dt.timedelta()
    sign = -1 if text[0] == "-" else 1
    digits = (
        text[1:].replace(":", "").ljust(4, "0") if ":" in text or len(text) > 3 else text[1:].zfill(2) + "00"
    )
    return sign * dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))


def read_interval(text: str) -> Interval | None:
    """An interval such as ``1 month 3 days``, ``01:30:00`` or ``P`` forms not; None for what is not read."""
    months = days = microseconds = 0
    rest = text.strip().lower()
    sign = -1 if rest.endswith(" ago") else 1
    rest = rest.removesuffix(" ago").removeprefix("@").strip()
    while rest:
        if (clock := _CLOCK.match(rest)) is not None:
            minus, hours, minutes, seconds, fraction = clock.groups()
            span = (int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)) * SECOND
            span += int((fraction or "0").ljust(6, "0"))
            microseconds += -span if minus == "-" else span
            break
        part = _PART.match(rest)
        if part is None:
            return None
        number, unit = float(part[1]), _SHORT.get(part[2], part[2])
        if unit in _MONTHS:
            months += round(number * _MONTHS[unit])
        elif unit in _DAYS:
            days += int(number * _DAYS[unit])
            microseconds += round((number * _DAYS[unit] % 1) * DAY)
        elif unit in _CLOCKS:
            microseconds += round(number * _CLOCKS[unit])
        else:
            return None
        rest = rest[part.end() :].strip(" ,")
    return Interval(sign * months, sign * days, sign * microseconds)


def add(moment: dt.date | dt.datetime, span: Interval, sign: int = 1) -> dt.datetime:
    """A date or timestamp plus (or with `sign` -1 minus) an interval: months first, then days, then the clock."""
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time())
    month = moment.month - 1 + sign * span.months
    year, month = moment.year + month // 12, month % 12 + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    moved = moment.replace(year=year, month=month, day=day)
    return moved + sign * dt.timedelta(days=span.days, microseconds=span.microseconds)


def combine(left: Interval, right: Interval, sign: int = 1) -> Interval:
    """The sum (or difference) of two intervals."""
    return Interval(
        left.months + sign * right.months,
        left.days + sign * right.days,
        left.microseconds + sign * right.microseconds,
    )


def truncate(field: str, moment: dt.datetime) -> dt.datetime | None:
    """`date_trunc`; None for a field that is not known here."""
    start = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    match field.lower():
        case "microseconds":
            return moment
        case "second":
            return moment.replace(microsecond=0)
        case "minute":
            return moment.replace(second=0, microsecond=0)
        case "hour":
            return moment.replace(minute=0, second=0, microsecond=0)
        case "day":
            return moment.replace(**start)  # type: ignore[arg-type]  # the fields of a clock
        case "week":
            return moment.replace(**start) - dt.timedelta(days=moment.weekday())  # type: ignore[arg-type]
        case "month":
            return moment.replace(day=1, **start)  # type: ignore[arg-type]
        case "quarter":
            return moment.replace(month=(moment.month - 1) // 3 * 3 + 1, day=1, **start)  # type: ignore[arg-type]
        case "year":
            return moment.replace(month=1, day=1, **start)  # type: ignore[arg-type]
    return None


def extract(field: str, moment: dt.date | dt.datetime) -> int | None:
    """`extract(field FROM moment)` for the whole-number fields; None for another."""
    clock = moment if isinstance(moment, dt.datetime) else dt.datetime.combine(moment, dt.time())
    return {
        "year": clock.year, "month": clock.month, "day": clock.day, "hour": clock.hour, "minute": clock.minute,
        "quarter": (clock.month + 2) // 3, "dow": clock.isoweekday() % 7, "isodow": clock.isoweekday(),
        "doy": clock.timetuple().tm_yday, "week": clock.isocalendar()[1], "isoyear": clock.isocalendar()[0],
    }.get(field.lower())  # fmt: skip


_PATTERNS = {
    "YYYY": "%Y", "IYYY": "%G", "YY": "%y", "MM": "%m", "DDD": "%j", "DD": "%d", "HH24": "%H", "HH12": "%I",
    "HH": "%I", "MI": "%M", "SS": "%S", "IW": "%V", "ID": "%u",
}  # fmt: skip
_PATTERN = re.compile("|".join(sorted(_PATTERNS, key=len, reverse=True)) + r'|"[^"]*"|[A-Za-z]+|.', re.DOTALL)


def to_char(moment: dt.date | dt.datetime, pattern: str) -> str | None:
    """`to_char` with the numeric patterns; None where another is used."""
    out = []
    for match in _PATTERN.finditer(pattern):
        part = match[0]
        if part.upper() in _PATTERNS:
            code = _PATTERNS[part.upper()]
            out.append(f"{moment.year:04d}" if code == "%Y" else moment.strftime(code))
        elif part == "Q":
            out.append(str((moment.month + 2) // 3))
        elif part.startswith('"'):
            out.append(part[1:-1])
        elif part.isalpha():
            return None
        else:
            out.append(part)
    return "".join(out)


def print_time(value: Any) -> str:  # noqa: ANN401 - date, time, datetime or Interval
    """The value as the server prints it with DateStyle ISO, IntervalStyle postgres and TimeZone UTC."""
    if isinstance(value, Interval):
        return _print_interval(value)
    if isinstance(value, dt.datetime):
        text = value.strftime("%H:%M:%S") + _fraction(value.microsecond)
        return f"{value.year:04d}-{value.month:02d}-{value.day:02d} {text}" + ("+00" if value.tzinfo else "")
    if isinstance(value, dt.time):
        return value.strftime("%H:%M:%S") + _fraction(value.microsecond)
    return str(value.isoformat())


def _fraction(microseconds: int) -> str:
    return f".{microseconds:06d}".rstrip("0") if microseconds else ""


def _print_interval(value: Interval) -> str:
    parts = []
    years, months = divmod(abs(value.months), 12)
    sign = -1 if value.months < 0 else 1
    for number, word in ((sign * years, "year"), (sign * months, "mon"), (value.days, "day")):
        if number:
            parts.append(f"{number} {word}{'' if number == 1 else 's'}")
    if value.microseconds or not parts:
        rest = abs(value.microseconds)
        clock = f"{rest // (3600 * SECOND):02d}:{rest // (60 * SECOND) % 60:02d}:{rest // SECOND % 60:02d}"
        parts.append(("-" if value.microseconds < 0 else "") + clock + _fraction(rest % SECOND))
    return " ".join(parts)
