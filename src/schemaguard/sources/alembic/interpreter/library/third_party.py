"""Column types of well-known packages, by what they come to on PostgreSQL: those packages need not be installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPES: dict[str, dict[str, str]] = {
    "sqlmodel": {"AutoString": "VARCHAR", "GUID": "UUID"},
    "sqlalchemy_utils": {
        "UUIDType": "UUID",
        "EmailType": "VARCHAR(255)",
        "URLType": "TEXT",
        "PhoneNumberType": "VARCHAR(20)",
        "ArrowType": "TIMESTAMP WITHOUT TIME ZONE",
        "JSONType": "JSON",
        "LtreeType": "LTREE",
        "TSVectorType": "TSVECTOR",
        "IPAddressType": "VARCHAR(50)",
        "ColorType": "VARCHAR(20)",
        "CountryType": "VARCHAR(2)",
        "LocaleType": "VARCHAR(10)",
        "CurrencyType": "VARCHAR(3)",
        "TimezoneType": "VARCHAR(50)",
        "ScalarListType": "TEXT",
        "WeekDaysType": "BIT(7)",
        "DateRangeType": "DATERANGE",
        "DateTimeRangeType": "TSRANGE",
        "IntRangeType": "INT4RANGE",
        "NumericRangeType": "NUMRANGE",
    },
    "pgvector": {
        "Vector": "VECTOR",
        "VECTOR": "VECTOR",
        "HALFVEC": "HALFVEC",
        "SPARSEVEC": "SPARSEVEC",
        "BIT": "BIT",
    },
    "fastapi_users_db_sqlalchemy": {"GUID": "UUID", "TIMESTAMPAware": "TIMESTAMP WITH TIME ZONE"},
    "fastapi_utils": {"GUID": "UUID"},
    "advanced_alchemy": {
        "GUID": "UUID",
        "DateTimeUTC": "TIMESTAMP WITH TIME ZONE",
        "JsonB": "JSONB",
        "BigIntIdentity": "BIGINT",
    },
    "citext": {"CIText": "CITEXT"},
    "sqlalchemy_citext": {"CIText": "CITEXT"},
    "sqlalchemy_json": {"NestedMutableJson": "JSON", "MutableJson": "JSON"},
    "geoalchemy2": {"Geometry": "geometry", "Geography": "geography", "Raster": "raster"},
}
"""Top package, then the class's name, then its SQL without arguments."""


def sql_type(path: str, arguments: list[object], keywords: Mapping[str, object]) -> str | None:
    """The SQL of `path(*arguments, **keywords)`, or None if the type is not known."""
    package, _dot, rest = path.partition(".")
    name = rest.rpartition(".")[2]
    sql = TYPES.get(package, {}).get(name)
    if sql is None:
        return None
    if package == "geoalchemy2":
        return _geometry(sql, arguments, keywords)
    if package == "pgvector":
        size = arguments[0] if arguments else keywords.get("dim", keywords.get("length"))
        return f"{sql}({size})" if isinstance(size, int) else sql
    length = arguments[0] if arguments else keywords.get("length")
    return f"{sql}({length})" if sql == "VARCHAR" and isinstance(length, int) else sql


def _geometry(sql: str, arguments: list[object], keywords: Mapping[str, object]) -> str:
    kind = arguments[0] if arguments else keywords.get("geometry_type", "GEOMETRY")
    identifier = arguments[1] if len(arguments) > 1 else keywords.get("srid", -1)
    return f"{sql}({kind},{identifier})" if kind is not None else sql
