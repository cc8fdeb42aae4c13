"""
`schemaguard lineage`: names, formats, and what it says of names that do not exist.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.support import CommandLine

HISTORY = """
CREATE SCHEMA app;
CREATE TABLE orders (id int PRIMARY KEY, tenant int NOT NULL, cents bigint NOT NULL, note text);
CREATE VIEW totals AS SELECT tenant, sum(cents)::float8 AS total,
        max(note) FILTER (WHERE cents > 0) AS "last ""x"" note"
    FROM orders WHERE id > 0 GROUP BY tenant;
CREATE VIEW app.shown AS SELECT total AS amount FROM totals;
"""


@pytest.fixture
def project(cli: CommandLine) -> CommandLine:
    cli.put("migrations/0001_all.sql", HISTORY)
    return cli


def test_a_view(project: CommandLine) -> None:
    done = project("lineage", "totals")

    assert (done.code, done.out) == (
        0,
        """\
tenant  integer  never NULL
  from orders.tenant
total  double precision  never NULL
  from orders.cents, aggregate sum, cast double precision
last "x" note  text  may be NULL: max() over rows of which FILTER may leave none
  from orders.note, aggregate max
  decided by orders.cents
rows decided by orders.id, orders.tenant
""",
    )


@pytest.mark.parametrize("name", ["totals.total", "public.totals.total"])
def test_a_column(project: CommandLine, name: str) -> None:
    done = project("lineage", name)

    assert (done.code, done.out.splitlines()[0]) == (0, "total  double precision  never NULL")
    assert "tenant  integer" not in done.out


def test_a_table_s_column_and_the_views_it_goes_into(project: CommandLine) -> None:
    done = project("lineage", "orders.cents")

    assert done.out.splitlines() == [
        "cents  bigint  never NULL",
        "  from orders.cents",
        "used by public.totals.total",
        "used by app.shown.amount",
    ]


def test_as_json(project: CommandLine) -> None:
    found = json.loads(project("lineage", "app.shown", "--format", "json").out)

    assert found == {
        "relation": "app.shown",
        "columns": [
            {
                "name": "amount",
                "type": "double precision",
                "nullable": False,
                "why": "",
                "sources": [
                    {
                        "column": "public.orders.cents",
                        "role": "value",
                        "direct": False,
                        "steps": [
                            {"kind": "aggregate", "name": "sum"},
                            {"kind": "cast", "name": "double precision"},
                            {"kind": "view", "name": "public.totals"},
                        ],
                    }
                ],
                "unknown": "",
            }
        ],
        "rows": ["public.orders.id", "public.orders.tenant"],
        "used_by": [],
    }


def test_as_a_diagram(project: CommandLine) -> None:
    """What decides is a dotted line, and quotes in names do not end the label."""
    lines = [line.strip() for line in project("lineage", "totals", "--format", "mermaid").out.splitlines()]

    assert lines[0] == "flowchart LR"
    assert [line.partition("[")[2] for line in lines if line.startswith("subgraph")] == [
        '"totals"]',
        '"orders"]',
    ]
    assert any(line.endswith('["last #quot;x#quot; note"]') for line in lines)
    assert sum("-.->" in line for line in lines) == 1
    assert sum('-->|"aggregate sum, cast double precision"|' in line for line in lines) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("totls", "there is no table or view `totls`; did you mean `totals`?"),
        ("totls.total", "there is no table or view `totls`; did you mean `totals`?"),
        ("totals.totl", "`totals` has no column `totl`; did you mean `total`?"),
        ("nothing.at.all", "there is no table or view `nothing.at`; there are `orders`"),
        ("x", "there is no table or view `x`; there are `orders`"),
    ],
)
def test_names_that_are_not_there(project: CommandLine, name: str, message: str) -> None:
    done = project("lineage", name)

    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_what_can_not_be_followed_is_said(cli: CommandLine) -> None:
    cli.put(
        "migrations/0001_all.sql",
        "CREATE FUNCTION f(n int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';\n"
        "CREATE TABLE t (n int);\n"
        "CREATE VIEW v AS SELECT f(n) AS a, 1 AS b FROM t;\n",
    )

    assert cli("lineage", "v").out == (
        "a  integer  may be NULL or not: f()\n"
        "  from t.n, function public.f\n"
        "  not followed: what f() reads is not followed\n"
        "b  integer  never NULL\n"
        "  from no column\n"
    )
