"""
Rows for any table, so that a change of one column can be followed through views on a server.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.postgres.server import Connection

HOW_MANY = 4
"""Rows in each table; joins by equality meet some of them."""

_UUIDS = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(1, 7)]
VALUES: dict[str, list[str]] = {
    "integer": ["1", "2", "3", "4", "5", "6"],
    "smallint": ["1", "2", "3", "4", "5", "6"],
    "bigint": ["1", "2", "3", "4", "5", "6"],
    "numeric": ["1.5", "2", "3.25", "4", "5.5", "6"],
    "real": ["1", "2", "3", "4", "5", "6"],
    "double precision": ["1", "2.5", "3", "4", "5", "6"],
    "money": ["1", "2", "3", "4", "5", "6"],
    "boolean": ["true", "false", "true", "false", "true", "false"],
    "text": ["a", "b", "paid", "12345", "x@y", "z"],
    "character varying": ["a", "b", "c", "d", "e", "f"],
    "character": ["a", "b", "c", "d", "e", "f"],
    "name": ["a", "b", "c", "d", "e", "f"],
    '"char"': ["a", "b", "c", "d", "e", "f"],
    "uuid": _UUIDS,
    "date": ["2024-01-01", "2024-02-02", "2024-03-03", "2024-04-04", "2024-05-05", "2024-06-06"],
    "timestamp": ["2024-01-01", "2024-02-02", "2024-03-03", "2024-04-04", "2024-05-05", "2024-06-06"],
    "time": ["01:00", "02:00", "03:00", "04:00", "05:00", "06:00"],
    "interval": ["1 day", "2 days", "3 hours", "4 days", "5 days", "6 days"],
    "jsonb": ['[{"sku": 1}]', '{"a": "x", "n": 2}', "[1, null]", '{"a": null}', '{"items": [1]}', "[]"],
    "json": ['{"a": 1}', '{"a": "x"}', "[1, 2]", '{"b": null}', "{}", "[]"],
    "bytea": ["\\x01", "\\x02", "\\x03", "\\x04", "\\x05", "\\x06"],
    "inet": ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"],
    "cidr": ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24", "10.0.5.0/24", "10.0.6.0/24"],
    "daterange": ["[2024-01-01,2024-02-01)", "(,2024-01-01)", "empty", "(,)", "[2024-05-01,)", "empty"],
    "int4range": ["[1,5)", "(,3)", "empty", "(,)", "[5,)", "[2,3)"],
    "tsvector": ["a", "b", "x", "d", "e", "f"],
    "bit": ["0001", "0010", "0011", "0100", "0101", "0110"],
    "bit varying": ["0001", "001", "11", "100", "1", "0"],
    "oid": ["1", "2", "3", "4", "5", "6"],
    "point": ["(1,1)", "(2,2)", "(3,3)", "(4,4)", "(5,5)", "(6,6)"],
}


class TableColumn(NamedTuple):
    """A column that can be written, and the literals that it takes."""

    table: str
    name: str
    nullable: bool
    literals: list[str]


class Data:
    """The rows of every table of a database, which can be written anew with one column changed."""

    def __init__(self, connection: Connection) -> None:
        """Read what tables there are."""
        self.connection = connection
        connection.execute("SET session_replication_role = replica")  # foreign keys are not looked at
        connection.execute("SET statement_timeout = '150ms'")  # a recursive query may never end
        query = """
            SELECT c.oid::regclass::text, a.attname,
                   NOT (a.attnotnull OR t.typnotnull OR c.relname || a.attname = 'orderschecked'),
                   format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END, NULL), t.typname,
                   (SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
            WHERE c.relkind = 'r' AND c.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY c.oid, a.attnum"""
        self.columns = [
            TableColumn(table, name, nullable, _literals(of, type_name, labels))
            for table, name, nullable, of, type_name, labels in connection.execute(query.encode()).fetchall()
        ]

    def fill(self, *, changed: TableColumn | None = None, empty: str = "", nulls: bool = True) -> None:
        """Write all rows; `changed` gets other values, the table `empty` none, and without `nulls` nothing is NULL."""
        for table in dict.fromkeys(column.table for column in self.columns):
            self.connection.execute(f"DELETE FROM {table}".encode())
            columns = [
                (n, each) for n, each in enumerate(self.columns) if each.table == table and each.literals
            ]
            names = ", ".join(f'"{column.name}"' for _, column in columns)
            for row in range(HOW_MANY if table != empty else 0):
                values = ", ".join(
                    _value(column, row, n, changed=column == changed, nulls=nulls) for n, column in columns
                )
                sql = f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})"
                self.connection.execute(sql.encode())

    def contents(self, view: str, columns: Iterable[str]) -> dict[str, Counter[str | None]] | None:
        """What each column of a view holds, in whatever order; None where reading it is an error."""
        names = list(columns)
        targets = ", ".join(f'("{name}")::text' for name in names)
        try:
            rows = self.connection.execute(f'SELECT {targets} FROM "{view}"'.encode()).fetchall()
        except psycopg.Error:
            return None
        return {name: Counter(row[at] for row in rows) for at, name in enumerate(names)}


def _literals(of: str, type_name: str, labels: list[str] | None) -> list[str]:
    if labels:
        return [*labels, *labels]
    if type_name == "email":
        return [f"{letter}@b" for letter in "abcdef"]
    element = of.removesuffix("[]")
    plain = VALUES.get(element.partition("(")[0].partition(" with")[0].strip(), [])
    if of.endswith("[]"):
        return [
            f'{{"{one}","{other}"}}'
            for one, other in zip(plain, plain[1:] + plain[:1], strict=True)
            if '"' not in one + other
        ]
    return plain


def _value(column: TableColumn, row: int, number: int, *, changed: bool, nulls: bool) -> str:
    if nulls and column.nullable and (row + number) % HOW_MANY == HOW_MANY - 1:
        return "NULL"
    at = row + (2 if changed else 0)
    literal = column.literals[at % len(column.literals)].replace("'", "''")
    return f"'{literal}'"
