"""
The script that `schema --format sql` writes, run on an empty database: it makes the catalog that it was written from.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.ddl import ddl
from schemaguard.catalog.diff import differences
from schemaguard.catalog.facts import facts
from schemaguard.catalog.replay import Replay
from schemaguard.cli.project import open_project
from schemaguard.cli.verification import for_version
from schemaguard.linting.history import replayed
from schemaguard.plpgsql.engine import Engine
from schemaguard.postgres.introspect import introspect
from schemaguard.postgres.verify import without_declared
from tests.catalog.objects.support import SAMPLES as OBJECTS, samples
from tests.catalog.test_cases import CASES
from tests.oracle.test_fixtures import BEHAVIOUR, PROJECTS, SAMPLES
from tests.oracle.twin import Script, explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemaguard.catalog.diff import Difference
    from schemaguard.catalog.state import Catalog
    from schemaguard.postgres.server import Connection, Server

pytestmark = pytest.mark.postgres

CONTRIBUTED = "extensions"
"""The samples that need contributed extensions, which the embedded server does not have."""
BEYOND = {
    "operators and casts at work": "a default rests on a cast that is dropped: not even pg_dump can write it",
    "tables and their parts": "a rule is known as it was written, and its table has another name since",
    "options and their chains": "a column's privilege outlives its grantor's right to give it",
}
"""Samples whose catalog no script makes."""
UNPRINTED = frozenset(
    ("literals of each type", "json constructs", "json queries [17]", "calls that do not fit")
)
"""Samples with values and constructs whose text is not known here: the script names them in place of writing them."""
EVERY = {
    f"{path.stem}: {sample.title}": sample
    for path in sorted((*OBJECTS.glob("*.sql"), *CASES.glob("*.sql")))
    if path.stem != CONTRIBUTED
    for sample in samples(path.stem, path.parent)
    if sample.title not in BEYOND
}


@pytest.fixture(scope="module")
def empty(server: Server) -> Iterator[Connection]:
    """Connect to a database that stays empty: whatever a test does is rolled back."""
    with server.database() as name, server.connect(name) as connection:
        yield connection


def rebuilt(connection: Connection, catalog: Catalog) -> list[Difference]:
    """Run the script, and return what it made otherwise."""
    script = ddl(catalog)
    assert "-- not written" not in script, script
    offered = {row[0] for row in connection.execute("SELECT name FROM pg_available_extensions")}
    lines = [line for line in script.splitlines() if _extension(line) in {"", *offered}]
    connection.execute("BEGIN")
    try:
        connection.execute("\n".join(lines).encode())
        served = introspect(connection)
    finally:
        connection.execute("ROLLBACK")
        connection.execute("RESET ALL")
    without_declared(served, catalog)
    missing = {("extensions", name) for name in catalog.extensions if name not in offered}
    return [each for each in differences(facts(catalog), served) if each.path not in missing]


def _extension(line: str) -> str:
    """Name the extension that a line of the script makes; embedded servers come with few."""
    made = re.match(r'CREATE EXTENSION "?([\w-]+)', line)
    return made[1] if made else ""


@pytest.mark.parametrize("path", [*PROJECTS, *SAMPLES, *BEHAVIOUR.glob("*.sql")], ids=lambda path: path.stem)
def test_the_script_makes_the_catalog(server: Server, empty: Connection, path: Path) -> None:
    project = open_project(path, None)
    catalog = replayed(project.tree, for_version(project.policy, server.version)).history.catalog
    found = [] if catalog.unknown else rebuilt(empty, catalog)

    assert found == [], explain(found)
    for unknown in catalog.unknown.values():
        assert f"-- not known: {unknown.path}: " in ddl(catalog)


@pytest.mark.parametrize("name", [name for name in EVERY if EVERY[name].title in UNPRINTED])
def test_what_has_no_text_is_named(server: Server, name: str) -> None:
    replay = Replay(new_catalog(server.version), Engine())
    replay.apply(Script(EVERY[name].sql))

    assert "-- not written: " in ddl(replay.catalog)


@pytest.mark.parametrize("name", [name for name in EVERY if EVERY[name].title not in UNPRINTED])
def test_every_object_can_be_written(server: Server, empty: Connection, name: str) -> None:
    replay = Replay(new_catalog(server.version), Engine())
    replay.catalog.facts["strict"] = True
    replay.apply(Script(EVERY[name].sql))
    found = rebuilt(empty, replay.catalog)

    assert found == [], explain(found)


# Scripts whose objects the samples above have not, by what they are about.
SCRIPTS = {
    "a public schema that is gone": "DROP SCHEMA public; CREATE SCHEMA s; CREATE TABLE s.t (a integer)",
    "a public schema without its comment": "COMMENT ON SCHEMA public IS NULL",
    "rules renamed and disabled": (
        "CREATE TABLE t (a integer); CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;"
        "ALTER RULE r ON t RENAME TO s; ALTER TABLE t DISABLE RULE s"
    ),
    "event triggers with tags, disabled": (
        "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
        "CREATE EVENT TRIGGER et ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION e();"
        "COMMENT ON EVENT TRIGGER et IS 'x'; ALTER EVENT TRIGGER et DISABLE"
    ),
    "grants by others than the owner": (
        "CREATE ROLE a; CREATE ROLE b; CREATE TABLE t (x integer, y integer);"
        "GRANT SELECT, UPDATE (x) ON t TO a WITH GRANT OPTION; SET SESSION AUTHORIZATION a;"
        "GRANT SELECT ON t TO b; GRANT UPDATE (x) ON t TO b; GRANT SELECT (y) ON t TO b; RESET SESSION AUTHORIZATION"
    ),
    "a row of a table in a function, the function in its default": (
        "CREATE TABLE t (a integer); CREATE FUNCTION f(t) RETURNS integer LANGUAGE sql AS 'SELECT 1';"
        "CREATE FUNCTION g() RETURNS integer LANGUAGE sql AS 'SELECT 1';"
        "ALTER TABLE t ALTER a SET DEFAULT g(); CREATE VIEW v AS SELECT f(t) AS n FROM t"
    ),
    "a NOT NULL that is not validated": (
        "CREATE TABLE t (a integer); ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID"
    ),
    "a key without overlaps": (
        "CREATE TABLE t (id int4range, p daterange, PRIMARY KEY (id, p WITHOUT OVERLAPS));"
        "CREATE TABLE u (id int4range, p daterange, FOREIGN KEY (id, PERIOD p) REFERENCES t (id, PERIOD p))"
    ),
    "a shell type and a base type": (
        "CREATE TYPE shell; CREATE TYPE b;"
        "CREATE FUNCTION b_in(cstring) RETURNS b LANGUAGE internal IMMUTABLE STRICT AS 'int4in';"
        "CREATE FUNCTION b_out(b) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';"
        "CREATE TYPE b (INPUT = b_in, OUTPUT = b_out, LIKE = integer); CREATE TABLE t (a b)"
    ),
    "a body that holds dollar quotes": (
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $a$SELECT $$x$$ || 'a\\b'$a$;"
        "COMMENT ON FUNCTION f() IS E'a\\\\b'; CREATE FUNCTION g() RETURNS text LANGUAGE sql AS 'SELECT ''$'';--$'"
    ),
    "default privileges of each kind": (
        "CREATE ROLE a; CREATE ROLE b; CREATE SCHEMA s;"
        "ALTER DEFAULT PRIVILEGES FOR ROLE a REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;"
        "ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA s GRANT SELECT ON TABLES TO b WITH GRANT OPTION;"
        "ALTER DEFAULT PRIVILEGES FOR ROLE a REVOKE DELETE ON TABLES FROM a"
    ),
    "memberships that rest on one another": (
        "CREATE ROLE a; CREATE ROLE b; CREATE ROLE g; GRANT g TO a WITH ADMIN OPTION;"
        "SET ROLE a; GRANT g TO b; RESET ROLE"
    ),
}


@pytest.mark.parametrize("sql", SCRIPTS.values(), ids=list(SCRIPTS))
def test_what_else_can_be_written(server: Server, empty: Connection, sql: str) -> None:
    replay = Replay(new_catalog(server.version), Engine())
    replay.catalog.facts["strict"] = True
    replay.apply(Script(sql))
    refused = [(step.statement.sql, step.error, step.opaque) for step in replay.history.steps
               if step.error is not None or step.opaque is not None]  # fmt: skip
    found = rebuilt(empty, replay.catalog)

    assert refused == []
    assert found == [], explain(found)


NOT_WRITTEN = {
    "CREATE TABLE t (a integer); CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING; ALTER TABLE t RENAME TO u": (
        "-- not written: rule r: its table was called t when it was written"
    ),
    "CREATE FUNCTION f() RETURNS integer LANGUAGE sql RETURN 1; ALTER FUNCTION f RENAME TO g_": (
        "-- not written: function g_: it was renamed since, and only the statement that made it is known"
    ),
    "CREATE ROLE a; CREATE ROLE b; CREATE TABLE t (x integer); GRANT SELECT ON t TO a WITH GRANT OPTION; SET ROLE a;"
    "GRANT SELECT (x) ON t TO b; RESET ROLE; REVOKE SELECT ON t FROM a CASCADE": (
        "-- not written: SELECT (x) on TABLE public.t for b: a, who gave it, could not give it any more"
    ),
}


@pytest.mark.parametrize(("sql", "comment"), NOT_WRITTEN.items())
def test_what_is_not_written_is_said(sql: str, comment: str) -> None:
    """With the reason, in the script."""
    replay = Replay(new_catalog(16), Engine())
    replay.catalog.facts["strict"] = True
    replay.apply(Script(sql))

    assert comment in ddl(replay.catalog).splitlines()


def test_before_memberships_had_options() -> None:
    """WITH ADMIN OPTION is all there was."""
    replay = Replay(new_catalog(15))
    replay.apply(Script("CREATE ROLE a; CREATE ROLE g; GRANT g TO a WITH ADMIN OPTION"))

    assert "GRANT g TO a WITH ADMIN OPTION;" in ddl(replay.catalog).splitlines()
