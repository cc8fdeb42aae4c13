"""
Literal rows held against a server: those that the replay is certain of are there, and without a doubt no others.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.replay import replay
from schemaguard.catalog.seeds import SeededRows, seeded_rows
from schemaguard.linting.history import query_engine
from schemaguard.postgres.seeds import missing_rows
from schemaguard.statements.parse import parse
from schemaguard.statements.statement import Statement
from schemaguard.text import SourceFile, SqlText
from tests.oracle.twin import Script

if TYPE_CHECKING:
    from schemaguard.postgres.server import Connection

pytestmark = pytest.mark.postgres

TABLES = """
CREATE TABLE kinds (
    code text PRIMARY KEY, label text, paid boolean NOT NULL DEFAULT false, rank int DEFAULT 5, short varchar(3),
    made timestamptz DEFAULT now(), ratio numeric(6, 2), UNIQUE (label, rank)
);
CREATE TABLE parts (code text PRIMARY KEY, kind text REFERENCES kinds ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE loose (a int, b text);
CREATE TABLE source (code text);
CREATE VIEW shown AS SELECT code, label FROM kinds;
"""

AB = "INSERT INTO kinds (code, label) VALUES ('a', 'A'), ('b', 'B')"

TRIGGER = """
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.code = upper(NEW.code); RETURN NEW; END';
CREATE TRIGGER t BEFORE INSERT ON kinds FOR EACH ROW EXECUTE FUNCTION f()"""

# Statements, the codes (or whole rows) that are certain, and whether that is all.
CASES: list[tuple[str, list[str], bool]] = [
    ("", [], True),
    (AB, ["a", "b"], True),
    (
        ("INSERT INTO kinds VALUES ('a', 'A', true, 3, 'x', now(), 1.5), ('b', NULL, false, DEFAULT, "
        "NULL, DEFAULT, -1)"),
        ["a", "b"], True,
    ),
    ("INSERT INTO kinds (code, rank, paid) VALUES ('a', '7', 't'), ('b', -2, DEFAULT)", ["a", "b"], True),
    ("INSERT INTO kinds (code) VALUES (lower('A'))", [], True),
    ("INSERT INTO kinds (code) VALUES ('a'::text), (cast('b' AS text)), ('cd'::char(1))", ["a", "b"], True),
    ("INSERT INTO kinds (code) SELECT 'a'", ["a"], True),
    ("INSERT INTO kinds (code, label) SELECT 'a', 'A' UNION ALL SELECT 'b', 'B'", ["a", "b"], True),
    ("INSERT INTO kinds (code) SELECT 'a' UNION SELECT 'a' UNION SELECT 'b'", ["a", "b"], True),
    ("INSERT INTO kinds (code) SELECT 'a' EXCEPT SELECT 'a'", [], False),
    (
        ("INSERT INTO kinds (code, label) SELECT v.x, v.y FROM (VALUES ('a', 'A'), ('b', 'B')) AS v (x, "
        "y)"),
        ["a", "b"], True,
    ),
    ("INSERT INTO kinds (label, code) SELECT 'L' || x, x FROM (VALUES ('a'), ('b')) AS v (x)", ["a", "b"], True),
    ("INSERT INTO kinds (code, label) SELECT * FROM (VALUES ('a', 'A')) v", ["a"], True),
    ("INSERT INTO kinds (code) SELECT column1 FROM (VALUES ('a')) v", ["a"], True),
    ("INSERT INTO kinds (code) SELECT x FROM (VALUES ('a'), ('b')) v (x) WHERE x <> 'b'", [], False),
    ("INSERT INTO kinds (code) SELECT x FROM (VALUES ('a'), ('b')) v (x) LIMIT 1", [], False),
    ("WITH v (x) AS (VALUES ('a'), ('b')) INSERT INTO kinds (code) SELECT x FROM v", ["a", "b"], True),
    ("INSERT INTO kinds (code) WITH v AS (SELECT 'a' AS x) SELECT x FROM v", ["a"], True),
    ("INSERT INTO kinds (code) SELECT unnest(ARRAY['a', 'b'])", ["a", "b"], True),
    ("INSERT INTO kinds (code, paid) SELECT unnest(ARRAY['a', 'b']), true", ["a", "b"], True),
    ("INSERT INTO kinds (code) SELECT u FROM unnest(ARRAY['a', 'b']::text[]) AS u", ["a", "b"], True),
    ("INSERT INTO kinds (code) SELECT u.x FROM unnest(ARRAY['a']) AS u (x)", ["a"], True),
    ("INSERT INTO kinds (code) SELECT generate_series(1, 2)::text", [], False),
    ("INSERT INTO kinds (code) SELECT regexp_split_to_table('a,b', ',')", [], False),
    ("INSERT INTO kinds (code) SELECT code FROM source", [], False),
    ("INSERT INTO kinds (code) SELECT 'a' WHERE NOT EXISTS (SELECT FROM kinds WHERE code = 'a')", ["a"], True),
    (
        (f"{AB}; INSERT INTO kinds (code) SELECT 'a' WHERE NOT EXISTS (SELECT 1 FROM kinds k WHERE k.code "
        "= 'a')"),
        ["a", "b"], True,
    ),
    ("INSERT INTO kinds (code) SELECT 'a' WHERE false", [], True),
    ("INSERT INTO kinds (code) SELECT 'a' WHERE EXISTS (SELECT FROM source)", [], False),
    ("INSERT INTO loose DEFAULT VALUES", [], True),
    (f"{AB}; INSERT INTO kinds (code) VALUES ('a')", ["a", "b"], True),
    (f"{AB}; INSERT INTO kinds (code, label) VALUES ('a', 'X') ON CONFLICT DO NOTHING", ["a", "b"], True),
    (f"{AB}; INSERT INTO kinds (code, label, rank) VALUES ('c', 'A', 5) ON CONFLICT DO NOTHING", ["a", "b"], True),
    (
        (f"{AB}; INSERT INTO kinds (code, label) VALUES ('a', 'X'), ('c', 'C') ON CONFLICT (code) DO "
        "NOTHING"),
        ["a", "b", "c"], True,
    ),
    (
        (f"{AB}; INSERT INTO kinds (code, label) VALUES ('a', 'X') ON CONFLICT (code) DO UPDATE SET label "
        "= EXCLUDED.label, rank = 9"),
        ["a", "b"], True,
    ),
    (
        (f"{AB}; INSERT INTO kinds (code, label) VALUES ('a', 'X') ON CONFLICT (code) DO UPDATE SET label "
        "= upper(EXCLUDED.label)"),
        ["a", "b"], True,
    ),
    (
        (f"{AB}; INSERT INTO kinds (code, label) VALUES ('a', 'X') ON CONFLICT (code) DO UPDATE SET label "
        "= 'N' WHERE kinds.label = 'B'"),
        ["a", "b"], True,
    ),
    (
        (f"{AB}; INSERT INTO kinds (code, label) VALUES ('a', 'X') ON CONFLICT ON CONSTRAINT kinds_pkey "
        "DO UPDATE SET code = 'z'"),
        ["z", "b"], True,
    ),
    (
        (f"{AB}; INSERT INTO kinds (code, label, rank) VALUES ('c', 'A', 5) ON CONFLICT (label, rank) DO "
        "UPDATE SET rank = 6"),
        ["a", "b"], True,
    ),
    (
        ("INSERT INTO kinds SELECT code FROM source; INSERT INTO kinds (code, label) VALUES ('a', 'A') "
        "ON CONFLICT (code) DO NOTHING"),
        ["a"], False,
    ),
    (
        ("INSERT INTO kinds SELECT code FROM source; INSERT INTO kinds (code, label) VALUES ('a', 'A') "
        "ON CONFLICT DO NOTHING"),
        [], False,
    ),
    (
        ("INSERT INTO kinds SELECT code FROM source; INSERT INTO kinds (code, label) VALUES ('a', 'A') "
        "ON CONFLICT (code) DO UPDATE SET label = EXCLUDED.label"),
        ["a"], False,
    ),
    (f"{AB}; UPDATE kinds SET label = 'X' WHERE code = 'a'", ["a", "b"], True),
    (f"{AB}; UPDATE kinds SET code = 'z' WHERE label = 'A'", ["z", "b"], True),
    (f"{AB}; UPDATE kinds SET code = code || 'x' WHERE label = 'A'", ["b"], True),
    (f"{AB}; UPDATE kinds SET rank = rank + 1", ["a", "b"], True),
    (f"{AB}; UPDATE kinds SET label = 'X' WHERE made > now()", ["a", "b"], True),
    (f"{AB}; UPDATE kinds SET label = 'X' WHERE code IN ('a', 'c') AND paid IS FALSE", ["a", "b"], True),
    (f"{AB}; UPDATE kinds SET label = 'X' FROM source WHERE kinds.code = 'a'", ["a", "b"], True),
    (f"{AB}; UPDATE kinds k SET label = 'X' WHERE k.code = 'a'", ["a", "b"], True),
    (f"{AB}; UPDATE kinds SET (label, rank) = ('X', 1) WHERE code = 'a'", ["a", "b"], True),
    (f"{AB}; UPDATE kinds SET rank = DEFAULT, label = NULL WHERE code = 'a'", ["a", "b"], True),
    (f"{AB}; DELETE FROM kinds WHERE code = 'a'", ["b"], True),
    (f"{AB}; DELETE FROM kinds", [], True),
    (f"{AB}; DELETE FROM kinds WHERE code LIKE 'a%' OR label ILIKE 'b'", [], True),
    (f"{AB}; DELETE FROM kinds WHERE code NOT LIKE 'a%'", ["a"], True),
    (f"{AB}; DELETE FROM kinds WHERE code NOT IN ('a')", ["a"], True),
    (f"{AB}; DELETE FROM kinds WHERE code <> ALL (ARRAY['a'])", [], False),
    (f"{AB}; DELETE FROM kinds WHERE code = ANY (ARRAY['a', NULL])", ["b"], True),
    (f"{AB}; DELETE FROM kinds WHERE NOT (code = 'a')", ["a"], True),
    (f"{AB}; DELETE FROM kinds WHERE ratio = 1", ["a", "b"], True),
    (f"{AB}; DELETE FROM kinds WHERE NOT (ratio = 1)", ["a", "b"], True),
    (f"{AB}; DELETE FROM kinds WHERE ratio IS NULL AND label IS NOT NULL", [], True),
    (f"{AB}; DELETE FROM kinds WHERE NOT paid", [], True),
    (f"{AB}; DELETE FROM kinds WHERE (code = 'a') IS NOT TRUE", ["a"], True),
    (f"{AB}; DELETE FROM kinds WHERE 'a' = code", ["b"], True),
    (f"{AB}; DELETE FROM kinds WHERE length(code) = 1", [], False),
    (f"{AB}; DELETE FROM kinds USING source WHERE source.code = kinds.code", [], False),
    (f"{AB}; DELETE FROM kinds WHERE code IN (SELECT code FROM source)", [], False),
    (f"{AB}; TRUNCATE kinds CASCADE", [], True),
    (f"INSERT INTO kinds SELECT code FROM source; TRUNCATE kinds CASCADE; {AB}", ["a", "b"], True),
    (f"INSERT INTO kinds SELECT code FROM source; DELETE FROM kinds; {AB}", ["a", "b"], True),
    (f"{AB}; ALTER TABLE kinds RENAME COLUMN label TO name; UPDATE kinds SET name = 'X'", ["a", "b"], True),
    (f"{AB}; ALTER TABLE kinds DROP COLUMN short; ALTER TABLE kinds ADD COLUMN short text", ["a", "b"], True),
    (f"{AB}; ALTER TABLE kinds ADD used bool NOT NULL DEFAULT false, ADD at date DEFAULT now()", ["a", "b"], True),
    (f"{AB}; ALTER TABLE kinds ALTER COLUMN rank TYPE text USING rank || '!'", ["a", "b"], True),
    (f"{AB}; ALTER TABLE kinds RENAME TO sorts; ALTER TABLE sorts RENAME TO kinds", ["a", "b"], True),
    (f"{AB}; MERGE INTO kinds USING source ON source.code = kinds.code WHEN MATCHED THEN DELETE", [], False),
    ("INSERT INTO shown (code, label) VALUES ('a', 'A')", [], False),
    (f"{AB}; UPDATE shown SET label = 'X'", [], False),
    (f"{AB}; DELETE FROM shown", [], False),
    ("DO $$ BEGIN FOR i IN 1..2 LOOP INSERT INTO kinds (code) VALUES ('a' || i); END LOOP; END $$", [], True),
    ("DO $$ BEGIN INSERT INTO kinds (code) VALUES ('a'); END $$", ["a"], True),
    (
        (f"{AB}; DO $$ BEGIN IF random() > 2 THEN DELETE FROM kinds; INSERT INTO kinds (code) VALUES "
        "('c'); END IF; END $$"),
        [], False,
    ),
    (f"{TRIGGER}; {AB}", [], False),
    ("WITH gone AS (DELETE FROM kinds RETURNING code) INSERT INTO loose (b) SELECT code FROM gone", [], True),
    (
        (f"CREATE UNIQUE INDEX u ON kinds (lower(code)); {AB}; INSERT INTO kinds (code) VALUES ('A') ON "
        "CONFLICT (lower(code)) DO NOTHING"),
        ["a", "b"], False,
    ),
    (
        (
            "INSERT INTO kinds (code, rank, paid, ratio) VALUES ('a', '7'::int, 'yes'::bool, -1.5), "
            "('b', '7.5'::numeric::int, 0::bool, - 2), ('c', -3::int, 'n', '1'::numeric(6, 2))"
        ),
        ["a", "b", "c"], True,
    ),
    ("INSERT INTO kinds (code, label, short) VALUES (5, true, 'ab'::varchar(3)), ('b'::name, 'x', NULL)", ["5"], True),
    ("INSERT INTO kinds (code, label) VALUES (NULL, 'x')", [], True),
    (f"{AB}; DELETE FROM kinds WHERE true", [], True),
    (f"{AB}; DELETE FROM kinds WHERE paid IS NULL OR paid = 'f' AND rank = '5' AND code::text = 'a'", ["b"], True),
    (f"{AB}; DELETE FROM kinds WHERE code = lower('A')", [], False),
    (f"{AB}; DELETE FROM kinds WHERE rank = 5 AND code > 'a'", [], False),
    (f"{AB}; DELETE FROM kinds WHERE 'a' < code", [], False),
    (f"{AB}; DELETE FROM kinds WHERE (code, label) = ('a', 'A')", [], False),
    (f"{AB}; DELETE FROM kinds WHERE code LIKE 'a\\_%'", [], False),
    (f"{AB}; DELETE FROM kinds WHERE NULL", [], False),
    (f"{AB}; DELETE FROM kinds WHERE (code > 'a') IS UNKNOWN", [], False),
    (f"{AB}; DELETE FROM kinds WHERE length(code) IS NULL", [], False),
    (f"{AB}; DELETE FROM kinds WHERE code = ANY ('{{a,b}}'::text[])", [], False),
    (f"{AB}; INSERT INTO parts VALUES ('p', 'a'); DELETE FROM kinds WHERE code = 'a'", ["b"], True),
    ("INSERT INTO kinds (code) SELECT v.x FROM (VALUES ('a')) AS v (x), source", [], False),
    ("INSERT INTO kinds (code) SELECT DISTINCT x FROM (VALUES ('a')) AS v (x)", [], False),
    ("INSERT INTO kinds (code, label) SELECT 'a', x FROM unnest(ARRAY[1]) WITH ORDINALITY AS v (x, n)", [], False),
    ("INSERT INTO kinds (code) SELECT unnest(ARRAY[x]) FROM (VALUES ('a')) AS v (x)", [], False),
    ("INSERT INTO kinds (code) SELECT unnest(string_to_array('a,b', ','))", [], False),
    (f"{AB}; INSERT INTO kinds SELECT 'c' WHERE NOT EXISTS (SELECT FROM kinds WHERE code > '')", ["a", "b"], False),
]  # fmt: skip


def known(sql: str) -> SeededRows:
    """What the replay knows of the table."""
    history = replay([Script(f"{TABLES};\n{sql}")], new_catalog(18), query_engine())
    return seeded_rows(history.catalog, history.catalog.relation_named("public", "kinds"))


def untrue(connection: Connection, rows: SeededRows) -> list[Any]:
    """The rows that the server has not, and those it has beyond a complete list."""
    missing: list[Any] = [
        difference.left for difference in missing_rows(connection, {"public.kinds": list(rows.rows)})
    ]
    if rows.complete:
        [[count]] = connection.execute("SELECT count(*) FROM kinds").fetchall()
        if count != len(rows.rows):
            missing.append(f"{count} rows")
    return missing


@pytest.fixture
def tables(connection: Connection) -> Connection:
    """A database with the tables, and a row in the one that nothing is known of."""
    connection.execute(TABLES.encode())
    connection.execute("INSERT INTO source VALUES ('b'), ('q')")
    return connection


@pytest.mark.parametrize("case", CASES, ids=[case[0][:70] for case in CASES])
def test_what_is_known(case: tuple[str, list[str], bool]) -> None:
    sql, codes, complete = case
    found = known(sql)

    assert [row["code"] for row in found.rows if "code" in row] == codes
    assert found.complete is complete


def test_the_server_has_them(tables: Connection) -> None:
    wrong = []
    for sql, _codes, _complete in CASES:
        with tables.transaction(force_rollback=True):
            apply(tables, sql)
            if found := untrue(tables, known(sql)):
                wrong.append((sql, found))

    assert wrong == []


def apply(connection: Connection, sql: str) -> bool:
    """Run statements, going on after those that fail, as the replay does; whether any failed."""
    failed = False
    for parsed in parse(SqlText.whole_file(SourceFile("case.sql", sql))) if sql else ():
        assert isinstance(parsed, Statement)
        try:
            with connection.transaction():
                connection.execute(parsed.sql.encode())
        except psycopg.errors.IntegrityError:
            failed = True
    return failed


VALUES = ("'a'", "'b'", "'c'", "NULL", "DEFAULT", "'A'")
CONDITIONS = (
    "code = 'a'", "label = 'b'", "NOT paid", "rank = 5", "rank <> 5", "label IS NULL", "code IN ('a', 'c')",
    "label NOT IN ('a', NULL)", "code LIKE '_'", "NOT (label = 'c')", "paid IS NOT TRUE", "rank > 3", "short = 'x'",
)  # fmt: skip


CONFLICTS = (
    "", "", "ON CONFLICT DO NOTHING", "ON CONFLICT (code) DO NOTHING", "ON CONFLICT (label, rank) DO NOTHING",
    "ON CONFLICT (code) DO UPDATE SET label = EXCLUDED.label",
    "ON CONFLICT (code) DO UPDATE SET rank = 1, label = 'z' WHERE kinds.rank = 5",
)  # fmt: skip


def random_statement(pick: random.Random) -> str:
    """One statement about the table, of any kind."""
    value, code = pick.choice(VALUES), pick.choice(("'a'", "'b'", "'c'", "'d'"))
    condition = " ".join(
        [
            pick.choice(CONDITIONS),
            *(f"{pick.choice(('AND', 'OR'))} {pick.choice(CONDITIONS)}" for _ in range(pick.randint(0, 2))),
        ]
    )
    conflict = pick.choice(CONFLICTS)
    flag = pick.choice(("true", "false", "DEFAULT"))
    return pick.choice(
        (
            f"INSERT INTO kinds (code, label) VALUES ({code}, {value}) {conflict}",
            f"INSERT INTO kinds (code, label, rank) VALUES ({code}, {value}, {pick.randint(1, 6)}) {conflict}",
            f"INSERT INTO kinds (code, paid) SELECT {code}, true {conflict}",
            f"INSERT INTO kinds (code) SELECT {code} WHERE NOT EXISTS (SELECT FROM kinds WHERE {condition})",
            f"INSERT INTO kinds (code) SELECT code FROM source {conflict}",
            f"UPDATE kinds SET label = {value} WHERE {condition}",
            f"UPDATE kinds SET rank = {pick.randint(1, 6)}, paid = {flag} WHERE {condition}",
            f"UPDATE kinds SET rank = rank + 1 WHERE {condition}",
            f"UPDATE kinds SET code = {code} WHERE {condition}",
            f"DELETE FROM kinds WHERE {condition}",
            f"DELETE FROM kinds WHERE {condition} AND made < now() + interval '1 day'",
        )
    )


def test_random_sequences(tables: Connection) -> None:
    """Whatever is done in whatever order, what the replay is certain of is so."""
    wrong = []
    certain = 0
    for number in range(60):
        pick = random.Random(number)  # noqa: S311 - no secret
        sql = "; ".join(random_statement(pick) for _ in range(pick.randint(2, 7)))
        with tables.transaction(force_rollback=True):
            failed = apply(tables, sql)
            rows = known(sql)
            if failed and not rows.complete:
                continue  # it failed for rows that are not known, and a history ends there
            certain += len(rows.rows)
            if found := untrue(tables, rows):
                wrong.append((sql, found))

    assert wrong == []
    assert certain > 30
