"""What `information_schema` says of a column's or domain's type: its name, lengths and precisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.builtin.types import BY_OID
from schemaguard.catalog.model import Type, TypeRef

if TYPE_CHECKING:
    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.values.kinds import Value

_UNLIMITED_OCTETS = 1 << 30
_OCTETS_A_CHARACTER = 4
_INTEGERS = {21: 16, 23: 32, 20: 64}
_FLOATS = {700: 24, 701: 53}
_TIMES = (1083, 1114, 1184, 1266)
_CHARACTERS, _BITS, _NUMERIC, _DATE, _INTERVAL, _TEXT = (1042, 1043), (1560, 1562), 1700, 1082, 1186, 25
_NO_FRACTION = 0xFFFF


def type_details(context: Context, ref: TypeRef) -> dict[str, Value]:
    """The columns of `information_schema.columns` that depend on the type; a domain shows its base type."""
    catalog = context.catalog
    record = catalog.objects.get(ref.oid)
    domain = record if isinstance(record, Type) and record.kind == "d" and not ref.array else None
    base, of_domain = ref, domain
    while of_domain is not None and of_domain.base is not None:
        base = of_domain.base
        inner = catalog.objects.get(base.oid)
        of_domain = inner if isinstance(inner, Type) and inner.kind == "d" and not base.array else None
    schema, name = _named(context, base)
    return {
        "data_type": _data_type(context, base),
        **_lengths(base),
        "domain_catalog": catalog.facts["database"] if domain else None,
        "domain_schema": catalog.schema_name(domain.schema) if domain else None,
        "domain_name": domain.name if domain else None,
        "udt_catalog": catalog.facts["database"],
        "udt_schema": schema,
        "udt_name": name,
    }


def _named(context: Context, ref: TypeRef) -> tuple[str, str]:
    row = BY_OID.get(ref.oid)
    record = context.catalog.objects.get(ref.oid)
    if row is not None:
        schema, name = "information_schema" if row.in_information_schema else "pg_catalog", row.name
    elif isinstance(record, Type):
        schema, name = context.catalog.schema_name(record.schema), record.name
    else:
        schema, name = "pg_catalog", str(ref.oid)
    return schema, f"_{name}" if ref.array else name


def _data_type(context: Context, ref: TypeRef) -> str:
    if ref.array:
        return "ARRAY"
    row = BY_OID.get(ref.oid)
    if row is None or row.in_information_schema:
        return "USER-DEFINED"
    return context.type_text(TypeRef(ref.oid))


def _lengths(ref: TypeRef) -> dict[str, Value]:
    oid, typmod = (0, -1) if ref.array else (ref.oid, ref.typmod)
    found: dict[str, Value] = dict.fromkeys(
        ("character_maximum_length", "character_octet_length", "numeric_precision", "numeric_precision_radix",
         "numeric_scale", "datetime_precision", "interval_type", "interval_precision")
    )  # fmt: skip
    if oid in _CHARACTERS or oid == _TEXT:
        length = typmod - 4 if typmod >= 0 else None
        found["character_maximum_length"] = length
        found["character_octet_length"] = (
            _UNLIMITED_OCTETS if length is None else length * _OCTETS_A_CHARACTER
        )
    elif oid in _BITS:
        found["character_maximum_length"] = typmod if typmod >= 0 else None
    elif oid in _INTEGERS:
        found.update(numeric_precision=_INTEGERS[oid], numeric_precision_radix=2, numeric_scale=0)
    elif oid in _FLOATS:
        found.update(numeric_precision=_FLOATS[oid], numeric_precision_radix=2)
    elif oid == _NUMERIC:
        found["numeric_precision_radix"] = 10
        if typmod >= 0:
            found.update(numeric_precision=(typmod - 4) >> 16 & 0xFFFF, numeric_scale=(typmod - 4) & 0xFFFF)
    elif oid == _DATE:
        found["datetime_precision"] = 0
    elif oid in _TIMES:
        found["datetime_precision"] = 6 if typmod < 0 else typmod
    elif oid == _INTERVAL:
        found["datetime_precision"] = 6 if typmod < 0 or typmod & 0xFFFF == _NO_FRACTION else typmod & 0xFFFF
    return found
