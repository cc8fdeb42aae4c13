"""Input of intervals, printed in the style `postgres`."""

from __future__ import annotations

import re
from fractions import Fraction

from schemaguard.catalog.analysis.typmods import INTERVAL_FULL_PRECISION, INTERVAL_FULL_RANGE
from schemaguard.catalog.errors import Refused

_MICRO = {"microsecond": 1, "millisecond": 1000, "second": 10**6, "minute": 60 * 10**6, "hour": 3600 * 10**6}
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12, "decade": 120, "century": 1200, "millennium": 12000}
_UNITS = {
    "us": "microsecond", "usec": "microsecond", "usecs": "microsecond", "usecond": "microsecond",
    "useconds": "microsecond", "microsecon": "microsecond",
    "ms": "millisecond", "msec": "millisecond", "msecs": "millisecond", "msecond": "millisecond",
    "mseconds": "millisecond", "millisecon": "millisecond",
    "s": "second", "sec": "second", "secs": "second",
    "m": "minute", "min": "minute", "mins": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour",
    "d": "day", "w": "week", "mon": "month", "mons": "month",
    "y": "year", "yr": "year", "yrs": "year", "dec": "decade", "decs": "decade",
    "c": "century", "cent": "century", "centuries": "century", "mil": "millennium", "mils": "millennium",
    "millennia": "millennium",
}  # fmt: skip
for _name in (*_MICRO, *_DAYS, *_MONTHS):
    _UNITS[_name] = _name
    _UNITS[f"{_name}s"] = _name

_PART = re.compile(
    r"\s*(?:(?P<sign>[+-]?)(?P<hour>\d+):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2}(?:\.\d*)?))?"
    r"|(?P<years>[+-]?\d+)-(?P<months>\d+)(?![\d:])"
    r"|(?P<number>[+-]?\s*(?:\d+\.?\d*|\.\d+))\s*(?P<unit>[A-Za-z]+)?)\s*"
)
_ISO = re.compile(r"P(?=[\dT+-])(?:(?P<date>(?:[+-]?[\d.]+[YMWD])*))(?:T(?P<time>(?:[+-]?[\d.]+[HMS])+))?\Z")
_ISO_PART = re.compile(r"([+-]?[\d.]+)([A-Z])")
_ISO_DATE = {"Y": "year", "M": "month", "W": "week", "D": "day"}
_ISO_TIME = {"H": "hour", "M": "minute", "S": "second"}
_FIELD_OF_BARE_NUMBER = {1 << 2: "year", 1 << 1: "month", 1 << 3: "day", 1 << 10: "hour", 1 << 11: "minute"}


