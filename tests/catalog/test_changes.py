"""
What becomes of a schema between two states, in words.
"""

# long: most of it is the table of all that is said

from __future__ import annotations

import pytest

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.changes import Change, change_object, describe
from schemaguard.catalog.facts import facts
from schemaguard.catalog.model import Unknown
from schemaguard.catalog.replay import Replay
from schemaguard.text import SourceFile
from tests.oracle.twin import Script

BASE = """
CREATE ROLE app_rw LOGIN;
CREATE ROLE writers;
CREATE ROLE keeper;
CREATE SCHEMA s;
CREATE TABLE tenants (id uuid PRIMARY KEY, name text);
CREATE TABLE orders (
    id bigserial PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT orders_tenant REFERENCES tenants (id),
    status text NOT NULL DEFAULT 'new',
    amount integer CHECK (amount > 0)
);
CREATE INDEX orders_status ON orders (status);
CREATE VIEW open_orders AS SELECT id, status FROM orders WHERE status = 'new';
CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER guard BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION keep();
CREATE POLICY own ON orders USING (status = 'new');
CREATE TYPE color AS ENUM ('red', 'blue');
CREATE DOMAIN cents AS bigint CHECK (VALUE >= 0);
CREATE SEQUENCE numbers;
CREATE PUBLICATION pub FOR TABLE orders;
CREATE RULE quiet AS ON DELETE TO tenants DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM orders;
CREATE TABLE events (at date, n integer) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
GRANT UPDATE ON orders TO app_rw;
GRANT DELETE ON orders TO writers;
COMMENT ON TABLE tenants IS 'Who pays.';
"""


def replayed(*scripts: str) -> Replay:
    """Replay scripts, each as a file of its own."""
    replay = Replay(new_catalog(16))
    for number, sql in enumerate(scripts):
        script = Script(sql)
        script.file = SourceFile(f"{number}.sql", sql)
        replay.apply(script)
    assert [(step.statement.sql, step.error, step.opaque) for step in replay.history.steps
            if step.error is not None or step.opaque is not None] == []  # fmt: skip
    return replay


def changes(head: str, base: str = BASE) -> list[Change]:
    """Describe what `head` does after `base`."""
    before, after = replayed(base), replayed(base, head)
    return describe(before.catalog, after.catalog, after.history.steps)


def words(head: str, base: str = BASE) -> list[str]:
    """Put that into words only."""
    return [change.words for change in changes(head, base)]


