"""
Lineage column by column: the expected one is written down beside each query.
"""

from __future__ import annotations

import pytest

from schemaguard.lineage import columns_of, lineage_of
from tests.lineage.support import NAME, WORLD, Case, cases, catalog_with, rows_shown, shown, view_named


@pytest.mark.parametrize("case", cases(), ids=[case.query[:60] for case in cases()])
def test_a_view_s_columns_come_from_where_they_come_from(case: Case) -> None:
    catalog = catalog_with(WORLD, f"CREATE VIEW {NAME} AS {case.query}")
    lineage = lineage_of(catalog, view_named(catalog).oid)

    assert [shown(catalog, output) for output in lineage.columns] == case.columns
    assert case.rows is None or rows_shown(catalog, lineage) == case.rows
    assert lineage.unknown == case.unknown


def test_a_view_that_reads_itself() -> None:
    """PostgreSQL lets it be made; nothing can be told of it."""
    catalog = catalog_with(
        "CREATE VIEW asked AS SELECT 1 AS n", "CREATE OR REPLACE VIEW asked AS SELECT n + 1 AS n FROM asked"
    )
    lineage = lineage_of(catalog, view_named(catalog).oid)

    assert lineage.unknown == "the view reads itself"
    assert [(output.values, output.nullable) for output in lineage.columns] == [((), None)]


def test_one_column_unchanged_is_plain() -> None:
    catalog = catalog_with(
        WORLD, f"CREATE VIEW {NAME} AS SELECT cents, cents + 1 AS more, 1 AS one FROM paid"
    )
    orders = catalog.relation_named("public", "orders")
    first, second, third = columns_of(catalog, view_named(catalog).oid)

    assert first.plain == (orders.oid, orders.column("amount").number)
    assert (second.plain, third.plain) == (None, None)
    assert [str(step) for step in second.path] == ["view public.paid", "operator +"]
    assert [source.direct for source in (*first.values, *second.values)] == [True, False]


def test_a_level_is_that_of_the_query_or_of_the_tables() -> None:
    catalog = catalog_with(WORLD, f"CREATE VIEW {NAME} AS SELECT cents, doubled(cents) AS d FROM paid")
    view = view_named(catalog)
    paid = view_named(catalog, "paid")
    shallow = columns_of(catalog, view.oid, deep=False)

    assert [source.relation for output in shallow for source in output.values] == [paid.oid, paid.oid]
    assert [output.nullable for output in shallow] == [None, None]


def test_tables_are_made_of_themselves() -> None:
    """But for generated columns."""
    catalog = catalog_with(WORLD)
    orders = catalog.relation_named("public", "orders")
    found = {output.name: shown(catalog, output) for output in columns_of(catalog, orders.oid)}

    assert found["amount"] == "amount: orders.amount | never"
    assert found["net"] == (
        "net: orders.amount, operator -; orders.fee, coalesce, operator - | orders.net is nullable"
    )
