"""
Rows by where they come from: Alembic revisions, COPY, tables of the config, and too many of them.
"""

from __future__ import annotations

from schemaguard.catalog.seeds import seeded_rows
from schemaguard.catalog.seeds.records import MAX_ROWS
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


def test_rows_that_are_copied_in() -> None:
    policy = parse_config(SourceFile("schemaguard.yaml", "sources: [{sql: all.sql, layout: plain}]\n"))
    sql = b"CREATE TABLE kinds (code text);\nINSERT INTO kinds VALUES ('a');\nCOPY kinds FROM '/tmp/kinds';\n"
    catalog = replayed(MemoryTree({"all.sql": sql}), policy).history.catalog
    found = seeded_rows(catalog, catalog.relation_named("public", "kinds"))

    assert [row["code"] for row in found.rows] == ["a"]
    assert [doubt.reason for doubt in found.doubts] == ["rows are copied in"]
    assert found.why_open("code") == found.doubts[0]


def test_rows_of_a_table_that_the_config_presumes() -> None:
    text = "sources: [{sql: all.sql, layout: plain}]\nexternal: {tables: {kinds: {columns: {code: text}}}}\n"
    policy = parse_config(SourceFile("schemaguard.yaml", text))
    sql = b"INSERT INTO kinds VALUES ('a');\nALTER TABLE kinds ADD COLUMN label text;\n"
    catalog = replayed(MemoryTree({"all.sql": sql}), policy).history.catalog
    found = seeded_rows(catalog, catalog.relation_named("public", "kinds"))

    assert [row["code"] for row in found.rows] == ["a"]
    assert [doubt.reason for doubt in found.doubts] == ["its rows are not the history's own"]


def test_a_table_of_many_rows_is_data() -> None:
    policy = parse_config(SourceFile("schemaguard.yaml", "sources: [{sql: all.sql, layout: plain}]\n"))
    rows = ", ".join(f"({number})" for number in range(MAX_ROWS))
    sql = f"CREATE TABLE n (a int);\nINSERT INTO n VALUES {rows};\nINSERT INTO n VALUES (-1);\n"
    before = replayed(MemoryTree({"all.sql": sql.rpartition("INSERT")[0].encode()}), policy).history.catalog
    after = replayed(MemoryTree({"all.sql": sql.encode()}), policy).history.catalog
    few, many = (seeded_rows(each, each.relation_named("public", "n")) for each in (before, after))

    assert (len(few.rows), few.complete) == (MAX_ROWS, True)
    assert (len(many.rows), many.complete) == (0, False)
