"""`pg_type.typlen` of the fixed-length types of PostgreSQL; all others have -1."""

from __future__ import annotations

LENGTHS = {
    "bool": 1, "char": 1, "name": 64, "int8": 8, "int2": 2, "int4": 4, "regproc": 4, "oid": 4, "tid": 6, "xid": 4,
    "cid": 4, "point": 16, "lseg": 32, "box": 32, "float4": 4, "float8": 8, "money": 8, "macaddr": 6, "macaddr8": 8,
    "circle": 24, "line": 24, "date": 4, "time": 8, "timestamp": 8, "timestamptz": 8, "interval": 16, "timetz": 12,
    "regprocedure": 4, "regoper": 4, "regoperator": 4, "regclass": 4, "regtype": 4, "regrole": 4, "regnamespace": 4,
    "regconfig": 4, "regdictionary": 4, "regcollation": 4, "uuid": 16, "pg_lsn": 8, "xid8": 8, "aclitem": 16,
    "void": 4, "trigger": 4, "event_trigger": 4, "any": 4, "anyelement": 4, "anynonarray": 4, "anyenum": 4,
    "cstring": -2, "unknown": -2, "internal": 8, "language_handler": 4, "fdw_handler": 4, "index_am_handler": 4,
    "tsm_handler": 4, "table_am_handler": 4, "anycompatible": 4, "anycompatiblenonarray": 4, "pg_ddl_command": 8,
}  # fmt: skip
