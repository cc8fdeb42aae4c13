"""
What a statement took away or gave away without the final state showing it.
"""

from __future__ import annotations

import pytest

from schemaguard.catalog.events import OptionsReset, PasswordSet
from tests.catalog.objects.support import Model


def resets(sql: str) -> list[tuple[str, str, str]]:
    """Option, old value and the statement that had set it, of each OptionsReset of the last statement."""
    model = Model()
    model.execute(sql)
    found = [event for event in model.events if isinstance(event, OptionsReset)]
    return [
        (event.option, event.old, event.had_because.statement.sql[:24])
        for event in found
        if event.had_because
    ]


FUNCTION = "FUNCTION f() RETURNS int LANGUAGE sql {} AS 'SELECT 1';\n"


def test_a_replaced_function_loses_what_is_not_repeated() -> None:
    first = FUNCTION.format("SECURITY DEFINER SET search_path = '' SET work_mem = '1MB'")

    assert resets(f"CREATE {first} CREATE OR REPLACE {FUNCTION.format('')}") == [
        ("security_definer", "true", "CREATE FUNCTION f() RETU"),
        ("search_path", '""', "CREATE FUNCTION f() RETU"),
        ("work_mem", "1MB", "CREATE FUNCTION f() RETU"),
    ]


def test_the_statement_that_had_set_it_may_be_an_alter() -> None:
    altered = "ALTER FUNCTION f() SECURITY DEFINER;\nALTER FUNCTION f() SET search_path = '';\n"

    assert resets(f"CREATE {FUNCTION.format('')}{altered}CREATE OR REPLACE {FUNCTION.format('')}") == [
        ("security_definer", "true", "ALTER FUNCTION f() SECUR"),
        ("search_path", '""', "ALTER FUNCTION f() SET s"),
    ]


def test_what_is_repeated_is_no_loss() -> None:
    same = FUNCTION.format("SECURITY DEFINER SET search_path = ''")

    assert resets(f"CREATE {same} CREATE OR REPLACE {same}") == []


def test_a_replaced_view_loses_its_options() -> None:
    view = "VIEW v WITH (security_invoker, security_barrier = true) AS SELECT 1 AS a;\n"

    assert resets(
        f"CREATE {view} CREATE OR REPLACE VIEW v WITH (security_barrier = true) AS SELECT 1 AS a"
    ) == [("security_invoker", "true", "CREATE VIEW v WITH (secu")]


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        ("CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (password 'x')", 'user mapping for "postgres"'),
        ("CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'x')", 'user mapping for "public"'),
        ("CREATE SUBSCRIPTION n CONNECTION 'host=h password=x' PUBLICATION p WITH (connect = false)", "subscription"),
        ("CREATE SUBSCRIPTION n CONNECTION 'postgres://u:x@h/d' PUBLICATION p WITH (connect = false)", "subscription"),
    ],
)  # fmt: skip
def test_a_password_in_the_clear_is_noticed(sql: str, where: str) -> None:
    model = Model()
    outcome = model.execute(f"CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; {sql}")

    assert outcome == ("", "")
    [found] = [event.where for event in model.events if isinstance(event, PasswordSet)]
    assert found.startswith(where)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (user 'a')",
        "CREATE SUBSCRIPTION n CONNECTION 'host=h user=u' PUBLICATION p WITH (connect = false)",
        "CREATE SUBSCRIPTION n CONNECTION 'postgres://u@h/d' PUBLICATION p WITH (connect = false)",
    ],
)
def test_a_connection_without_a_password_is_not(sql: str) -> None:
    model = Model()
    model.execute(f"CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; {sql}")

    assert not [event for event in model.events if isinstance(event, PasswordSet)]
