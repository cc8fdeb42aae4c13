"""
Without a config: what is found, what is left out, and that both are said.
"""

from __future__ import annotations

import pytest

from schemaguard.sources.discovery import discover, named
from tests.sources.memory import MemoryTree

SQL = "SELECT 1;"
DUMP = "--\n-- PostgreSQL database dump\n--\nSELECT 1;"


def found(*paths: str, **texts: str) -> tuple[list[str], list[str]]:
    """The sources of a project with such files, and the notes."""
    content: dict[str, str | bytes] = dict.fromkeys(paths, SQL)
    content.update({path.replace("__", "/").replace("_dot_", "."): text for path, text in texts.items()})
    discovery = discover(MemoryTree(content))
    return [named(source) for source in discovery.sources], list(discovery.notes)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["alembic.ini", "alembic/versions/a.py"], ["alembic.ini"]),
        (
            ["services/a/alembic.ini", "services/b/alembic.ini"],
            ["services/a/alembic.ini", "services/b/alembic.ini"],
        ),
        (["supabase/migrations/1_a.sql"], ["supabase/migrations"]),
        (
            ["apps/web/supabase/migrations/1_a.sql", "apps/web/supabase/seed.sql"],
            ["apps/web/supabase/migrations"],
        ),
        (["prisma/migrations/1_a/migration.sql"], ["prisma/migrations"]),
        (["src/main/resources/db/migration/V1__a.sql"], ["src/main/resources/db/migration"]),
        (["sql/V1__a.sql", "sql/R__b.sql"], ["sql"]),
        (["store/1_a.up.sql", "store/1_a.down.sql"], ["store"]),
        (["sqitch.plan", "deploy/a.sql", "revert/a.sql", "verify/a.sql"], ["."]),
        (["db/sqitch.plan", "db/deploy/a.sql"], ["db"]),
        (["migrations/2024-01-01-000000_a/up.sql"], ["migrations"]),
        (["schema/00000000000000_init/up.sql"], ["schema"]),
        (["migrations/default/17_a/up.sql"], ["migrations"]),
        (["db/migrations/1_a.sql", "db/migrations/more/2_b.sql"], ["db/migrations"]),
        (["db/migrate/1_a.sql"], ["db/migrate"]),
        (["app/migrations/0001_initial.py", "app/migrations/__init__.py"], ["app/migrations"]),
        (["sql/1.sql", "sql/2.sql"], ["sql"]),
        (["queries/1.sql", "queries/report.sql"], []),
        (["README.md"], []),
        (["node_modules/x/migrations/1_a.sql", ".venv/migrations/1_a.sql"], []),
    ],
)
def test_found(paths: list[str], expected: list[str]) -> None:
    """The usual places of each tool; queries and packages are none."""
    assert found(*paths)[0] == expected


def test_order_does_not_depend_on_the_system() -> None:
    """Sorted by path, SQL before Alembic before Django; that there are several is said."""
    paths = ["z/migrations/1_a.sql", "b/alembic.ini", "a/migrations/1_a.sql", "c/migrations/0001_x.py"]
    names, notes = found(*paths)

    assert names == ["a/migrations", "z/migrations", "b/alembic.ini", "c/migrations"]
    assert found(*reversed(paths)) == (names, notes)
    [note] = notes
    assert note.startswith("several sources were found and are replayed into one database, in this order: ")
    assert note.endswith(": a/migrations, z/migrations, b/alembic.ini, c/migrations")


def test_other_databases_are_left_out() -> None:
    """By the folder's name, by Prisma's lock, by what the SQL looks like."""
    names, notes = found(
        "schema/postgresql/v12/versioned/v1.0/schema.sql",
        "schema/mysql/v8/versioned/v1.0/schema.sql",
        "web/clickhouse/migrations/1_a.up.sql",
        "db/migrations/postgres/1_a.sql",
        "db/migrations/sqlite3/1_a.sql",
        "packages/x/migrations/20240101_add_traces_pg_to_clickhouse/migration.sql",
        legacy_app__migrations__1_a_dot_sql="CREATE TABLE `t` (id int AUTO_INCREMENT);",
        prisma__migrations__1_a__migration_dot_sql=SQL,
        prisma__migrations__migration_lock_dot_toml='provider = "mysql"\n',
    )

    assert names == ["db/migrations/postgres", "packages/x/migrations", "schema/postgresql/v12/versioned"]
    assert notes[:5] == [
        "legacy_app/migrations: not read, these are migrations for another database",
        "prisma/migrations: not read, these are migrations for mysql",
        "db/migrations/sqlite3: not read, these are migrations for another database",
        "schema/mysql/v8/versioned: not read, these are migrations for another database",
        "web/clickhouse/migrations: not read, these are migrations for another database",
    ]


def test_tests_and_samples_are_left_out() -> None:
    """Beside the history, and inside its folder."""
    names, notes = found(
        "db/migrations/1_a.sql",
        "db/migrations/legacy/0_a.sql",
        "examples/shop/alembic.ini",
        "pkg/tests/migrations/1_a.sql",
        "docs/queries/a.sql",
    )

    assert names == ["db/migrations"]
    assert notes == [
        "db/migrations/legacy: migrations in there are taken for tests or samples",
        "examples: migrations in there are taken for tests or samples",
        "pkg/tests: migrations in there are taken for tests or samples",
    ]
    discovery = discover(MemoryTree({"m/migrations/1_a.sql": SQL, "m/migrations/old/0_a.sql": SQL}))
    assert discovery.sources[0].exclude == ("m/migrations/old/*",)


def test_pyproject_speaks_for_alembic() -> None:
    """Where no alembic.ini is beside it."""
    toml = '[tool.alembic]\nscript_location = "migrations"\n'

    assert found(api__pyproject_dot_toml=toml)[0] == ["api/pyproject.toml"]
    assert found("api/alembic.ini", api__pyproject_dot_toml=toml)[0] == ["api/alembic.ini"]
    assert found(pyproject_dot_toml="[tool.alembics]\n")[0] == []


def test_a_dump_as_the_last_resort() -> None:
    """Only where nothing else is found, and only one that is a dump."""
    assert found(db__structure_dot_sql=DUMP) == (
        ["db/structure.sql"],
        ["db/structure.sql: taken for the schema, since it is a dump"],
    )
    assert found("db/migrations/1_a.sql", db__structure_dot_sql=DUMP)[0] == ["db/migrations"]
    assert found(db__schema_dot_sql="CREATE TABLE t ();")[0] == []