# What a statement does, and all that is said about it.
SENTENCES = {
    "CREATE SCHEMA t": ["adds schema t"],
    "DROP SCHEMA s": ["drops schema s"],
    "CREATE TABLE items (id serial PRIMARY KEY, note text)": ["adds table items (id, note)"],
    "CREATE TABLE items (id integer); ALTER TABLE items OWNER TO keeper": [
        "adds table items (id), owned by keeper"
    ],
    "DROP TABLE orders CASCADE": [
        "drops table orders",
        "drops view open_orders",
        "drops materialized view totals",
        "takes orders out of publication pub",
    ],
    "ALTER TABLE orders ADD note text NOT NULL DEFAULT 'x'": [
        "adds column orders.note text NOT NULL DEFAULT 'x'::text"
    ],
    "ALTER TABLE tenants ADD n integer GENERATED ALWAYS AS IDENTITY": [
        "adds column tenants.n integer NOT NULL generated always as identity"
    ],
    "ALTER TABLE tenants ADD n text GENERATED ALWAYS AS (upper(name)) STORED": [
        "adds column tenants.n text GENERATED AS upper(name)"
    ],
    "ALTER TABLE orders DROP amount": [
        "drops column orders.amount",
        "drops check constraint orders_amount_check on orders",
    ],
    "ALTER TABLE orders ALTER status DROP NOT NULL": ["drops NOT NULL of orders.status"],
    "ALTER TABLE orders ALTER amount SET NOT NULL": ["makes orders.amount NOT NULL"],
    "ALTER TABLE orders ALTER amount TYPE bigint": [
        "changes the type of orders.amount from integer to bigint"
    ],
    "ALTER TABLE orders ALTER status DROP DEFAULT": ["drops the default of orders.status"],
    "ALTER TABLE orders ALTER status SET DEFAULT 'old'": [
        "changes the default of orders.status from 'new'::text to 'old'::text"
    ],
    "ALTER TABLE orders ALTER amount SET DEFAULT 1": ["sets the default of orders.amount to 1"],
    "ALTER TABLE orders ADD UNIQUE (tenant_id, status)": [
        "adds unique constraint orders_tenant_id_status_key on orders (tenant_id, status)"
    ],
    "ALTER TABLE orders ADD CONSTRAINT few CHECK (amount < 10) NOT VALID": [
        "adds check constraint few on orders (amount < 10), not validated"
    ],
    "ALTER TABLE orders DROP CONSTRAINT orders_tenant": ["drops foreign key orders_tenant on orders"],
    "ALTER TABLE orders ADD CONSTRAINT again FOREIGN KEY (tenant_id) REFERENCES tenants ON DELETE CASCADE": [
        "adds foreign key again on orders (tenant_id) to tenants (id) ON DELETE CASCADE"
    ],
    "CREATE UNIQUE INDEX one ON tenants (name) WHERE name > ''": [
        "adds unique index one on tenants (name) WHERE (name > ''::text)"
    ],
    "CREATE INDEX low ON tenants (lower(name))": ["adds index low on tenants (lower(name))"],
    "DROP INDEX orders_status": ["drops index orders_status on orders"],
    "ALTER TABLE orders ENABLE ROW LEVEL SECURITY": ["enables row security on table orders"],
    "ALTER TABLE orders FORCE ROW LEVEL SECURITY": ["forces row security on the owner of table orders, too"],
    "CREATE POLICY p ON orders AS RESTRICTIVE FOR INSERT TO app_rw WITH CHECK (amount > 1)": [
        "adds restrictive policy p on orders for INSERT to app_rw WITH CHECK (amount > 1)"
    ],
    "ALTER POLICY own ON orders USING (true)": [
        "changes the USING of policy own on orders from (status = 'new'::text) to true"
    ],
    "ALTER POLICY own ON orders TO app_rw": [
        "applies policy own on orders to app_rw and no longer applies policy own on orders to PUBLIC"
    ],
    "DROP POLICY own ON orders": ["drops policy own on orders"],
    "CREATE TRIGGER t AFTER INSERT OR DELETE ON orders EXECUTE FUNCTION keep()": [
        "adds trigger t on orders: after insert or delete, for each statement, keep()"
    ],
    "ALTER TABLE orders DISABLE TRIGGER guard": ["disables trigger guard on orders"],
    "ALTER TABLE orders ENABLE ALWAYS TRIGGER guard": ["enables trigger guard on orders always"],
    "DROP TRIGGER guard ON orders": ["drops trigger guard on orders"],
    "CREATE RULE loud AS ON UPDATE TO tenants DO ALSO NOTIFY x": ["adds rule loud on tenants: on update"],
    "DROP RULE quiet ON tenants": ["drops rule quiet on tenants"],
    "ALTER TABLE orders OWNER TO keeper": [
        "makes keeper the owner of table orders (was postgres)",
        "makes keeper the owner of sequence orders_id_seq (was postgres)",
    ],
    "COMMENT ON TABLE orders IS 'Bought.'": ["sets the comment of table orders to Bought."],
    "COMMENT ON TABLE tenants IS 'Customers.'": [
        "changes the comment of table tenants from Who pays. to Customers."
    ],
    "COMMENT ON TABLE tenants IS NULL": ["drops the comment of table tenants"],
    "COMMENT ON COLUMN orders.status IS 'Where it is.'": [
        "sets the comment of orders.status to Where it is."
    ],
    "CREATE OR REPLACE VIEW open_orders AS SELECT id, status FROM orders": [
        "changes the definition of view open_orders"
    ],
    "CREATE OR REPLACE VIEW open_orders AS SELECT id, status, amount FROM orders": [
        "adds column open_orders.amount",
        "changes the definition of view open_orders",
    ],
    "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a": ["adds materialized view m (a)"],
    "CREATE FUNCTION g() RETURNS integer LANGUAGE sql AS 'SELECT 2'": [
        "adds function g(), which everybody may execute"
    ],
    "CREATE FUNCTION g() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 2';"
    "REVOKE EXECUTE ON FUNCTION g() FROM PUBLIC; GRANT EXECUTE ON FUNCTION g() TO app_rw": [
        "adds function g(), SECURITY DEFINER, which not everybody may execute",
        "gives app_rw EXECUTE on g()",
    ],
    "DROP FUNCTION f": ["drops function f(a integer)"],
    "CREATE OR REPLACE FUNCTION f(a integer) RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 2'": [
        "makes function f(a integer) run with its owner's rights (SECURITY DEFINER)",
        "changes the body of function f(a integer)",
    ],
    "CREATE TYPE size AS ENUM ('s')": ["adds enum size ('s')"],
    "CREATE DOMAIN name AS text": ["adds domain name over text"],
    "ALTER TYPE color ADD VALUE 'green'": ["adds green to enum color"],
    "CREATE ROLE r BYPASSRLS IN ROLE writers": [
        "adds role r (BYPASSRLS, a member of writers)",
        "so r can now DELETE on orders",
    ],
    "DROP ROLE keeper": ["drops role keeper"],
    "ALTER ROLE app_rw BYPASSRLS": ["gives BYPASSRLS to role app_rw"],
    "ALTER ROLE app_rw NOLOGIN": ["takes LOGIN from role app_rw"],
    "GRANT writers TO app_rw": [
        "makes role app_rw a member of writers",
        "so app_rw can now DELETE on orders",
    ],
    "CREATE EXTENSION pgcrypto": ["adds extension pgcrypto"],
    "CREATE PUBLICATION p2": ["adds publication p2"],
    "ALTER PUBLICATION pub ADD TABLE tenants": ["adds tenants to publication pub"],
    "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
    "CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION e()": [
        "adds function e(), which everybody may execute",
        "adds event trigger et on ddl_command_end: e()",
    ],
    "CREATE TABLE events_2 PARTITION OF events DEFAULT": [
        "adds table events_2 as a partition of events DEFAULT"
    ],
    "ALTER TABLE events DETACH PARTITION events_1": [
        "detaches table events_1 from events",
        "drops the partition bound of table events_1",
    ],
    "GRANT SELECT, INSERT ON orders TO app_rw": ["gives app_rw SELECT, INSERT on orders"],
    "GRANT SELECT ON orders TO app_rw WITH GRANT OPTION": ["gives, to be passed on, app_rw SELECT on orders"],
    "GRANT UPDATE ON orders TO app_rw WITH GRANT OPTION": ["lets app_rw pass on UPDATE on orders"],
    "REVOKE UPDATE ON orders FROM app_rw": ["takes UPDATE on orders from app_rw"],
    "GRANT UPDATE (status, amount) ON orders TO writers": ["gives writers UPDATE on orders (status, amount)"],
    "REVOKE DELETE ON orders FROM postgres": ["takes DELETE on orders from the owner"],
    "GRANT USAGE ON SCHEMA s TO app_rw": ["gives app_rw USAGE on schema s"],
    "GRANT USAGE ON SEQUENCE numbers TO app_rw": ["gives app_rw USAGE on sequence numbers"],
    "GRANT SELECT ON tenants TO PUBLIC": [
        "gives PUBLIC SELECT on tenants",
        "so app_rw can now SELECT on tenants",
        "so keeper can now SELECT on tenants",
        "so writers can now SELECT on tenants",
    ],
    "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT ON TABLES TO app_rw": [
        "gives app_rw SELECT, INSERT on every table that postgres will create"
    ],
    "ALTER DEFAULT PRIVILEGES FOR ROLE keeper IN SCHEMA s GRANT USAGE ON SEQUENCES TO app_rw": [
        "gives app_rw USAGE on every sequence that keeper will create in s"
    ],
    "INSERT INTO tenants VALUES ('00000000-0000-0000-0000-000000000001', 'a')": [
        "inserts 1 row into tenants: id=00000000-0000-0000-0000-000000000001, name=a"
    ],
    # Names
    "ALTER TABLE orders RENAME TO purchases": ["renames table orders to purchases"],
    "ALTER TABLE orders RENAME status TO state": ["renames column orders.status to state"],
    "ALTER TABLE tenants SET SCHEMA s": ["moves table tenants to schema s"],
    "CREATE SCHEMA t; ALTER TABLE tenants SET SCHEMA t": ["moves table tenants to schema t", "adds schema t"],
    "ALTER FUNCTION f RENAME TO g": ["renames function f to g"],
    "ALTER ROLE writers RENAME TO scribes": ["renames role writers to scribes"],
    "ALTER TYPE color RENAME TO colour": ["renames type color to colour"],
    "ALTER SCHEMA public RENAME TO main": ["renames schema public to main"],
    "ALTER POLICY own ON orders RENAME TO mine": ["renames policy orders.own to mine"],
    "ALTER TABLE orders RENAME CONSTRAINT orders_tenant TO fk": [
        "renames constraint orders.orders_tenant to fk"
    ],
    "ALTER INDEX orders_status RENAME TO i": ["renames index orders_status to i"],
    "ALTER TABLE orders RENAME TO old_orders; CREATE TABLE orders (id integer)": None,  # told below
}


