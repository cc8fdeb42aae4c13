"""Rows that migrations insert as literals, looked up on a server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.diff import ABSENT, Difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemaguard.postgres.server import Connection


def missing_rows(
    connection: Connection, expected: Mapping[str, list[dict[str, Any]]]
) -> Iterator[Difference]:
    """The rows of `expected` (by qualified table name) that the server has none like; only columns stated count."""
    from psycopg import Error, sql

    for table, rows in expected.items():
        schema, _, name = table.partition(".")
        query = sql.SQL("SELECT to_jsonb(t) FROM {} t").format(sql.Identifier(schema, name))
        try:
            found = [row for (row,) in connection.execute(query).fetchall()]
        except Error:  # the table is not there, which is a difference of its own
            continue
        for row in rows:
            stated = {column: _text(value) for column, value in row.items() if _is_plain(value)}
            if not any(
                all(_text(other.get(column)) == text for column, text in stated.items()) for other in found
            ):
                yield Difference(("seed_rows", table), row, ABSENT)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _text(value: object) -> str:
    """A value in a spelling that a literal and what the server made of it share."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return str(value)
