"""Type modifiers: what stands in parentheses after a type's name, as the server encodes and prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.builtin.types import (
    BIT,
    BPCHAR,
    BY_OID,
    INTERVAL,
    NUMERIC,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    TIMETZ,
    VARBIT,
    VARCHAR,
)
from schemaguard.catalog.errors import INVALID_PARAMETER, SYNTAX_ERROR, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.statements.statement import Node

HEADER = 4
"""VARHDRSZ: what the server adds to the length of varchar(n) and to numeric's modifier."""

NEGATIVE_SCALE_SINCE = 15
MAX_CHARACTERS = 10485760
MAX_BITS = 83886080
MAX_PRECISION = 1000
MAX_FRACTION_DIGITS = 6
INTERVAL_FULL_RANGE = 0x7FFF
INTERVAL_FULL_PRECISION = 0xFFFF
_YEAR, _MONTH, _DAY, _HOUR, _MINUTE, _SECOND = 1 << 2, 1 << 1, 1 << 3, 1 << 10, 1 << 11, 1 << 12
INTERVAL_FIELDS = {
    _YEAR: " year",
    _MONTH: " month",
    _DAY: " day",
    _HOUR: " hour",
    _MINUTE: " minute",
    _SECOND: " second",
    _YEAR | _MONTH: " year to month",
    _DAY | _HOUR: " day to hour",
    _DAY | _HOUR | _MINUTE: " day to minute",
    _DAY | _HOUR | _MINUTE | _SECOND: " day to second",
    _HOUR | _MINUTE: " hour to minute",
    _HOUR | _MINUTE | _SECOND: " hour to second",
    _MINUTE | _SECOND: " minute to second",
    INTERVAL_FULL_RANGE: "",
}


def modifier_texts(nodes: list[Node], offset: int) -> list[str]:
    """The modifiers of a TypeName as text, as the server hands them to the type's `typmodin`.

    Raises:
        Refused: one is neither a constant nor a single name.
    """
    found: list[str] = []
    for node in nodes:
        if (constant := node.get("A_Const")) is not None and not constant.get("isnull"):
            found.append(_constant_text(constant))
        elif (column := node.get("ColumnRef")) is not None and len(column["fields"]) == 1:
            found.append(str(column["fields"][0].get("String", {}).get("sval", "")))
        else:
            raise Refused(
                SYNTAX_ERROR, "type modifiers must be simple constants or identifiers", offset=offset
            )
    return found


def _constant_text(constant: Node) -> str:
    if "ival" in constant:
        return str(constant["ival"].get("ival", 0))
    if "fval" in constant:
        return str(constant["fval"]["fval"])
    return str(constant.get("sval", {}).get("sval", ""))


def encode(oid: int, texts: list[str], version: int, offset: int = -1) -> int:
    """The `typmod` of a built-in type's modifiers.

    Raises:
        Refused: the type takes none, or these are out of its range.
    """
    encoder = _ENCODERS.get(oid)
    if encoder is None:
        name = BY_OID[oid].name
        raise Refused(SYNTAX_ERROR, f'type modifier is not allowed for type "{name}"', offset=offset)
    try:
        values = [int(text) for text in texts]
    except ValueError:
        bad = next(text for text in texts if not text.lstrip("+-").isdigit())
        raise Refused("22P02", f'invalid input syntax for type integer: "{bad}"', offset=offset) from None
    return encoder(oid, values, version)


def _character(oid: int, values: list[int], _version: int) -> int:
    name = "varchar" if oid == VARCHAR else "char"
    return _length(values, name, MAX_CHARACTERS) + HEADER


def _bits(oid: int, values: list[int], _version: int) -> int:
    return _length(values, "bit" if oid == BIT else "varbit", MAX_BITS)


def _length(values: list[int], name: str, maximum: int) -> int:
    if len(values) != 1:
        raise Refused(INVALID_PARAMETER, "invalid type modifier")
    if values[0] < 1:
        raise Refused(INVALID_PARAMETER, f"length for type {name} must be at least 1")
    if values[0] > maximum:
        raise Refused(INVALID_PARAMETER, f"length for type {name} cannot exceed {maximum}")
    return values[0]