@pytest.mark.parametrize("sql", [sql for sql, said in SENTENCES.items() if said is not None])
def test_what_is_said(sql: str) -> None:
    """Nothing but what the statement does, and all of it."""
    assert words(sql) == SENTENCES[sql]


# The same, after something else has been done.
AFTER = [
    (
        "GRANT UPDATE (status) ON orders TO writers",
        "GRANT UPDATE (status) ON orders TO writers WITH GRANT OPTION",
        ["lets writers pass on UPDATE on orders (status)"],
    ),
    (
        "GRANT SELECT ON orders TO writers WITH GRANT OPTION",
        "REVOKE GRANT OPTION FOR SELECT ON orders FROM writers",
        ["no longer lets writers pass on SELECT on orders"],
    ),
    (
        "CREATE TABLE t (a integer, b integer)",
        "ALTER TABLE t DROP a; ALTER TABLE t ADD a integer",
        ["orders the columns of table t anew: b, a"],
    ),
    (
        "CREATE FUNCTION g() RETURNS integer LANGUAGE sql RETURN 1",
        "CREATE OR REPLACE FUNCTION g() RETURNS integer LANGUAGE sql STABLE RETURN 2",
        ["changes volatility of function g() from volatile to stable", "changes the body of function g()"],
    ),
    (
        "CREATE FUNCTION g() RETURNS integer LANGUAGE sql RETURN 1",
        "CREATE OR REPLACE FUNCTION g() RETURNS integer LANGUAGE sql  RETURN  1",
        [],
    ),
    (
        "CREATE FUNCTION g() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "ALTER FUNCTION g() STRICT",
        ["changes strict of function g() from false to true"],
    ),
    (
        "",
        "CREATE TABLE t (a integer); ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        [
            "adds table t (a)",
            "enables row security on table t",
            "forces row security on the owner of table t, too",
        ],
    ),
]


