"""
Where a function's body is written: `body_offset` is the first byte of its string constant.
"""

from __future__ import annotations

import pytest

from schemaguard.catalog.model import Function
from tests.catalog.objects.support import Model


@pytest.mark.parametrize(
    ("constant", "body"),
    [
        ("$$SELECT 1$$", "SELECT 1"),
        ("$body$ SELECT '$$' $body$", " SELECT '$$' "),
        ("'SELECT ''x'''", "SELECT 'x'"),
        (r"E'SELECT\n1'", "SELECT\n1"),
        ("U&'SELECT 1'", "SELECT 1"),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS {}",
        "/* AS 'no' */ CREATE FUNCTION f(a text DEFAULT 'AS') RETURNS text AS {} LANGUAGE plpgsql",
        "CREATE TABLE t ();\n-- größer als $$\nCREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS /* ü */ {}",
        "CREATE TABLE t (\nCREATE TABLE u ();\nCREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS\n  {}",
    ],
)
def test_the_body_begins_where_its_offset_says(text: str, constant: str, body: str) -> None:
    """Also where an earlier statement does not parse, so that this one is parsed alone."""
    sql = text.format(constant)
    model = Model()
    model.execute(sql, skip_unparsed=True)
    [function] = model.catalog.all(Function)

    assert function.body == body
    assert sql.encode()[function.body_offset :].startswith(constant.encode())


def test_a_sql_standard_body_is_kept_as_statements() -> None:
    model = Model()
    model.execute("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END")
    [function] = model.catalog.all(Function)

    assert (function.body, function.body_offset) == ("", -1)
    assert [list(node) for node in function.body_nodes] == [["SelectStmt"], ["SelectStmt"]]
