"""
What perhaps happened: each fact that it would have changed is unknown, and nothing that rests on it is taken for known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.facts import facts
from schemaguard.sources.migration import Unanswerable
from tests.oracle.twin import Script
from tests.plpgsql.support import replayed

if TYPE_CHECKING:
    from schemaguard.catalog.replay import Replay

WORLD = """
CREATE ROLE app; CREATE ROLE writers; CREATE ROLE other; CREATE SCHEMA s;
CREATE TABLE rows (a int);
CREATE TABLE t (a int, b text DEFAULT 'x');
ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;
CREATE TABLE u (a int);
CREATE VIEW v AS SELECT a FROM t;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE e AS ENUM ('x');
CREATE POLICY p ON t USING (true);
GRANT INSERT ON t TO writers; GRANT SELECT ON u TO app;
"""
PERHAPS = "DO $$ BEGIN IF EXISTS (SELECT FROM rows) THEN %s END IF; END $$;"

CHANGES = {
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY;": ["tables/public.t/rls_enabled"],
    "ALTER TABLE t FORCE ROW LEVEL SECURITY;": ["tables/public.t/rls_forced"],
    "ALTER TABLE t ADD COLUMN c int;": ["tables/public.t/columns/c"],
    "ALTER TABLE t DROP COLUMN b;": ["tables/public.t/columns/b"],
    "ALTER TABLE t RENAME COLUMN b TO d;": ["tables/public.t/columns/b", "tables/public.t/columns/d"],
    "ALTER TABLE t ALTER a SET NOT NULL;": ["tables/public.t/columns/a/not_null"],
    "ALTER TABLE t ALTER b TYPE varchar(9);": [
        "tables/public.t/columns/b/default",
        "tables/public.t/columns/b/type",
    ],
    "ALTER TABLE t ALTER b DROP DEFAULT;": ["tables/public.t/columns/b/default"],
    "ALTER TABLE t VALIDATE CONSTRAINT k;": ["tables/public.t/constraints/k/validated"],
    "ALTER TABLE t DROP CONSTRAINT k;": ["tables/public.t/constraints/k"],
    "ALTER POLICY p ON t USING (false);": ["tables/public.t/policies/p/using"],
    "DROP POLICY p ON t;": ["tables/public.t/policies/p"],
    "CREATE INDEX i ON t (a);": ["tables/public.t/indexes/i"],
    "CREATE TABLE n (a int PRIMARY KEY);": ["tables/public.n"],
    "DROP TABLE u;": ["tables/public.u"],
    "ALTER TABLE u RENAME TO w;": ["tables/public.u", "tables/public.w"],
    "DROP VIEW v;": ["views/public.v"],
    "CREATE ROLE n;": ["roles/n"],
    "ALTER ROLE app BYPASSRLS;": ["roles/app/bypassrls"],
    "GRANT writers TO app;": [
        "roles/app/member_of/writers",
        "roles/app/memberships",
        "tables/public.rows/effective_privileges/app",
        "tables/public.t/effective_privileges/app",
        "tables/public.u/effective_privileges/app",
        "views/public.v/effective_privileges/app",
    ],
    "GRANT SELECT ON t TO app;": [
        "tables/public.t/effective_privileges/app",
        "tables/public.t/privileges/app:SELECT",
    ],
    "GRANT SELECT ON rows TO app;": [
        "tables/public.rows/effective_privileges/app",
        "tables/public.rows/privileges/app:SELECT",
    ],
    "REVOKE SELECT ON u FROM app;": [
        "tables/public.u/effective_privileges/app",
        "tables/public.u/privileges/app:SELECT",
    ],
    "GRANT SELECT ON u TO public;": [
        "tables/public.u/effective_privileges",
        "tables/public.u/privileges/PUBLIC:SELECT",
    ],
    "GRANT UPDATE (b) ON t TO app;": [
        "tables/public.t/column_privileges/b",
        "tables/public.t/columns/b/privileges",
    ],
    "ALTER TABLE u OWNER TO app;": [
        "tables/public.u/effective_privileges",
        "tables/public.u/owner",
        "tables/public.u/owner_privileges",
        "tables/public.u/privileges",
    ],
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app;": ["default_privileges/postgres::r"],
    "COMMENT ON TABLE t IS 'x';": ["tables/public.t/comment"],
    "COMMENT ON COLUMN t.a IS 'x';": ["tables/public.t/columns/a/comment"],
    "ALTER TYPE e RENAME VALUE 'x' TO 'y';": ["types/public.e/labels"],
    "ALTER FUNCTION f() SECURITY DEFINER;": ["functions/public.f()/security_definer"],
    "CREATE SCHEMA n;": ["schemas/n"],
    "CREATE EXTENSION pgcrypto;": ["extensions/pgcrypto"],
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_fact_is_unknown_and_no_other(change: str) -> None:
    """The paths are those of the facts; what is listed is not among the facts, and all else is as it was."""
    replay = replayed(WORLD + PERHAPS % change)
    known = facts(replay.catalog)
    listed = sorted({entry["path"] for entry in known["unknown"]})

    assert listed == sorted(CHANGES[change])
    assert all(look_up(known, path) is None for path in listed)
    [note] = replay.history.notes
    assert "the rows of `public.rows` are known only to the database" in note.message
    assert (
        f"`{CHANGES[change][0].rpartition('/effective')[0] or CHANGES[change][0]}" in note.message or listed
    )
    assert all(entry["reason"] in note.message for entry in known["unknown"])
    assert all(entry["location"] for entry in known["unknown"] if entry["path"].count("/") > 1)


def look_up(known: object, path: str) -> object:
    """What a path of the facts leads to, None for nothing."""
    found = known
    for step in path.split("/"):
        if isinstance(found, list):
            found = next(
                (entry for entry in found if isinstance(entry, dict) and entry.get("name") == step), None
            )
        else:
            found = found.get(step) if isinstance(found, dict) else None
        if found is None:
            return None
    return found


def test_what_is_the_same_in_both_branches_is_known() -> None:
    replay = replayed(
        WORLD + "DO $$ BEGIN IF EXISTS (SELECT FROM rows) THEN GRANT SELECT ON t TO app; "
        "ELSE GRANT SELECT ON t TO app; END IF; END $$;"
    )

    assert facts(replay.catalog)["unknown"] == []
    assert replay.history.notes == []


def test_the_other_branch_counts_as_well() -> None:
    """What only the branch would have done whose state does not stay is unknown, too."""
    replay = replayed(
        WORLD + "DO $$ BEGIN IF EXISTS (SELECT FROM rows) THEN CREATE TABLE one (a int); "
        "ELSE CREATE TABLE two (a int); DROP VIEW v; END IF; END $$;"
    )

    assert {entry["path"] for entry in facts(replay.catalog)["unknown"]} == {
        "tables/public.one",
        "tables/public.two",
        "views/public.v",
    }


QUESTIONS = {
    ("CREATE ROLE n;", "SELECT 1 FROM pg_roles WHERE rolname = 'n'"): True,
    ("CREATE ROLE n;", "SELECT 1 FROM pg_roles WHERE rolname = 'app'"): False,
    ("CREATE ROLE n;", "SELECT count(*) FROM pg_roles"): True,
    ("DROP ROLE other;", "SELECT 1 FROM pg_roles WHERE rolname = 'other'"): True,
    ("DROP ROLE other;", "SELECT 1 FROM pg_roles WHERE rolname = 'app'"): False,
    ("CREATE TABLE n (a int);", "SELECT to_regclass('n') IS NULL"): True,
    ("CREATE TABLE n (a int);", "SELECT to_regclass('t') IS NULL"): False,
    ("DROP TABLE u;", "SELECT to_regclass('u') IS NULL"): True,
    ("DROP TABLE u;", "SELECT 'u'::regclass"): True,
    ("DROP TABLE u;", "SELECT tablename FROM pg_tables WHERE tablename = 'u'"): True,
    ("DROP TABLE u;", "SELECT tablename FROM pg_tables WHERE tablename = 't'"): False,
    (
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY;",
        "SELECT relrowsecurity FROM pg_class WHERE relname = 't'",
    ): True,
    ("ALTER TABLE t ENABLE ROW LEVEL SECURITY;", "SELECT relname FROM pg_class WHERE relname = 't'"): False,
    (
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY;",
        "SELECT relrowsecurity FROM pg_class WHERE relname = 'u'",
    ): False,
    (
        "ALTER TABLE t ADD COLUMN c int;",
        "SELECT 1 FROM information_schema.columns WHERE table_name = 't' AND column_name = 'c'",
    ): True,
    (
        "ALTER TABLE t ADD COLUMN c int;",
        "SELECT 1 FROM information_schema.columns WHERE table_name = 't' AND column_name = 'a'",
    ): False,
    (
        "ALTER TABLE t ADD COLUMN c int;",
        "SELECT 1 FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'c'",
    ): True,
    ("DROP POLICY p ON t;", "SELECT 1 FROM pg_policies WHERE policyname = 'p'"): True,
    ("CREATE POLICY q ON t;", "SELECT 1 FROM pg_policies WHERE policyname = 'p'"): False,
    ("CREATE POLICY q ON t;", "SELECT 1 FROM pg_policies WHERE policyname = 'q'"): True,
    ("ALTER POLICY p ON t USING (false);", "SELECT qual FROM pg_policies WHERE policyname = 'p'"): True,
    ("GRANT SELECT ON t TO app;", "SELECT has_table_privilege('app', 't', 'SELECT')"): True,
    ("GRANT SELECT ON t TO app;", "SELECT has_table_privilege('app', 'u', 'SELECT')"): False,
    ("GRANT writers TO app;", "SELECT pg_has_role('app', 'writers', 'MEMBER')"): True,
    ("GRANT writers TO app;", "SELECT pg_has_role('other', 'writers', 'MEMBER')"): False,
    ("CREATE ROLE n;", "SELECT has_table_privilege('n', 't', 'SELECT')"): True,
    ("DROP ROLE other;", "SELECT pg_has_role('other', 'writers', 'MEMBER')"): True,
    ("DROP TABLE u;", "SELECT has_table_privilege('app', 'u', 'SELECT')"): True,
    ("CREATE SCHEMA n;", "SELECT 1 FROM pg_namespace WHERE nspname = 'n'"): True,
    ("CREATE SCHEMA n;", "SELECT to_regnamespace('n')"): True,
    ("CREATE TYPE y AS ENUM ('a');", "SELECT 1 FROM pg_type WHERE typname = 'y'"): True,
}


@pytest.mark.parametrize(("change", "query"), QUESTIONS)
def test_queries_that_meet_an_unknown_fact_have_no_answer(change: str, query: str) -> None:
    """Those that do not meet it are answered as before."""
    replay = replayed(WORLD + PERHAPS % change)
    assert replay.engine is not None
    if not QUESTIONS[change, query]:
        before = replayed(WORLD)
        assert before.engine is not None
        answer = replay.engine.rows(replay.session, query, None)
        assert answer == before.engine.rows(before.session, query, None)
        return
    with pytest.raises(Unanswerable, match=r"rows of `public\.rows`"):
        replay.engine.rows(replay.session, query, None)


def test_a_decision_on_something_uncertain_is_uncertain() -> None:
    """IF NOT EXISTS … over a role that is perhaps there: what hangs on it is unknown as well, for the first reason."""
    replay = replayed(
        WORLD
        + PERHAPS % "CREATE ROLE n;"
        + "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'n') THEN GRANT DELETE ON t TO app; END IF; "
        "END $$;"
    )
    paths = {entry["path"]: entry["reason"] for entry in facts(replay.catalog)["unknown"]}

    assert "rows of `public.rows`" in paths["tables/public.t/privileges/app:DELETE"]


def test_an_error_about_something_uncertain_is_not_known() -> None:
    """A statement that fails only if something was dropped is neither fine nor an error: it is opaque."""
    replay = replayed(
        WORLD + PERHAPS % "DROP TABLE u;" + "ALTER TABLE u ADD b int; ALTER TABLE nothing ADD b int;"
    )
    last, very_last = replay.history.steps[-2:]

    assert last.error is None
    assert last.opaque is not None
    assert "rows of `public.rows`" in last.opaque.reason
    assert very_last.error is not None


def test_default_privileges_that_are_perhaps_there_make_new_privileges_unknown() -> None:
    replay = replayed(
        WORLD
        + PERHAPS % "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO app;"
        + "CREATE TABLE s.later (a int); CREATE TABLE elsewhere (a int); CREATE SEQUENCE s.q;"
    )

    assert {entry["path"] for entry in facts(replay.catalog)["unknown"]} == {
        "default_privileges/postgres:s:r",
        "tables/s.later/effective_privileges",
        "tables/s.later/privileges",
    }


HANDLED = {
    "ALTER TABLE t ADD UNIQUE (a); EXCEPTION WHEN unique_violation THEN NULL;": "rows allow it",
    "ALTER TABLE t ALTER a SET NOT NULL; EXCEPTION WHEN OTHERS THEN NULL;": "rows allow it",
    "CREATE UNIQUE INDEX i ON t (a); EXCEPTION WHEN OTHERS THEN NULL;": "rows allow it",
    "INSERT INTO t VALUES (1); GRANT SELECT ON t TO app; EXCEPTION WHEN OTHERS THEN NULL;": "rows allow it",
    "CREATE EXTENSION pgcrypto; EXCEPTION WHEN OTHERS THEN NULL;": "the server has the extension",
    "GRANT SELECT ON t TO stranger; EXCEPTION WHEN undefined_object THEN NULL;": "`stranger` exists is not known",
    "CREATE TABLE z (a int); EXECUTE 'PREPARE q AS SELECT 1'; EXECUTE 'EXECUTE q'; EXCEPTION WHEN OTHERS THEN NULL;": (
        "not understood"
    ),
}


@pytest.mark.parametrize("body", HANDLED)
def test_a_handler_that_may_have_undone_the_block(body: str) -> None:
    replay = replayed(WORLD)
    replay.apply(Script(f"DO $$ BEGIN {body} END $$;", name="second"))

    assert facts(replay.catalog)["unknown"]
    assert any(HANDLED[body] in note.message for note in replay.history.notes)
    assert all(step.maybe for step in replay.history.steps if step.depth and not step.opaque)


UNTOUCHED = (
    "ALTER TABLE t ADD UNIQUE (a); EXCEPTION WHEN division_by_zero THEN NULL;",
    "CREATE TABLE z (a int UNIQUE); CREATE UNIQUE INDEX ON z (a); EXCEPTION WHEN OTHERS THEN NULL;",
    "GRANT SELECT ON t TO app; EXCEPTION WHEN OTHERS THEN NULL;",
    "ALTER TABLE t ADD CHECK (a > 1) NOT VALID; EXCEPTION WHEN OTHERS THEN NULL;",
)


@pytest.mark.parametrize("body", UNTOUCHED)
def test_a_handler_that_has_nothing_to_catch(body: str) -> None:
    replay = replayed(
        WORLD.replace("CREATE TABLE t", "SELECT 1; CREATE TABLE t") + f"DO $$ BEGIN {body} END $$;"
    )

    assert facts(replay.catalog)["unknown"] == []
    assert replay.history.notes == []


def notes(replay: Replay) -> list[str]:
    return [note.message for note in replay.history.notes]


LOOPS = {
    "FOR r IN SELECT a FROM rows LOOP GRANT SELECT ON t TO app; END LOOP;": "which rows the loop goes through",
    "FOREACH x IN ARRAY (SELECT array_agg(a::text) FROM rows) LOOP GRANT SELECT ON t TO app; END LOOP;": "which elem",
    "FOR i IN 1 .. (SELECT count(*) FROM rows) LOOP GRANT SELECT ON t TO app; END LOOP;": "how often the loop runs",
    "WHILE (SELECT count(*) FROM rows) > n LOOP n := n + 1; GRANT SELECT ON t TO app; END LOOP;": "decides whether",
    "LOOP EXIT WHEN (SELECT count(*) FROM rows) > 1; GRANT SELECT ON t TO app; EXIT; END LOOP;": "may end the loop",
    "CASE (SELECT count(*) FROM rows) WHEN 1 THEN GRANT SELECT ON t TO app; ELSE NULL; END CASE;": "decides",
    "IF (SELECT count(*) FROM rows) > 1 THEN RETURN; END IF; GRANT SELECT ON t TO app;": "decides",
    "IF (SELECT count(*) FROM rows) > 1 THEN IF (SELECT max(a) FROM rows) = 2 THEN GRANT SELECT ON t TO app; END IF; "
    "END IF;": "decides",
}


@pytest.mark.parametrize("body", LOOPS)
def test_what_is_done_an_unknown_number_of_times(body: str) -> None:
    replay = replayed(WORLD + f"DO $$ DECLARE r record; x text; n int := 0; BEGIN {body} END $$;")
    paths = {entry["path"] for entry in facts(replay.catalog)["unknown"]}

    assert "tables/public.t/privileges/app:SELECT" in paths
    assert any(LOOPS[body] in message for message in notes(replay)), notes(replay)


def test_variables_that_differ_between_branches_are_unknown() -> None:
    """What they are used for afterwards is not known, and says so."""
    replay = replayed(
        WORLD
        + "DO $$ DECLARE name text := 'one'; BEGIN IF EXISTS (SELECT FROM rows) THEN name := 'two'; END IF; "
        "EXECUTE format('CREATE TABLE %I (a int)', name); END $$;"
    )

    assert notes(replay)
    assert not {"public.one", "public.two"} & facts(replay.catalog)["tables"].keys()


def test_a_branch_that_raises_is_not_the_one_that_was_taken() -> None:
    replay = replayed(
        WORLD
        + "DO $$ BEGIN IF EXISTS (SELECT FROM rows) THEN RAISE EXCEPTION 'stop'; ELSE GRANT SELECT ON t TO app; "
        "END IF; END $$;"
    )
    known = facts(replay.catalog)

    assert known["unknown"] == []
    assert "SELECT" in known["tables"]["public.t"]["effective_privileges"]["app"]


def test_where_all_branches_raise_the_statement_fails() -> None:
    replay = replayed(
        WORLD
        + "DO $$ BEGIN IF EXISTS (SELECT FROM rows) THEN RAISE EXCEPTION 'one'; ELSE RAISE EXCEPTION 'two'; "
        "END IF; END $$;"
    )

    assert replay.history.steps[-1].error is not None


def test_a_function_with_unknown_ends_has_an_unknown_value() -> None:
    replay = replayed(
        WORLD
        + "CREATE FUNCTION pick() RETURNS text LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT FROM rows) THEN "
        "RETURN 'one'; END IF; RETURN 'two'; END $$;"
        "CREATE FUNCTION several() RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT FROM rows) THEN "
        "RETURN NEXT 'one'; END IF; RETURN; END $$;"
        "DO $$ DECLARE r text; BEGIN EXECUTE format('CREATE TABLE %I (a int)', pick()); "
        "FOR r IN SELECT several() LOOP EXECUTE format('CREATE TABLE %I (a int)', r); END LOOP; END $$;"
    )

    assert replay.history.steps[-1].opaque is not None or notes(replay)
    assert not {"public.one", "public.two"} & facts(replay.catalog)["tables"].keys()


def test_too_many_unknown_conditions_inside_of_each_other() -> None:
    body = "GRANT SELECT ON t TO app;"
    for number in range(8):
        body = f"IF (SELECT max(a) FROM rows) = {number} THEN {body} ELSE NULL; END IF;"
    replay = replayed(WORLD + f"DO $$ BEGIN {body} END $$;")

    assert replay.history.steps[-1].opaque is not None or notes(replay)