@pytest.mark.parametrize(("first", "head", "said"), AFTER)
def test_what_is_said_then(first: str, head: str, said: list[str]) -> None:
    """Grant options, orders of columns, bodies; the same body laid out otherwise is the same."""
    assert words(head, f"{BASE};{first}") == said


def test_nothing_is_said_of_nothing() -> None:
    """Nor of what is taken back at once."""
    assert words("") == []
    assert (
        words(
            "CREATE TABLE t (); DROP TABLE t; ALTER TABLE orders RENAME TO x; ALTER TABLE x RENAME TO orders"
        )
        == []
    )


def test_a_name_that_changes_hands_is_no_rename() -> None:
    """A new table under an old name: what the name stands for is another thing now."""
    said = words("ALTER TABLE orders RENAME TO old_orders; CREATE TABLE orders (id integer)")

    assert "adds table old_orders (id, tenant_id, status, amount)" in said
    assert "drops column orders.status" in said
    assert not [text for text in said if text.startswith("renames")]


def test_the_other_way_round() -> None:
    """Going back takes what going forward gave."""
    head = """
        GRANT SELECT ON tenants TO app_rw;
        CREATE ROLE x;
        GRANT x TO app_rw;
        CREATE TABLE t (a integer);
        INSERT INTO tenants VALUES ('00000000-0000-0000-0000-000000000001', 'a');
        ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app_rw;
    """
    before, after = replayed(BASE), replayed(BASE, head)

    assert [change.words for change in describe(after.catalog, before.catalog)] == [
        "drops table t",
        "takes role app_rw out of x",
        "drops role x",
        "takes SELECT on tenants from app_rw",
        "takes SELECT on every table that postgres will create from app_rw",
        "removes 1 row from tenants: id=00000000-0000-0000-0000-000000000001, name=a",
    ]


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("\nALTER TABLE orders ALTER status DROP NOT NULL", 2),
        ("\n\nDROP TRIGGER guard ON orders", 3),
        ("\nALTER TABLE orders DROP amount", 2),
        ("\nREVOKE UPDATE ON orders FROM app_rw", 2),
        ("\nGRANT SELECT ON orders TO app_rw", 2),
        ("\nALTER TABLE orders RENAME TO purchases", 2),
        ("\nALTER ROLE app_rw BYPASSRLS", 2),
        ("\nGRANT writers TO app_rw", 2),
        ("\nCOMMENT ON TABLE orders IS 'x'", 2),
        ("\nDROP FUNCTION f", 2),
        ("\nDROP TYPE color", 2),
        ("\nDROP POLICY own ON orders", 2),
        ("\nALTER TABLE orders OWNER TO keeper", 2),
        ("\nCREATE TABLE t (a integer)", 2),
    ],
)
def test_where_it_is_done(sql: str, line: int) -> None:
    """The place of a change is the statement that does it, also of what is gone."""
    place = changes(sql)[0].location

    assert place is not None
    assert (place.path, place.line) == ("1.sql", line)


