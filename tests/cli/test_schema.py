"""
`schemaguard schema`: the catalog for people, as facts, and as DDL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.facts.shape import Facts
from tests.cli.ledger import answer

if TYPE_CHECKING:
    from tests.cli.support import CommandLine


def test_schema_is_the_documented_json(project: CommandLine) -> None:
    """Its keys are those of the shape, and a table's facts are there."""
    found = answer(project, "schema")

    assert list(found) == list(Facts.__annotations__)
    ledger = found["tables"]["public.ledger"]
    assert ledger["columns"][1] == {
        "name": "amount", "type": "integer", "not_null": False, "default": None, "generated": None,
        "identity": None, "comment": None, "inherited": False,
    }  # fmt: skip
    assert ledger["effective_privileges"]["app_rw"] == ["INSERT", "SELECT"]
    assert ledger["column_privileges"] == [
        {
            "column": "note",
            "grantee": "app_rw",
            "privilege": "UPDATE",
            "grantable": False,
            "grantor": "postgres",
        }
    ]
    assert found["unknown"] == []


def test_schema_says_where_each_fact_comes_from(project: CommandLine) -> None:
    """With --locations; the flag that a later statement changed points at that one."""
    ledger = answer(project, "schema", "--locations")["tables"]["public.ledger"]

    assert ledger["because"] == {"path": "migrations/002_ledger.up.sql", "line": 1, "column": 1}
    assert ledger["rls_enabled_because"] == {"path": "migrations/003_second.up.sql", "line": 3, "column": 1}
    assert ledger["columns"][1]["not_null_because"]["path"] == "migrations/003_second.up.sql"
    assert {entry["grantee"]: entry["because"]["line"] for entry in ledger["privileges"]} == {
        "app_rw": 2,
        "writers": 3,
    }


@pytest.mark.parametrize("revision", ["002_ledger", "2", "002", "002_l", "migrations/002_ledger.up.sql"])
def test_schema_at_a_migration(project: CommandLine, revision: str) -> None:
    """By name, version, prefix or path: the state before the third one."""
    ledger = answer(project, "schema", "--at", revision)["tables"]["public.ledger"]

    assert (ledger["rls_enabled"], ledger["columns"][1]["not_null"]) == (False, True)


def test_schema_before_all(project: CommandLine) -> None:
    """`base` is an empty database."""
    assert answer(project, "schema", "--at", "base")["tables"] == {}


SCHEMA_TEXT = """\
schema public  owner pg_database_owner; standard public schema
  may  PUBLIC  USAGE

table public.ledger  owner postgres
  id      bigint   NOT NULL
  amount  integer
  note    text
  primary key ledger_pkey (id)
  row security enabled
  may  app_rw   INSERT, SELECT, UPDATE(note)
  may  writers  DELETE

role app_rw (LOGIN)
role batch (a member of writers)
role writers

PostgreSQL 16: 1 table, 3 roles
"""


def test_schema_for_people(project: CommandLine) -> None:
    """Every object with its parts, and who may do what."""
    assert project("schema").out == SCHEMA_TEXT
    assert "\x1b[" in project("schema", "--color").out
    assert "bigint   NOT NULL  migrations/002_ledger.up.sql:1:22" in project("schema", "--locations").out


RICH = """
CREATE SCHEMA s;
CREATE TYPE s.color AS ENUM ('red');
CREATE TABLE s.parted (at date NOT NULL, kind s.color DEFAULT 'red') PARTITION BY RANGE (at);
CREATE TABLE s.one PARTITION OF s.parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
COMMENT ON COLUMN s.parted.at IS 'When.';
CREATE VIEW s.v WITH (security_invoker = true) AS SELECT at FROM s.parted;
CREATE MATERIALIZED VIEW s.m AS SELECT count(*) AS n FROM s.parted;
CREATE FUNCTION s.f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER t BEFORE DELETE ON s.parted FOR EACH ROW EXECUTE FUNCTION s.f();
ALTER TABLE s.parted DISABLE TRIGGER t;
CREATE ROLE r;
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO r;
CREATE TABLE s.codes (code text PRIMARY KEY);
CREATE TABLE s.uses (code text REFERENCES s.codes);
INSERT INTO s.codes VALUES ('a'), ('b');
"""


def test_schema_shows_every_kind_of_object(cli: CommandLine) -> None:
    """Partitions, views, triggers that are off, definer functions, default privileges, rows of lookup tables."""
    cli.put("migrations/001.sql", RICH)
    text = cli("schema").out

    for line in (
        "partitioned table s.parted partitioned by RANGE (at)  owner postgres",
        "  at    date     NOT NULL  -- When.",
        "  trigger t: before delete, for each row, s.f() disabled",
        "table s.one partition of s.parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')  owner postgres",
        "view s.v security_invoker=true  owner postgres",
        "  as  SELECT at    FROM s.parted;",
        "materialized view s.m  owner postgres",
        'function s.f() returns trigger, plpgsql volatile, SECURITY DEFINER, SET search_path=""  owner postgres',
        "enum s.color ('red')  owner postgres",
        "default privilege SELECT on every table that postgres creates in s for r",
        "2 rows inserted into s.codes",
    ):
        assert line in text.splitlines(), text


def test_schema_says_what_it_cannot_know(cli: CommandLine) -> None:
    """A statement that only may have run leaves its facts open."""
    cli.put(
        "migrations/001.sql",
        "CREATE TABLE t (a integer);\n"
        "DO $$ BEGIN IF random() > 0.5 THEN ALTER TABLE t ADD b integer; END IF; END $$;\n",
    )
    done = cli("schema")

    assert "unknown tables/public.t" in done.out
    assert "; 1 fact unknown" in done.out


def test_schema_as_sql(project: CommandLine) -> None:
    """DDL that makes the catalog; tests/postgres proves that it does."""
    script = project("schema", "--format", "sql").out

    assert "GRANT UPDATE (note) ON TABLE public.ledger TO app_rw;" in script.splitlines()
    assert "ALTER TABLE public.ledger ENABLE ROW LEVEL SECURITY;" in script.splitlines()