def _numeric(_oid: int, values: list[int], version: int) -> int:
    if len(values) > 2:
        raise Refused(INVALID_PARAMETER, "invalid NUMERIC type modifier")
    precision, scale = values[0], values[1] if len(values) > 1 else 0
    if not 1 <= precision <= MAX_PRECISION:
        raise Refused(
            INVALID_PARAMETER, f"NUMERIC precision {precision} must be between 1 and {MAX_PRECISION}"
        )
    if version >= NEGATIVE_SCALE_SINCE:
        if abs(scale) > MAX_PRECISION:
            raise Refused(
                INVALID_PARAMETER,
                f"NUMERIC scale {scale} must be between -{MAX_PRECISION} and {MAX_PRECISION}",
            )
        return (precision << 16 | scale & 0x7FF) + HEADER
    if not 0 <= scale <= precision:
        raise Refused(INVALID_PARAMETER, f"NUMERIC scale {scale} must be between 0 and precision {precision}")
    return (precision << 16 | scale) + HEADER


def _fraction(oid: int, values: list[int], _version: int) -> int:
    if len(values) != 1:
        raise Refused(INVALID_PARAMETER, "invalid type modifier")
    if values[0] < 0:
        name = "TIMESTAMP" if oid in (TIMESTAMP, TIMESTAMPTZ) else "TIME"
        zone = " WITH TIME ZONE" if oid in (TIMESTAMPTZ, TIMETZ) else ""
        raise Refused(INVALID_PARAMETER, f"{name}({values[0]}){zone} precision must not be negative")
    return min(values[0], MAX_FRACTION_DIGITS)  # the server warns, and takes the most it has


def _interval(_oid: int, values: list[int], _version: int) -> int:
    if values[0] not in INTERVAL_FIELDS:
        raise Refused(INVALID_PARAMETER, "invalid INTERVAL type modifier")
    if len(values) == 1:
        return -1 if values[0] == INTERVAL_FULL_RANGE else values[0] << 16 | INTERVAL_FULL_PRECISION
    if values[1] < 0:
        raise Refused(INVALID_PARAMETER, f"INTERVAL({values[1]}) precision must not be negative")
    return values[0] << 16 | min(values[1], MAX_FRACTION_DIGITS)


_ENCODERS: dict[int, Callable[[int, list[int], int], int]] = {
    VARCHAR: _character,
    BPCHAR: _character,
    BIT: _bits,
    VARBIT: _bits,
    NUMERIC: _numeric,
    TIME: _fraction,
    TIMETZ: _fraction,
    TIMESTAMP: _fraction,
    TIMESTAMPTZ: _fraction,
    INTERVAL: _interval,
}


def numeric_precision_scale(typmod: int, version: int = 16) -> tuple[int, int] | None:
    """Precision and scale of a `numeric(p,s)`, None for an unconstrained one."""
    if typmod < HEADER:
        return None
    packed = typmod - HEADER
    if version < NEGATIVE_SCALE_SINCE:
        return packed >> 16, packed & 0xFFFF
    return packed >> 16, (packed & 0x7FF ^ 0x400) - 0x400


def decorate(oid: int, name: str, typmod: int, version: int) -> str:
    """The SQL name of a built-in type with its modifier in it: ``timestamp(3) with time zone``."""
    if oid in (VARCHAR, BPCHAR):
        return f"{name}({typmod - HEADER})"
    if oid in (BIT, VARBIT):
        return f"{name}({typmod})"
    if oid == NUMERIC and (parts := numeric_precision_scale(typmod, version)) is not None:
        return f"{name}({parts[0]},{parts[1]})"
    if oid in (TIME, TIMETZ, TIMESTAMP, TIMESTAMPTZ):
        first, rest = name.split(" ", 1)
        return f"{first}({typmod}) {rest}"
    if oid == INTERVAL:
        precision = typmod & 0xFFFF
        fields = INTERVAL_FIELDS[typmod >> 16 & 0x7FFF]
        return f"{name}{fields}" + (f"({precision})" if precision != INTERVAL_FULL_PRECISION else "")
    return name


def characters(typmod: int) -> int | None:
    """The n of a varchar(n) or char(n), None for no limit."""
    return typmod - HEADER if typmod >= HEADER else None


_SHAPES = (
    "Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    "GeometryCollection", "CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface",
    "PolyhedralSurface", "Triangle", "Tin",
)  # fmt: skip
_SPELLINGS = {
    f"{shape}{suffix}".lower(): f"{shape}{suffix}" for shape in _SHAPES for suffix in ("", "Z", "M", "ZM")
}


def spatial_modifier(texts: list[str], *, geographic: bool) -> list[str]:
    """The modifiers of PostGIS's types as it prints them: ``Point``, and no reference system 0."""
    shape = _SPELLINGS.get(texts[0].lower(), texts[0])
    system = texts[1] if len(texts) > 1 else "0"
    if geographic and system == "0":
        system = "4326"
    return [shape] if system == "0" else [shape, system]
