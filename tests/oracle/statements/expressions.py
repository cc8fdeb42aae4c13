"""
Expressions for defaults, CHECK, policies and views.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Column, Relation, Table, Type

if TYPE_CHECKING:
    from tests.oracle.pick import Pick

BOOL, INT2, INT4, INT8, TEXT, VARCHAR, BPCHAR, NUMERIC = 16, 21, 23, 20, 25, 1043, 1042, 1700
TIMESTAMPTZ, TIMESTAMP, DATE, UUID, JSONB = 1184, 1114, 1082, 2950, 3802

DEFAULTS = {
    "integer": ("0", "1 + 2", "NULL", "-5"),
    "bigint": ("0", "42", "(-1)"),
    "smallint": ("7", "2 * 3"),
    "text": ("'x'", "''", "lower('ABC')", "current_user", "'a' || 'b'"),
    "varchar(20)": ("'x'", "'long'::text", "NULL"),
    "char(3)": ("'abc'", "'x'"),
    "numeric(10,2)": ("0", "1.5", "0.00", "'3'"),
    "numeric": ("0", "1e3"),
    "boolean": ("true", "false", "'t'", "NOT true", "1 = 2"),
    "timestamptz": ("now()", "CURRENT_TIMESTAMP", "clock_timestamp()", "'2026-01-01 00:00:00+00'"),
    "timestamp(3)": ("now()", "LOCALTIMESTAMP"),
    "date": ("CURRENT_DATE", "'2026-01-31'", "now()"),
    "uuid": ("gen_random_uuid()", "'00000000-0000-0000-0000-000000000001'"),
    "jsonb": ("'{}'", "'[]'::jsonb", "jsonb_build_object('a', 1)"),
    "text[]": ("'{}'", "ARRAY['a', 'b']", "ARRAY[]::text[]"),
    "integer[]": ("'{1,2}'", "ARRAY[1, 2]"),
    "double precision": ("0", "1.5", "pi()"),
    "interval": ("'1 day'", "interval '2 hours'"),
}


def default(pick: Pick, type_name: str) -> str:
    """Choose a default for a column of a type, rarely a wrong one."""
    if pick.chance(2):
        return pick.one(["'x'", "1", "now()", "no_such_function()"])
    return pick.one(DEFAULTS.get(type_name, ("NULL",)))


def literal(pick: Pick, column: Column) -> str:
    """Choose a literal that can be compared with a column."""
    oid = column.type.oid
    if column.type.array:
        return "'{}'"
    record = pick.catalog.objects.get(oid)
    if isinstance(record, Type) and record.kind == "e":
        return f"'{pick.one(record.labels)}'" if record.labels else "NULL"
    match oid:
        case 21 | 23 | 20 | 1700 | 701:
            return pick.one(["0", "10", "-1", "(2 + 3)"])
        case 25 | 1043 | 1042:
            return pick.one(["'x'", "'it''s'", "''"])
        case 16:
            return pick.one(["true", "false"])
        case 1184 | 1114 | 1082:
            return pick.one(["now()", "'2026-01-01'", "CURRENT_TIMESTAMP"])
        case 2950:
            return pick.one(
                ["'00000000-0000-0000-0000-000000000001'", "current_setting('app.tenant', true)::uuid"]
            )
    return "NULL"


def condition(pick: Pick, relation: Relation, prefix: str = "", depth: int = 0) -> str:
    """Choose a condition over the columns of a relation."""
    if depth < 2 and pick.chance(25):
        left, right = (condition(pick, relation, prefix, depth + 1) for _ in range(2))
        return pick.one([f"{left} AND {right}", f"({left} OR {right})", f"NOT ({left})"])
    if not relation.columns or pick.chance(4):
        return pick.one(["true", "1 = 1", "c9 = 1", "current_user = 'r1'"])
    column = pick.one(relation.columns)
    name = f"{prefix}{column.name}"
    if pick.chance(20):
        return f"{name} IS {pick.maybe('NOT ')}NULL"
    if column.type.oid == BOOL and not column.type.array:
        return name
    value = literal(pick, column)
    if column.type.oid in (TEXT, VARCHAR, BPCHAR) and not column.type.array:
        return pick.one(
            [
                f"{name} = {value}",
                f"{name} IN ('a', 'b')",
                f"length({name}) > 0",
                f"lower({name}) <> {value}",
                f"{name} LIKE 'a%'",
                f"{name} ~ '^[a-z]+$'",
                f"char_length({name}) BETWEEN 1 AND 5",
                f"{name} = ANY (ARRAY['a', 'b'])",
            ]
        )
    if column.type.oid in (INT2, INT4, INT8, NUMERIC) and not column.type.array:
        return pick.one(
            [
                f"{name} > {value}",
                f"{name} >= 0",
                f"{name} BETWEEN 0 AND 10",
                f"{name} IN (1, 2, 3)",
                f"{name} + 1 > {value}",
                f"{name} % 2 = 0",
                f"coalesce({name}, 0) = {value}",
                f"CASE WHEN {name} > 0 THEN true ELSE false END",
                f"{name} = current_setting('app.n')::integer",
            ]
        )
    return f"{name} = {value}"


def executed(text: str) -> str:
    """Change a query so that it can be run, not only written: no setting need be there."""
    return text.replace("current_setting('app.n')", "current_setting('app.n', true)")


def roles_of(pick: Pick) -> str:
    """Choose whom a policy is for."""
    return (
        ""
        if pick.chance(40)
        else " TO " + ", ".join(pick.some([*("r1", "r2", "r3"), "PUBLIC", "CURRENT_USER"], 2))
    )


def list_of(names: list[str]) -> str:
    """Put names between commas."""
    return ", ".join(names)


def is_table(relation: Relation) -> bool:
    """Tell a table from a view."""
    return isinstance(relation, Table)
