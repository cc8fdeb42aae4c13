"""PostgreSQL's own types (`pg_type` without the arrays, which are negative numbers here)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from schemaguard.catalog.builtin.load import load


class BuiltinType(NamedTuple):
    """A row of `pg_type`.

    `kind` is `typtype`: b base, d domain, p pseudo, r range, m multirange. `element`: what subscripting gives
    (of types that are no true arrays: `name`, `point`, `int2vector`). `base`, `base_typmod`: of a domain;
    `subtype`, `counterpart`: of a range or multirange, the type of its bounds and its multirange or range.
    """

    oid: int
    name: str
    kind: str
    category: str
    preferred: bool
    element: int
    has_array: bool
    in_information_schema: bool
    base: int
    base_typmod: int
    subtype: int
    counterpart: int
    collatable: bool


def _load() -> tuple[dict[int, BuiltinType], dict[str, BuiltinType], dict[str, BuiltinType]]:
    by_oid: dict[int, BuiltinType] = {}
    by_name: dict[str, BuiltinType] = {}
    standard: dict[str, BuiltinType] = {}
    for row in load("types"):
        found = BuiltinType(*row)
        by_oid[found.oid] = found
        (standard if found.in_information_schema else by_name)[found.name] = found
    return by_oid, by_name, standard


BY_OID, BY_NAME, OF_INFORMATION_SCHEMA = _load()
"""Types by oid; those of `pg_catalog` by name; the domains of `information_schema` by name."""

SQL_NAMES = {
    "bool": "boolean",
    "bpchar": "character",
    "float4": "real",
    "float8": "double precision",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "varbit": "bit varying",
    "varchar": "character varying",
}
"""The names that `format_type` prints instead of the catalog's."""


@cache
def ranges_by_subtype() -> dict[int, list[int]]:
    """The built-in range types over each type."""
    found: dict[int, list[int]] = {}
    for row in BY_OID.values():
        if row.kind == "r":
            found.setdefault(row.subtype, []).append(row.oid)
    return found


BOOL, BYTEA, CHAR, NAME, INT8, INT2, INT2VECTOR, INT4, REGPROC, TEXT, OID = (
    16,
    17,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    26,
)
JSON, XML, POINT, FLOAT4, FLOAT8, UNKNOWN, MONEY = 114, 142, 600, 700, 701, 705, 790
BPCHAR, VARCHAR, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, INTERVAL, TIMETZ = (
    1042,
    1043,
    1082,
    1083,
    1114,
    1184,
    1186,
    1266,
)
BIT, VARBIT, NUMERIC, REFCURSOR, REGCLASS, UUID, JSONB, JSONPATH = (
    1560,
    1562,
    1700,
    1790,
    2205,
    2950,
    3802,
    4072,
)
RECORD, CSTRING, ANY, ANYARRAY, VOID, TRIGGER, INTERNAL, ANYELEMENT = (
    2249,
    2275,
    2276,
    2277,
    2278,
    2279,
    2281,
    2283,
)
ANYNONARRAY, ANYENUM, ANYRANGE, ANYMULTIRANGE, OIDVECTOR = 2776, 3500, 3831, 4537, 30
ANYCOMPATIBLE, ANYCOMPATIBLEARRAY, ANYCOMPATIBLENONARRAY = 5077, 5078, 5079
ANYCOMPATIBLERANGE, ANYCOMPATIBLEMULTIRANGE = 5080, 4538
INET, CIDR = 869, 650
