"""Input of the numeric types."""

from __future__ import annotations

import re
import struct
from decimal import Decimal, InvalidOperation

from schemaguard.catalog.errors import Refused

INVALID_TEXT = "22P02"
OUT_OF_RANGE = "22003"
UNDERSCORES_SINCE = 16

_BITS = {"smallint": 15, "integer": 31, "bigint": 63}
_INTEGER = re.compile(r"[+-]?\d+\Z")
_INTEGER_16 = re.compile(
    r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|\d+(?:_\d+)*)\Z"
)
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?\Z")
_SPACE = " \t\n\r\v\f"
_SPECIAL_FLOATS = {
    "nan": "NaN", "infinity": "Infinity", "inf": "Infinity", "+infinity": "Infinity", "+inf": "Infinity",
    "-infinity": "-Infinity", "-inf": "-Infinity",
}  # fmt: skip


def invalid(name: str, text: str) -> Refused:
    """The server's answer to a text that is no value of a type."""
    return Refused(INVALID_TEXT, f'invalid input syntax for type {name}: "{text}"')


def read_integer(text: str, name: str, version: int) -> str:
    """A smallint, integer or bigint.

    Raises:
        Refused: it is no number, or too large.
    """
    stripped = text.strip(_SPACE)
    if not (_INTEGER_16 if version >= UNDERSCORES_SINCE else _INTEGER).match(stripped):
        raise invalid(name, text)
    prefixed = stripped.lstrip("+-")[:2].lower() in ("0x", "0o", "0b")
    value = int(stripped, 0) if prefixed else int(stripped)
    limit = 1 << _BITS[name]
    if not -limit <= value < limit:
        raise Refused(OUT_OF_RANGE, f'value "{text}" is out of range for type {name}')
    return str(value)


def read_oid(text: str, _version: int) -> str:
    """An oid: 32 bits without sign; a negative one wraps around."""
    stripped = text.strip(_SPACE)
    if not _INTEGER.match(stripped):
        raise invalid("oid", text)
    value = int(stripped)
    if not -(1 << 31) <= value < 1 << 32:
        raise Refused(OUT_OF_RANGE, f'value "{text}" is out of range for type oid')
    return str(value % (1 << 32))


def read_numeric(text: str, version: int) -> str:
    """A numeric: its digits after the point are kept, an exponent is worked in.

    Raises:
        Refused: it is no number.
    """
    stripped = text.strip(_SPACE)
    special = _SPECIAL_FLOATS.get(stripped.lower())
    if special is not None:
        return special
    if version >= UNDERSCORES_SINCE and stripped.lstrip("+-")[:2].lower() in ("0x", "0o", "0b"):
        if not _INTEGER_16.match(stripped):
            raise invalid("numeric", text)
        return str(int(stripped, 0))
    if not _DECIMAL.match(stripped) or (version < UNDERSCORES_SINCE and "_" in stripped):
        raise invalid("numeric", text)
    try:
        value = Decimal(stripped.replace("_", ""))
    except InvalidOperation:
        raise invalid("numeric", text) from None
    return print_numeric(value)


def print_numeric(value: Decimal) -> str:
    """A number as `numeric_out` prints it: never with an exponent, never a negative zero."""
    shown = format(value, "f")
    return shown.lstrip("-") if not value else shown


def read_float(text: str, name: str, *, single: bool) -> str:
    """A real or double precision, as short as it can be written and still be read as the same number.

    Raises:
        Refused: it is no number, or too large or small.
    """
    stripped = text.strip(_SPACE)
    special = _SPECIAL_FLOATS.get(stripped.lower())
    if special is not None:
        return special
    if not _DECIMAL.match(stripped) or "_" in stripped:
        raise invalid(name, text)
    value = float(stripped)
    nonzero = any(digit in "123456789" for digit in stripped.lower().partition("e")[0])
    if single:
        try:
            value = struct.unpack("f", struct.pack("f", value))[0]
        except OverflowError:
            value = float("inf")
    if value in (float("inf"), float("-inf")) or (nonzero and not value):
        raise Refused(OUT_OF_RANGE, f'"{text}" is out of range for type {name}')
    return print_float(value, single=single)


def print_float(value: float, *, single: bool) -> str:
    """A float as `float8out` (or `float4out`) prints it with `extra_float_digits` 1, the default."""
    if single:
        digits = next(
            text
            for precision in range(1, 10)
            if struct.pack("f", float(text := f"{value:.{precision - 1}e}")) == struct.pack("f", value)
        )
    else:
        digits = next(
            text for precision in range(1, 18) if float(text := f"{value:.{precision - 1}e}") == value
        )
    mantissa, _, exponent = digits.partition("e")
    power = int(exponent)
    if -4 <= power < (6 if single else 15):
        return format(Decimal(digits), "f")
    return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
