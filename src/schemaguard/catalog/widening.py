"""Which changes of a column's type keep every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import FIRST_USER_OID, Type, TypeRef

if TYPE_CHECKING:
    from schemaguard.catalog.state import Catalog

INT2, INT4, INT8, NUMERIC, FLOAT4, FLOAT8 = 21, 23, 20, 1700, 700, 701
TEXT, VARCHAR, BPCHAR, NAME, CITEXT = 25, 1043, 1042, 19, 0
DATE, TIMESTAMP, TIMESTAMPTZ, TIME, TIMETZ, INTERVAL = 1082, 1114, 1184, 1083, 1266, 1186
JSON, JSONB = 114, 3802
CIDR, INET = 650, 869

WIDER: dict[int, frozenset[int]] = {
    INT2: frozenset((INT4, INT8, NUMERIC, FLOAT4, FLOAT8)),
    INT4: frozenset((INT8, NUMERIC, FLOAT8)),
    INT8: frozenset((NUMERIC,)),
    FLOAT4: frozenset((FLOAT8,)),
    VARCHAR: frozenset((TEXT,)),
    BPCHAR: frozenset((TEXT, VARCHAR)),
    NAME: frozenset((TEXT, VARCHAR)),
    TEXT: frozenset((VARCHAR,)),
    DATE: frozenset((TIMESTAMP, TIMESTAMPTZ)),
    TIMESTAMP: frozenset((TIMESTAMPTZ,)),
    TIMESTAMPTZ: frozenset(),
    JSON: frozenset((JSONB,)),
    JSONB: frozenset((JSON,)),
    CIDR: frozenset((INET,)),
}
"""Built-in types by oid, and those that can hold every one of their values (without a modifier)."""

TEXTUAL = frozenset((TEXT, VARCHAR))


def is_narrowing(catalog: Catalog, old: TypeRef, new: TypeRef) -> bool:
    """Whether a value of the old type may be lost, cut, rounded or refused as the new one."""
    old, new = base_type(catalog, old), base_type(catalog, new)
    if old.array != new.array:
        return True
    if old.oid == new.oid:
        return not _modifier_keeps(old, new)
    if new.oid in TEXTUAL and new.typmod == -1:
        # Every value has a text form; reading it back is another matter, but nothing is lost.
        return False
    if _has_every_label(catalog, old, new):
        return False
    if new.oid not in WIDER.get(old.oid, frozenset()):
        return True
    if new.oid in TEXTUAL:
        return not (new.typmod == -1 or (0 < old.typmod <= new.typmod))
    return new.oid == NUMERIC and new.typmod != -1


def base_type(catalog: Catalog, ref: TypeRef) -> TypeRef:
    """The type under a domain, at any depth."""
    while ref.oid >= FIRST_USER_OID and not ref.array:
        record = catalog.objects.get(ref.oid)
        if not isinstance(record, Type) or record.kind != "d" or record.base is None:
            break
        ref = record.base
    return ref


def _has_every_label(catalog: Catalog, old: TypeRef, new: TypeRef) -> bool:
    """Whether both are enums and the new one has the labels of the old one."""
    types = [catalog.objects.get(ref.oid) for ref in (old, new)]
    labels = [set(each.labels) for each in types if isinstance(each, Type) and each.kind == "e"]
    return len(labels) == len(types) and labels[0] <= labels[1]


def _modifier_keeps(old: TypeRef, new: TypeRef) -> bool:
    """Whether a change of modifier keeps every value: none at all, or a larger one."""
    if new.typmod in (-1, old.typmod):
        return True
    if old.typmod == -1:
        return False
    if old.oid == NUMERIC:
        old_precision, old_scale = _precision_and_scale(old.typmod)
        new_precision, new_scale = _precision_and_scale(new.typmod)
        return new_scale >= old_scale and new_precision - new_scale >= old_precision - old_scale
    return new.typmod >= old.typmod


def _precision_and_scale(typmod: int) -> tuple[int, int]:
    """Precision and scale of `numeric(p, s)`'s modifier; the scale is an 11-bit signed number."""
    value = typmod - 4
    scale = ((value & 0x7FF) ^ 1024) - 1024
    return value >> 16 & 0xFFFF, scale
