"""
Rows that Alembic revisions write: `op.bulk_insert`, inserts and updates of SQLAlchemy Core.
"""

from __future__ import annotations

from schemaguard.catalog.seeds import seeded_rows
from schemaguard.config import parse_config
from schemaguard.linting.history import replayed
from schemaguard.testing import MemoryTree
from schemaguard.text import SourceFile
from tests.support import FIXTURES

ALEMBIC = FIXTURES / "alembic"


def test_rows_of_revisions() -> None:
    files = {
        "alembic.ini": (ALEMBIC / "default" / "alembic.ini").read_bytes(),
        "env.py": (ALEMBIC / "default" / "env.py").read_bytes(),
        "versions/0001_rows.py": (ALEMBIC / "data" / "versions" / "0001_rows.py").read_bytes(),
    }
    policy = parse_config(SourceFile("schemaguard.yaml", "sources: [{alembic: alembic.ini}]\n"))
    catalog = replayed(MemoryTree(files), policy).history.catalog
    currencies = seeded_rows(catalog, catalog.relation_named("public", "currencies"))
    countries = seeded_rows(catalog, catalog.relation_named("public", "countries"))

    assert [row["code"] for row in currencies.rows] == ["EUR", "JPY"]
    assert currencies.rows[1]["title"] == "Yen's"
    assert "minor_units" not in currencies.rows[0]
    assert currencies.why_open("code") is None
    assert currencies.why_open("minor_units") is not None
    assert {row["code"]: row["title"] for row in countries.rows} == {
        "DE": "Deutschland",
        "FR": "France",
        "IT": "Italy",
        "ES": "Spain",
    }
