"""
Which pattern of the config holds for a table or column.
"""

from __future__ import annotations

import pytest

from schemaguard.config.patterns import matches_column, matches_table, most_specific
from tests.config.test_policy import EVERYTHING, policy


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("ledger", True),
        ("billing.ledger", True),
        ("*", True),
        ("billing.*", True),
        ("*.ledger", True),
        ("led?er", True),
        ("led*", True),
        ("public.ledger", False),
        ("Ledger", False),
        ("edge", False),
        ("l.dger", False),
        ("ledger*x", False),
    ],
)
def test_tables(pattern: str, matches: bool) -> None:
    """Without a dot the schema does not matter; only `*` and `?` mean more than themselves."""
    assert matches_table(pattern, "billing", "ledger") is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("channel", True),
        ("*.channel", True),
        ("events.channel", True),
        ("app.events.channel", True),
        ("app.*.ch*", True),
        ("other.channel", False),
        ("app.channel", False),
    ],
)
def test_columns(pattern: str, matches: bool) -> None:
    """`column`, `table.column` and `schema.table.column`."""
    assert matches_column(pattern, "app", "events", "channel") is matches


@pytest.mark.parametrize(
    ("patterns", "winner"),
    [
        (["*", "ledger", "led*"], "ledger"),
        (["ledger", "billing.ledger"], "billing.ledger"),
        (["*", "billing.*"], "billing.*"),
        (["l*", "ledge*", "*r"], "ledge*"),
        (["public.*", "other"], None),
        ([], None),
    ],
)
def test_the_most_specific_wins(patterns: list[str], winner: str | None) -> None:
    """A full name before a pattern, then the one that says more; the order does not matter."""
    assert most_specific(patterns, "billing", "ledger") == winner
    assert most_specific(reversed(patterns), "billing", "ledger") == winner


def test_questions_to_the_policy() -> None:
    """Rules ask in the domain's words."""
    read = policy(EVERYTHING)

    guarded = read.append_only_table("any", "attribution_events")
    assert guarded is not None
    assert guarded.guard == "required"
    assert read.append_only_table("any", "tenants") is None
    assert read.time_column("public", "attribution_events") == "occurred_at"
    assert read.time_column("public", "tenants") is None
    assert read.idempotency_keys("public", "tenants") == ()
    assert len(read.idempotency_keys("public", "attribution_events")) == 2
    assert [read.is_shared("public", each) for each in ("tenants", "ref_country", "orders")] == [
        True,
        True,
        False,
    ]
    assert [read.is_money("public", "t", each) for each in ("revenue_x", "fee_cents", "cents_of")] == [
        True,
        True,
        False,
    ]
    taxonomy = read.taxonomy_of("public", "events", "channel")
    assert taxonomy is not None
    assert taxonomy.table == "channel_taxonomy"
    assert read.taxonomy_of("public", "channel_taxonomy", "code") is None
    assert read.taxonomy_of("public", "events", "code") is None


def test_patterns_that_ought_to_match() -> None:
    """Each has its kind and its place in the config."""
    read = policy(EVERYTHING)
    found = [
        (each.text, each.kind, span.line) for each in read.patterns() if (span := read.where(*each.path))
    ]

    assert found == [
        ("tenants", "table", 16),
        ("ref_*", "table", 16),
        ("attribution_events", "table", 18),
        ("revenue_ledger", "table", 19),
        ("*", "table", 21),
        ("revenue_ledger", "table", 22),
        ("attribution_events", "table", 26),
        ("attribution_events", "table", 27),
        ("preferences", "table", 16),
        ("*revenue*", "column", 23),
        ("*_cents", "column", 23),
        ("channel_taxonomy", "table", 25),
        ("*.channel", "column", 25),
        ("*.channel_code", "column", 25),
        ("attribution_events", "table", 28),
        ("correlation_id", "column", 29),
        ("public.alembic_version", "object", 37),
    ]
