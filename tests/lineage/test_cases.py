"""
Lineage column by column: the expected one is written down beside each query.
"""

from __future__ import annotations

import pytest

from schemaguard.lineage import lineage_of
from tests.lineage.support import NAME, WORLD, Case, cases, catalog_with, rows_shown, shown, view_named


@pytest.mark.parametrize("case", cases(), ids=[case.query[:60] for case in cases()])
def test_a_view_s_columns_come_from_where_they_come_from(case: Case) -> None:
    catalog = catalog_with(WORLD, f"CREATE VIEW {NAME} AS {case.query}")
    lineage = lineage_of(catalog, view_named(catalog).oid)

    assert [shown(catalog, output) for output in lineage.columns] == case.columns
    assert case.rows is None or rows_shown(catalog, lineage) == case.rows
    assert lineage.unknown == case.unknown
