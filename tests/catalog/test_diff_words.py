"""
Differences in words: every fact that a statement can change has a clause of its own, without a key or a repr in it.
"""

from __future__ import annotations

import re

import pytest

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.diff import differences
from schemaguard.catalog.diff_words import in_words
from schemaguard.catalog.facts import facts
from schemaguard.catalog.replay import replay
from schemaguard.config import parse_config
from schemaguard.sources.load import load_sources
from schemaguard.testing import MemoryTree
from schemaguard.text import SourceFile

START = """
CREATE ROLE app;
CREATE SCHEMA audit;
CREATE TABLE orders (id uuid PRIMARY KEY, note text NOT NULL, total int DEFAULT 0);
COMMENT ON COLUMN orders.note IS 'What was said.';
CREATE VIEW totals AS SELECT total FROM orders;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE mood AS ENUM ('good', 'bad');
"""
CHANGES = {
    "DROP VIEW totals;": "the view `totals` is missing",
    "CREATE TABLE audit.log (id int);": "the table `audit.log` is left over",
    "ALTER TABLE orders ALTER note DROP NOT NULL;": "the column `note` of `orders` is nullable; it was NOT NULL",
    "ALTER TABLE orders ALTER total DROP DEFAULT;": (
        "the column `total` of `orders` has no default; it had the default `0`"
    ),
    "ALTER TABLE orders ALTER note TYPE varchar(9);": (
        "the column `note` of `orders` is of type character varying(9); it was of type text"
    ),
    "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;": (
        "the table `orders` has row security enabled; it had row security disabled"
    ),
    "ALTER TABLE orders FORCE ROW LEVEL SECURITY;": (
        "the table `orders` has row security forced; it had row security not forced"
    ),
    "ALTER TABLE orders OWNER TO app;": "the table `orders` is owned by `app`; it was owned by `postgres`",
    "COMMENT ON COLUMN orders.note IS NULL;": "the column `note` of `orders` has no comment",
    "COMMENT ON COLUMN orders.note IS 'Else.';": "the column `note` of `orders` has another comment",
    "COMMENT ON TABLE orders IS 'Orders.';": "the table `orders` has a comment",
    "CREATE OR REPLACE VIEW totals AS SELECT total + 1 AS total FROM orders;": (
        "the view `totals` has another definition"
    ),
    "GRANT SELECT ON orders TO app;": "the privilege SELECT of `app` on `orders` is left over",
    "GRANT UPDATE (note) ON orders TO app;": "the privilege UPDATE of `app` on `note` of `orders` is left over",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA audit GRANT SELECT ON TABLES TO app;": (
        "the default privilege SELECT of `app` on what `postgres` makes in `audit` (table) is left over"
    ),
    "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0);": "the constraint `c` of `orders` is left over",
    "ALTER TYPE mood ADD VALUE 'fair';": (
        "labels of the type `mood` is `good`, `bad`, `fair` instead of `good`, `bad`"
    ),
    "ALTER FUNCTION f() STABLE;": "volatility of the function `f()` is `stable` instead of `volatile`",
    "ALTER ROLE app LOGIN;": "login of the role `app` is true instead of false",
}


def state(sql: str) -> dict[str, object]:
    policy = parse_config(SourceFile("schemaguard.yaml", 'sources: [{sql: "a.sql"}]'))
    loaded = load_sources(MemoryTree({"a.sql": sql.encode()}), policy)
    history = replay(loaded.migrations, new_catalog(16))
    assert [str(step.error) for step in history.steps if step.error] == []
    return facts(history.catalog)  # type: ignore[return-value]  # a TypedDict


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_in_words(change: str) -> None:
    words = [in_words(each) for each in differences(state(START), state(START + change))]  # type: ignore[arg-type]

    assert CHANGES[change] in words
    assert not [each for each in words if re.search(r"\b(None|True|False|ABSENT|public\.)|[{}\[\]]", each)]
