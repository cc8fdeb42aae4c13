"""An untyped literal read as a value of a type."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.literals import datetimes, misc, numbers
from schemaguard.catalog.analysis.literals.containers import read_array, read_range, read_row
from schemaguard.catalog.analysis.literals.datetimes import NotRead
from schemaguard.catalog.analysis.literals.intervals import read_interval
from schemaguard.catalog.analysis.literals.json_values import read_json, read_jsonb, read_path
from schemaguard.catalog.analysis.literals.objects import REG_TYPES, read_object
from schemaguard.catalog.analysis.tree import Const
from schemaguard.catalog.analysis.type_info import row_columns
from schemaguard.catalog.builtin import types as pg
from schemaguard.catalog.errors import FEATURE_NOT_SUPPORTED, Refused
from schemaguard.catalog.model import Type

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.state import Catalog

_AS_IT_IS = frozenset((pg.TEXT, pg.VARCHAR, pg.BPCHAR, pg.UNKNOWN, pg.CSTRING, pg.XML, pg.REFCURSOR))
_TEXT_OF_EXTENSIONS = frozenset(("citext", "lo"))
_SIMPLE: dict[int, Callable[[str], str]] = {
    pg.BOOL: misc.read_bool,
    pg.NAME: misc.read_name,
    pg.CHAR: lambda text: text[:1],
    pg.UUID: misc.read_uuid,
    pg.BYTEA: misc.read_bytea,
    pg.INET: misc.read_inet,
    pg.CIDR: misc.read_cidr,
    829: misc.read_macaddr,
    pg.BIT: misc.read_bits,
    pg.VARBIT: misc.read_bits,
    pg.JSON: read_json,
    pg.JSONB: read_jsonb,
    pg.POINT: misc.read_point,
    pg.JSONPATH: read_path,
    pg.FLOAT4: lambda text: numbers.read_float(text, "real", single=True),
    pg.FLOAT8: lambda text: numbers.read_float(text, "double precision", single=False),
}
_BY_VERSION: dict[int, Callable[[str, int], str]] = {
    pg.INT2: lambda text, version: numbers.read_integer(text, "smallint", version),
    pg.INT4: lambda text, version: numbers.read_integer(text, "integer", version),
    pg.INT8: lambda text, version: numbers.read_integer(text, "bigint", version),
    pg.OID: numbers.read_oid,
    pg.NUMERIC: numbers.read_numeric,
}
_BY_TYPMOD: dict[int, Callable[[str, int], str]] = {
    pg.DATE: datetimes.read_date,
    pg.TIME: datetimes.read_time,
    pg.TIMETZ: datetimes.read_timetz,
    pg.TIMESTAMP: datetimes.read_timestamp,
    pg.TIMESTAMPTZ: datetimes.read_timestamptz,
    pg.INTERVAL: read_interval,
}
_STEPS: dict[int, Callable[[str], str]] = {
    pg.INT4: lambda bound: str(int(bound) + 1),
    pg.INT8: lambda bound: str(int(bound) + 1),
    pg.DATE: lambda bound: (date.fromisoformat(bound) + timedelta(days=1)).isoformat(),
}
_ORDERS: dict[int, Callable[[str], object]] = {
    pg.INT4: int,
    pg.INT8: int,
    pg.NUMERIC: Decimal,
    pg.DATE: date.fromisoformat,
    pg.TIMESTAMP: datetime.fromisoformat,
    pg.TIMESTAMPTZ: datetime.fromisoformat,
}
"""How the values of subtypes compare, once they are in their printed form."""

_DISCRETE = {3904, 3926, 3912}
"""int4range, int8range and daterange: their bounds have one normal form."""


def read_literal(environment: Environment, number: int, typmod: int, text: str | None) -> Const:
    """The constant that a type's input function makes of a text.

    Where the value can't be told (it depends on the clock, on settings, or the type's input is not known here) the
    constant carries the reason.

    Raises:
        Refused: the text is no value of the type.
    """
    if text is None:
        return Const(number, typmod, value=None)
    try:
        if number in REG_TYPES:
            return read_object(environment, number, text)
        record = environment.catalog.objects.get(number)
        if isinstance(record, Type) and record.kind == "e":
            return _label(environment, record, text)
        value = read_value(environment, number, typmod, text)
        renames = len(renamed_labels(environment.catalog, -number)) if number < 0 else 0
        return Const(number, typmod, value=value, renames=renames)
    except NotRead as not_read:
        return Const(number, typmod, value=text, reason=str(not_read))


def read_value(environment: Environment, number: int, typmod: int, text: str) -> str:
    """A value as the type's output function prints it.

    Raises:
        Refused: the text is no value of the type.
        NotRead: the value can't be told.
    """
    if number in _AS_IT_IS:
        return text
    if (simple := _SIMPLE.get(number)) is not None:
        return simple(text)
    if (versioned := _BY_VERSION.get(number)) is not None:
        return versioned(text, environment.version)
    if (modified := _BY_TYPMOD.get(number)) is not None:
        return modified(text, typmod)
    info = environment.info(number)
    if number < 0:
        element = environment.info(-number)
        return read_array(
            text,
            lambda item: _element(environment, element.base, item),
            ";" if element.base == 603 else ",",  # box has the only other delimiter
        )
    if info.kind == "d":
        return read_value(environment, info.base, info.base_typmod, text)
    if info.kind == "c":
        return _row(environment, number, text)
    if info.kind == "r":
        return _range(environment, number, text)
    if info.kind == "p":
        name = environment.type_text(number)
        raise Refused(FEATURE_NOT_SUPPORTED, f"cannot accept a value of type {name}")
    return _of_other_types(environment, number, text)


def _element(environment: Environment, number: int, text: str) -> str:
    if number in REG_TYPES:
        raise NotRead("arrays of object names are not read")
    record = environment.catalog.objects.get(number)
    if isinstance(record, Type) and record.kind == "e":
        return _label(environment, record, text).value or ""
    return read_value(environment, number, -1, text)


def _label(environment: Environment, record: Type, text: str) -> Const:
    if text not in record.labels:
        name = environment.type_text(record.oid)
        raise Refused("22P02", f'invalid input value for enum {name}: "{text}"')
    return Const(record.oid, value=text, renames=len(renamed_labels(environment.catalog, record.oid)))


def renamed_labels(catalog: Catalog, enum: int) -> tuple[tuple[str, str], ...]:
    """Old and new name of each label that ALTER TYPE … RENAME VALUE has renamed, in order."""
    found: tuple[tuple[str, str], ...] = catalog.facts.get(f"renamed labels of {enum}", ())
    return found


def _row(environment: Environment, number: int, text: str) -> str:
    columns = row_columns(environment.catalog, number) or ()

    def reader(of: int, typmod: int) -> Callable[[str], str]:
        return lambda field: read_value(environment, of, typmod, field)

    return read_row(
        text,
        [
            reader(-column.type.oid if column.type.array else column.type.oid, column.type.typmod)
            for column in columns
        ],
    )


def _range(environment: Environment, number: int, text: str) -> str:
    from schemaguard.catalog.analysis.transform.polymorphism import subtype_of

    subtype = subtype_of(environment, number)
    step = _STEPS[subtype] if number in _DISCRETE else None
    read = partial(_element, environment, subtype)
    return read_range(text, read, step, _ORDERS.get(subtype))


def _of_other_types(environment: Environment, number: int, text: str) -> str:
    record = environment.catalog.objects.get(number)
    if isinstance(record, Type) and record.name in _TEXT_OF_EXTENSIONS:
        return text
    raise NotRead(f"how type {environment.type_text(number)} reads '{text}' is not known")