class Interval:
    """Months, days and microseconds, counted apart as the server does."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.months = Fraction(0)
        self.days = Fraction(0)
        self.micro = Fraction(0)

    def add(self, number: Fraction, unit: str) -> None:
        """Add so many of a unit; what is left of a unit goes to the next smaller one, at 30 days a month."""
        if unit in _MONTHS:
            months = number * _MONTHS[unit]
            whole = Fraction(int(months))
            self.months += whole
            if unit == "month" or months != whole:
                self.add((months - whole) * 30, "day")
        elif unit in _DAYS:
            days = number * _DAYS[unit]
            whole = Fraction(int(days))
            self.days += whole
            self.micro += (days - whole) * 86400 * 10**6
        else:
            self.micro += number * _MICRO[unit]


def read_interval(text: str, typmod: int) -> str:
    """An interval, with the fields and the precision of its modifier applied.

    Raises:
        Refused: it is none.
    """
    fields = typmod >> 16 & 0x7FFF if typmod >= 0 else INTERVAL_FULL_RANGE
    precision = typmod & 0xFFFF if typmod >= 0 else INTERVAL_FULL_PRECISION
    stripped = text.strip()
    if stripped.lower() in ("infinity", "-infinity"):
        return stripped.lower()
    found = _read_iso(stripped, text) if stripped[:1] == "P" else _read_words(stripped, text, fields)
    _truncate(found, fields)
    micro = round(found.micro)
    if precision < 6:
        unit = 10 ** (6 - precision)
        micro = (abs(micro) + unit // 2) // unit * unit * (-1 if micro < 0 else 1)
    return print_interval(int(found.months), int(found.days), micro)


def _invalid(text: str) -> Refused:
    return Refused("22007", f'invalid input syntax for type interval: "{text}"')


def _read_iso(stripped: str, text: str) -> Interval:
    match = _ISO.match(stripped)
    if match is None:
        raise _invalid(text)
    found = Interval()
    for part, units in ((match["date"], _ISO_DATE), (match["time"], _ISO_TIME)):
        for number, letter in _ISO_PART.findall(part or ""):
            found.add(Fraction(number), units[letter])
    return found


def _read_words(stripped: str, text: str, fields: int) -> Interval:
    stripped = stripped.removeprefix("@").strip()
    ago = stripped.lower().endswith(" ago")
    if ago:
        stripped = stripped[:-4]
    found, at = Interval(), 0
    if not stripped:
        raise _invalid(text)
    while at < len(stripped):
        match = _PART.match(stripped, at)
        if match is None or match.end() == at:
            raise _invalid(text)
        _add_part(found, match, text, fields)
        at = match.end()
    if ago:
        found.months, found.days, found.micro = -found.months, -found.days, -found.micro
    return found


def _add_part(found: Interval, match: re.Match[str], text: str, fields: int) -> None:
    if match["hour"]:
        sign = -1 if match["sign"] == "-" else 1
        first, second = ("hour", "minute") if not _minutes_first(match, fields) else ("minute", "second")
        found.add(sign * Fraction(match["hour"]), first)
        found.add(sign * Fraction(match["minute"]), second)
        found.add(sign * Fraction(match["second"] or 0), "second")
    elif match["years"]:
        sign = -1 if match["years"].startswith("-") else 1
        found.add(Fraction(match["years"]), "year")
        found.add(sign * Fraction(match["months"]), "month")
    else:
        unit = _FIELD_OF_BARE_NUMBER.get(fields, "second")
        if match["unit"]:
            unit = _UNITS.get(match["unit"].lower(), "")
            if not unit:
                raise _invalid(text)
        found.add(Fraction(re.sub(r"\s", "", match["number"])), unit)


def _minutes_first(match: re.Match[str], fields: int) -> bool:
    """Whether ``a:b`` means minutes and seconds: only for `interval minute to second`."""
    return fields == 1 << 11 | 1 << 12 and match["second"] is None


def _truncate(found: Interval, fields: int) -> None:
    """Drop what is below the last field of `interval hour to minute` and its like (`AdjustIntervalForTypmod`)."""
    if fields == INTERVAL_FULL_RANGE or fields & 1 << 12:
        return
    if fields & 1 << 11:
        unit = 60 * 10**6
    elif fields & 1 << 10:
        unit = 3600 * 10**6
    else:
        found.micro = Fraction(0)
        if not fields & 1 << 3:
            found.days = Fraction(0)
            if not fields & 1 << 1:
                found.months = Fraction(int(found.months / 12) * 12)
        return
    found.micro = Fraction(int(found.micro / unit) * unit)


def print_interval(months: int, days: int, micro: int) -> str:
    """The interval as `interval_out` prints it in the style `postgres`."""
    parts: list[str] = []
    years, left = int(months / 12), months - int(months / 12) * 12
    negative = False
    for number, unit in ((years, "year"), (left, "mon"), (days, "day")):
        if number:
            plus = "+" if negative and number > 0 else ""
            parts.append(f"{plus}{number} {unit}{'' if number == 1 else 's'}")
            negative = number < 0
    if micro or not parts:
        sign = "-" if micro < 0 else "+" if negative else ""
        seconds, fraction = divmod(abs(micro), 10**6)
        clock = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        parts.append(f"{clock}.{fraction:06d}".rstrip("0") if fraction else clock)
    return " ".join(parts)
