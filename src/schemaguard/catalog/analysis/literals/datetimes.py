"""Input of dates and times in the ISO formats; what depends on the clock or the session's settings is not guessed."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from schemaguard.catalog.errors import Refused


class NotRead(Exception):  # noqa: N818 - an honest answer, no error
    """The value can't be told from the text alone; the message says why."""


INVALID_DATETIME = "22007"
FIELD_OVERFLOW = "22008"

_CLOCK = {"now", "today", "tomorrow", "yesterday"}
_DATE = r"(?P<year>\d{4,})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d*))?)?"
_ZONE = r"\s*(?P<zone>Z|z|UTC|utc|GMT|gmt|[+-]\d{1,2}(?::?\d{2})?(?::\d{2})?)?"
_ONLY_TIME = re.compile(rf"\s*{_TIME}{_ZONE}\s*\Z")
_DATE_TIME = re.compile(rf"\s*{_DATE}(?:(?:[T ]|\s+){_TIME}{_ZONE})?\s*\Z")
_DATE_ZONE = re.compile(rf"\s*{_DATE}{_ZONE}\s*\Z")
_WORDY = re.compile(r"[A-Za-z0-9 ,.:/+\-_]+\Z")
_WORD = re.compile(r"[A-Za-z]+")
_KNOWN_WORDS = {*_CLOCK, "epoch", "infinity", "allballs"}
"""Words that are a value by themselves. The server skips punctuation: `now()` is `now`."""


def _special(text: str, name: str) -> str | None:
    word = text.strip().lower()
    if word in ("infinity", "-infinity"):
        return word
    if word in _CLOCK or word.split(" ")[0] in _CLOCK:
        raise NotRead(f"'{text}' is read when the statement runs")
    if word == "epoch":
        return {"date": "1970-01-01", "timestamp": "1970-01-01 00:00:00"}.get(name, "1970-01-01 00:00:00+00")
    return None


def _refuse(name: str, text: str) -> Exception:
    """What to do with a text of no ISO format: other formats exist, and some depend on settings."""
    if any(char.isdigit() for char in text) and _WORDY.match(text):
        return NotRead(f"'{text}' is not in an ISO format")
    if _KNOWN_WORDS.intersection(word.lower() for word in _WORD.findall(text)):
        return NotRead(f"'{text}' is read when the statement runs")
    return Refused(INVALID_DATETIME, f'invalid input syntax for type {name}: "{text}"')


def _date_of(match: re.Match[str], text: str) -> date:
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        if int(match["year"]) > 9999:
            raise NotRead(f"the year of '{text}' is beyond what is computed here") from None
        raise Refused(FIELD_OVERFLOW, f'date/time field value out of range: "{text}"') from None


def _microseconds(match: re.Match[str], text: str) -> int:
    """Time of day; 24:00:00 is allowed, as is second 60."""
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    fraction = (match["fraction"] or "")[:7].ljust(7, "0")
    micro = (int(fraction) + 5) // 10
    total = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro
    if hour > 24 or minute > 59 or second > 60 or total > 86_400_000_000:
        raise Refused(FIELD_OVERFLOW, f'date/time field value out of range: "{text}"')
    return total


def _zone_seconds(zone: str | None) -> int:
    if zone is None or zone.upper() in ("Z", "UTC", "GMT"):
        return 0
    digits = zone[1:].replace(":", "")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4] or 0), int(digits[4:6] or 0)
    total = (hours * 60 + minutes) * 60 + seconds
    return -total if zone[0] == "-" else total


def _clock_text(micro: int) -> str:
    seconds, fraction = divmod(micro, 1_000_000)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{fraction:06d}".rstrip("0") if fraction else text


def _rounded(micro: int, precision: int) -> int:
    if precision < 0 or precision >= 6:
        return micro
    unit: int = 10 ** (6 - precision)
    return (micro + unit // 2) // unit * unit


def read_date(text: str, _precision: int) -> str:
    """A date; a time after it is read and dropped.

    Raises:
        Refused: it is none.
        NotRead: it is not in an ISO format.
    """
    if (special := _special(text, "date")) is not None:
        return special
    match = _DATE_TIME.match(text)
    if match is None:
        raise _refuse("date", text)
    if match["hour"]:
        _microseconds(match, text)
    return _date_of(match, text).isoformat()


def read_timestamp(text: str, precision: int) -> str:
    """A timestamp without time zone; a zone is read and dropped."""
    if (special := _special(text, "timestamp")) is not None:
        return special
    match = _DATE_TIME.match(text)
    if match is None:
        raise _refuse("timestamp", text)
    day = _date_of(match, text)
    micro = _rounded(_microseconds(match, text), precision) if match["hour"] else 0
    moment = datetime(day.year, day.month, day.day) + timedelta(microseconds=micro)  # noqa: DTZ001 - has no zone
    return f"{moment.date().isoformat()} {_clock_text(micro % 86_400_000_000)}"


def read_timestamptz(text: str, precision: int) -> str:
    """A timestamp with time zone, in UTC: the zone that a replay presumes."""
    if (special := _special(text, "timestamptz")) is not None:
        return special
    match = _DATE_TIME.match(text) or _DATE_ZONE.match(text)
    if match is None:
        raise _refuse("timestamp with time zone", text)
    day = _date_of(match, text)
    groups = match.groupdict()
    micro = _rounded(_microseconds(match, text), precision) if groups.get("hour") else 0
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - in UTC, as all are here
    moment = midnight + timedelta(microseconds=micro, seconds=-_zone_seconds(groups["zone"]))
    within = moment - datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - likewise
    clock = _clock_text(within // timedelta(microseconds=1))
    return f"{moment.date().isoformat()} {clock}+00"


def read_time(text: str, precision: int) -> str:
    """A time of day."""
    match = _ONLY_TIME.match(text)
    if match is None:
        raise _refuse("time", text)
    return _clock_text(_rounded(_microseconds(match, text), precision))


def read_timetz(text: str, precision: int) -> str:
    """A time of day with its zone, which is kept."""
    match = _ONLY_TIME.match(text)
    if match is None:
        raise _refuse("time with time zone", text)
    seconds = _zone_seconds(match["zone"])
    hours, rest = divmod(abs(seconds), 3600)
    zone = f"{'-' if seconds < 0 else '+'}{hours:02d}" + (f":{rest // 60:02d}" if rest else "")
    return _clock_text(_rounded(_microseconds(match, text), precision)) + zone