def test_no_place_is_better_than_a_wrong_one() -> None:
    """An enum's labels do not know which statement added them: not the one that made the type."""
    [change] = changes("ALTER TYPE color ADD VALUE 'green'")

    assert change.location is None


def test_an_edited_file_is_two_histories() -> None:
    """Both sides of a pull request that edits a migration: the fact's own statement is the place."""
    base, head = replayed("CREATE TABLE t (a text NOT NULL)"), replayed("CREATE TABLE t (a text)")
    [change] = describe(base.catalog, head.catalog, head.history.steps)

    assert change.words == "drops NOT NULL of t.a"
    assert change.location is not None
    assert change.location.path == "0.sql"


def test_what_is_not_known_is_said() -> None:
    """Nobody may take it for unchanged."""
    before, after = replayed(BASE), replayed(BASE)
    after.catalog.put(
        after.catalog.unknown, ("tables", "x"), Unknown("tables/public.orders/comment", "who knows")
    )

    assert [change.words for change in describe(before.catalog, after.catalog)] == [
        "leaves unknown what becomes of tables/public.orders/comment: who knows"
    ]


@pytest.mark.parametrize(
    "path",
    [
        "tables/public.t/owner",
        "tables/public.t/kind",
        "tables/public.t/columns",
        "tables/public.t/columns/a",
        "tables/public.t/columns/a/type",
        "tables/public.t/constraints/t_a_check/expression",
        "tables/public.t/policies/p/using",
        "tables/public.t/triggers/g",
        "tables/public.t/privileges",
        "functions/public.g/security_definer",
        "functions/public.g/privileges",
        "types/public.e/labels",
        "roles/r/member_of",
    ],
)
def test_whatever_is_not_known_the_rest_is_told(path: str) -> None:
    """A new object may lack any of its facts."""
    head = """
        CREATE TABLE t (a integer CHECK (a > 0));
        CREATE POLICY p ON t USING (a = 1);
        CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION keep();
        GRANT SELECT ON t TO app_rw;
        CREATE FUNCTION g() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE TYPE e AS ENUM ('x');
        CREATE ROLE r;
    """
    before, after = replayed(BASE), replayed(BASE, head)
    after.catalog.put(after.catalog.unknown, ("x", path), Unknown(path, "who knows"))
    said = [change.words for change in describe(before.catalog, after.catalog)]

    assert f"leaves unknown what becomes of {path}: who knows" in said
    assert [text.split()[1:3] for text in said if text.startswith("adds") and " on " not in text] == [
        ["table", "t"], ["function", "g()," ], ["enum", "e"], ["role", "r"],
    ]  # fmt: skip


def test_the_older_catalog_stays_as_it_was() -> None:
    """It is spelled with new names only while it is compared."""
    before, after = replayed(BASE), replayed(BASE, "ALTER TABLE orders RENAME TO x; ALTER FUNCTION f RENAME TO g;"
                                             "CREATE SCHEMA t; ALTER TABLE tenants SET SCHEMA t")  # fmt: skip
    was = facts(before.catalog)
    describe(before.catalog, after.catalog)

    assert facts(before.catalog) == was


def test_as_json() -> None:
    """A change says what was and what is."""
    [change] = changes("\nALTER TABLE orders ALTER amount SET NOT NULL")

    assert change_object(change) == {
        "kind": "not-null-set",
        "object": "public.orders.amount",
        "words": "makes orders.amount NOT NULL",
        "location": {"path": "1.sql", "line": 2, "column": 1},
        "before": False,
        "after": True,
    }
