"""
Trigger functions by path: what a server does with a row is one of the ends that the analysis names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from schemaguard.catalog.model import Trigger
from schemaguard.plpgsql.triggers import analyse
from tests.plpgsql.support import engine_twin, function_named, replayed, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.postgres.server import Connection, Server
    from tests.oracle.twin import Twin

ROLES = ("keeper", "app", "admin_one")
WORLD = (
    "CREATE ROLE keeper",
    "CREATE ROLE app",
    "CREATE ROLE admins",
    "CREATE ROLE admin_one",
    "GRANT admins TO admin_one",
    "CREATE TABLE guarded (v int)",
    "GRANT ALL ON guarded TO keeper, app, admin_one",
)
OPERATIONS = {
    "INSERT": "INSERT INTO guarded VALUES (2)",
    "UPDATE": "UPDATE guarded SET v = 3",
    "DELETE": "DELETE FROM guarded",
}
FUNCTIONS = [
    statement.split("(")[0].removeprefix("CREATE FUNCTION ")
    for statement in statements("triggers.sql")
    if "RETURNS trigger" in statement
]
SEVERAL_ENDS = {
    "by_row",
    "with_setting",
    "loops_out",
    "by_table",
    "by_other_table",
    "distinct_rows",
    "get_diagnostics",
}
"""Their paths depend on the row, a setting, the table or the turn of a loop, so that more than one end is named."""


@pytest.fixture(scope="module")
def twin(server: Server) -> Iterator[Twin]:
    with server.database() as name, server.connect(name) as connection:
        twin = engine_twin(connection)
        for statement in (*WORLD, *statements("triggers.sql")):
            assert twin.run(statement).agrees, twin.verdicts[-1]
        yield twin
        twin.close()


def observed(connection: Connection, function: str, operation: str, role: str) -> str:
    """Return what becomes of one row: an error (raises), nothing (null) or the change (row)."""
    connection.execute("SAVEPOINT trial")
    connection.execute("INSERT INTO guarded VALUES (1)")
    trigger = f"ON guarded FOR EACH ROW EXECUTE FUNCTION {function}()"
    connection.execute(f"CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE {trigger}".encode())
    connection.execute(f"SET SESSION AUTHORIZATION {role}".encode())
    try:
        changed = connection.execute(OPERATIONS[operation].encode()).rowcount
    except psycopg.Error:
        return "raises"
    finally:
        connection.execute("ROLLBACK TO SAVEPOINT trial")
    return "row" if changed else "null"


SEEN_AS = {
    "raises": "raises",
    "falls_off": "raises",
    "null": "null",
    "old": "row",
    "new": "row",
    "row": "row",
}


@pytest.mark.postgres
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_server_takes_a_path_that_is_named(twin: Twin, function: str, operation: str, role: str) -> None:
    """Where the analysis names one end, the server comes to it; where it names more, to one of them."""
    paths = analyse(twin.replay.catalog, function_named(twin.replay, function), operation)
    named = {SEEN_AS[end.kind] for end in paths.of_role(role)}

    assert observed(twin.connection, function, operation, role) in named
    if function not in SEVERAL_ENDS and not function.startswith("open_"):
        assert len(named) == 1


def test_an_end_points_at_its_statement() -> None:
    """Line and text of RETURN and RAISE are those of the file, and the roles are those that come there."""
    replay = replayed(
        "CREATE ROLE keeper;\nCREATE ROLE app;\nCREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        "BEGIN\n    IF current_user = 'keeper' THEN\n        RETURN NULL; -- Allow operation\n    END IF;\n"
        "    RAISE EXCEPTION 'append-only';\nEND $$;\n"
    )
    paths = analyse(replay.catalog, function_named(replay, "guard"), "DELETE")

    assert [(end.kind, end.span.line, end.span.text) for end in paths.ends] == [
        ("null", 6, "RETURN NULL"),
        ("raises", 8, "RAISE EXCEPTION 'append-only'"),
    ]
    assert [sorted(end.roles.names) for end in paths.ends] == [["keeper"], ["app", "postgres"]]
    assert [end.roles.others for end in paths.ends] == [False, True]
    assert (paths.refuses("app"), paths.refuses("keeper"), paths.refuses("unheard_of")) == (True, False, True)


def test_the_body_may_be_in_single_quotes() -> None:
    """Doubled quotes and escapes do not move the place of what follows them."""
    replay = replayed(
        "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS E'BEGIN\\n  IF TG_OP = ''x'' THEN NULL; END IF;"
        " RAISE EXCEPTION ''no''; END';"
    )
    [end] = analyse(replay.catalog, function_named(replay, "guard"), "UPDATE").ends

    assert end.span.text == "RAISE EXCEPTION ''no''"


def test_a_trigger_lends_its_table_arguments_and_level() -> None:
    """With the trigger TG_TABLE_NAME and TG_ARGV are known, and a statement trigger sees no row."""
    replay = replayed(
        "CREATE TABLE ledger (a int);\n"
        "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n"
        "IF TG_TABLE_NAME = 'ledger' AND TG_ARGV[0] = 'strict' THEN RAISE EXCEPTION 'no'; END IF;\n"
        "RETURN NEW; END $$;\n"
        "CREATE TRIGGER t BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION guard('strict');\n"
        "CREATE TRIGGER u BEFORE UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION guard('lax');"
    )
    guard = function_named(replay, "guard")
    kinds = {
        trigger.name: [end.kind for end in analyse(replay.catalog, guard, event, trigger).ends]
        for trigger, event in zip(replay.catalog.all(Trigger), ("TRUNCATE", "UPDATE"), strict=True)
    }

    assert kinds == {"t": ["raises"], "u": ["new"]}


def test_what_is_not_plpgsql_is_unknown() -> None:
    """A function in another language has one end, which says so."""
    replay = replayed("CREATE FUNCTION c_guard() RETURNS trigger LANGUAGE c AS 'lib', 'sym';")
    [end] = analyse(replay.catalog, function_named(replay, "c_guard"), "DELETE").ends

    assert (end.kind, end.message) == ("unknown", "it is written in c")
