"""
What is said of columns is what a server does with their values: bounds, conditions, kinds of types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.model import Table
from schemaguard.contracts.judging.bounds import bounds_of
from schemaguard.contracts.judging.conditions import conjuncts
from schemaguard.contracts.judging.kinds import STRINGS, kind_of
from schemaguard.statements.fragments import parse_expression
from tests.contracts.support import project_of
from tests.postgres.support import connection, server

if TYPE_CHECKING:
    from schemaguard.catalog.model import Column
    from schemaguard.linting.project import Project
    from schemaguard.postgres.server import Connection

__all__ = ["connection", "server"]

COLUMNS = {
    "a": "smallint",
    "b": "integer CHECK (b > 0)",
    "c": "bigint CHECK (c BETWEEN 10 AND 20)",
    "d": "numeric CHECK (d >= 0 AND d < 1)",
    "e": "numeric CHECK (100 >= e)",
    "f": "positive",
    "g": "integer CHECK (g IS NULL OR g <= 5)",
    "h": "integer CHECK (h <= 5 OR h = 9)",
    "i": "integer CHECK (i + 1 <= 5)",
    "j": "varchar(3)",
    "k": "text CHECK (char_length(k) <= 4)",
    "l": "text CHECK (2 < length(l))",
    "m": "char(2)",
    "n": "text CHECK (lower(n) = n)",
    "o": "integer CHECK (o = 7)",
    "p": "integer CHECK (p >= 1) CHECK (p <= 3)",
}
HISTORY = (
    "CREATE DOMAIN positive AS integer CHECK (VALUE > 0);\n"
    f"CREATE TABLE t ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())});\n"
)
LENGTHS = ("j", "k", "l", "m", "n")
PARTLY = ("h", "i")
"""Columns whose CHECK demands more than their bounds say."""


def project() -> Project:
    return project_of({"schemaguard.yaml": "sources: [{sql: '*.sql'}]\n", "0.sql": HISTORY})


def table_of(found: Project) -> Table:
    return next(iter(found.catalog.all(Table)))


def takes(connection: Connection, column: str, value: object) -> bool:
    """Whether the server stores a value just so."""
    import psycopg

    try:
        connection.execute(f"INSERT INTO t ({column}) VALUES (%s)", (value,))
    except psycopg.Error:
        return False
    return True


def test_bounds_are_those_of_the_server(connection: Connection) -> None:
    """At each bound a value is taken, beyond it refused; where there is none, values far out are taken."""
    connection.execute(HISTORY)
    found = project()
    table = table_of(found)
    seen = 0
    for name in COLUMNS:
        column = table.column(name)
        assert column is not None
        bounds = bounds_of(found.catalog, table, column)
        if name in LENGTHS:
            for bound, beyond in ((bounds.max_length, 1), (bounds.min_length, -1)):
                if bound is not None:
                    seen += 1
                    at = int(bound.value)
                    assert takes(connection, name, "x" * at) is bound.inclusive, name
                    assert not takes(connection, name, "x" * (at + beyond)), name
            if bounds.max_length is None:
                assert takes(connection, name, "x" * 500), name
            continue
        for bound, beyond in ((bounds.maximum, 1), (bounds.minimum, -1)):
            if bound is not None:
                seen += 1
                assert not takes(connection, name, bound.value + beyond), (name, bound)
                if name not in PARTLY:
                    assert takes(connection, name, bound.value) is bound.inclusive, (name, bound)

    assert seen > 20


SAMPLES = "(VALUES (0, 'open'), (1, 'paid'), (2, 'gone'), (-1, 'open'), (NULL, NULL), (5, 'Paid')) AS v(a, s)"
SAME = [
    ("a >= 0", "0 <= a"),
    ("a >= 0 AND a <= 5", "a BETWEEN 0 AND 5"),
    ("a IN (0, 1)", "a = ANY (ARRAY[1, 0])"),
    ("s IN ('open', 'paid')", "s = ANY (ARRAY['paid'::text, 'open'::text])"),
    ("a > 0 AND s = 'open'", "s = 'open' AND a > 0"),
    ("a > 0 OR s = 'open'", "s = 'open' OR a > 0"),
    ("lower(s) = s", "lower(s) = (s)"),
    ("a IS NOT NULL", "(a) IS NOT NULL"),
    ("NOT (a = 1)", "NOT a = 1"),
    ("a > -1", "-1 < a"),
    ("CASE WHEN a > 0 THEN s = 'paid' ELSE true END", "CASE WHEN 0 < a THEN s = 'paid' ELSE true END"),
]
DIFFERENT = [
    ("a >= 0", "a > 0"),
    ("a >= 0", "a <= 0"),
    ("a IN (0, 1)", "a IN (0, 2)"),
    ("a NOT IN (0, 1)", "a IN (0, 1)"),
    ("a > 0 AND s = 'open'", "a > 0 OR s = 'open'"),
    ("lower(s) = s", "upper(s) = s"),
    ("a IS NOT NULL", "a IS NULL"),
    ("s LIKE 'p%'", "s ILIKE 'p%'"),
    ("a <> ALL (ARRAY[1])", "a = ANY (ARRAY[1])"),
]


def conditions(text: str) -> set[object]:
    node = parse_expression(text)
    assert node is not None
    return set(conjuncts(node, {}))


@pytest.mark.parametrize(("left", "right"), SAME)
def test_conditions_that_are_the_same(connection: Connection, left: str, right: str) -> None:
    """The server finds no value that tells them apart."""
    query = f"SELECT count(*) FROM {SAMPLES} WHERE ({left}) IS DISTINCT FROM ({right})"

    assert conditions(left) == conditions(right)
    assert connection.execute(query).fetchone() == (0,)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_conditions_that_differ(connection: Connection, left: str, right: str) -> None:
    """The server finds a value that tells them apart."""
    query = f"SELECT count(*) > 0 FROM {SAMPLES} WHERE ({left}) IS DISTINCT FROM ({right})"

    assert conditions(left) != conditions(right)
    assert connection.execute(query).fetchone() == (True,)


VALUES = {
    "uuid": "0b8a2a4e-8a51-4a0c-9b53-6d1c6f0f6f7a",
    "date-time": "2026-01-01T10:00:00Z",
    "date": "2026-01-01",
    "time": "10:00:00Z",
    "duration": "P1DT2H",
    "decimal": "12.50",
    "int64": "12",
    "ipv4": "10.0.0.1",
    "ipv6": "::1",
}
TYPES = (
    "uuid", "timestamptz", "timestamp", "date", "time", "timetz", "interval", "numeric", "integer", "bigint", "text",
    "varchar(50)", "inet", "boolean", "jsonb", "bytea", "int4range", "money", "bit(3)", "real",
)  # fmt: skip


def test_kinds_take_the_values_of_their_formats(connection: Connection) -> None:
    """A type that may hold strings of a format takes one, but for digits behind the comma of an integer."""
    import psycopg

    history = f"CREATE TABLE t ({', '.join(f'c{n} {kind}' for n, kind in enumerate(TYPES))});"
    connection.execute(history)
    found = project_of({"schemaguard.yaml": "sources: [{sql: '*.sql'}]\n", "0.sql": history})
    columns: dict[str, Column] = dict(zip(TYPES, table_of(found).columns, strict=True))
    refused = []
    for form, value in VALUES.items():
        for kind, column in columns.items():
            if kind_of(found.catalog, column.type).name in STRINGS[form]:
                try:
                    connection.execute(f"INSERT INTO t ({column.name}) VALUES (%s)", (value,))
                except psycopg.Error:
                    refused.append((form, kind))

    assert refused == [("decimal", "integer"), ("decimal", "bigint")]
