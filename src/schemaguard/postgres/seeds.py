"""Rows that migrations insert as literals, looked up on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.diff import ABSENT, Difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemaguard.postgres.server import Connection


def missing_rows(
    connection: Connection, expected: Mapping[str, list[dict[str, Any]]]
) -> Iterator[Difference]:
    """The rows of `expected` (by qualified table name) that the server has none like; only columns stated count."""
    for table, rows in expected.items():
        types = _types(connection, table)
        for row in rows if types else ():  # a table that is not there is a difference of its own
            if not _has(connection, table, types, row):
                yield Difference(("seed_rows", table), row, ABSENT)


def _types(connection: Connection, table: str) -> dict[str, str]:
    """The columns of a table with their types; none where there is no such table."""
    schema, _, name = table.partition(".")
    query = """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped"""
    return dict(connection.execute(query, (schema, name)).fetchall())


def _has(connection: Connection, table: str, types: Mapping[str, str], row: Mapping[str, Any]) -> bool:
    """Whether a table has a row like this one: literals count as what the column's type makes of them."""
    from psycopg import Error, sql

    if not row.keys() <= types.keys():
        return False
    same = sql.SQL("to_jsonb({}) IS NOT DISTINCT FROM to_jsonb(CAST(%s AS {}))")
    tests = [same.format(sql.Identifier(column), sql.SQL(types[column])) for column in row]
    schema, _, name = table.partition(".")
    query = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE {})").format(
        sql.Identifier(schema, name), sql.SQL(" AND ").join(tests) if tests else sql.SQL("true")
    )
    values = [None if value is None else str(value) for value in row.values()]
    try:
        [[found]] = connection.execute(query, values).fetchall()
    except Error:  # a value that the type does not take
        return False
    return bool(found)
