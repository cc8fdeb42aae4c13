"""
What is particular to one layout or another.
"""

from __future__ import annotations

import pytest

from schemaguard.config.policy import Source
from schemaguard.sources.sql.migration import title_of
from schemaguard.sources.sql.ordering import by_number
from tests.sources.reading import downs, loaded, names, problems, ups

IN_DB = Source(sql=("db",))


@pytest.mark.parametrize(
    "paths",
    [
        ["2_a.sql", "10_a.sql", "a.sql"],
        ["1.2.sql", "1.10.sql"],
        ["v1.2/x.sql", "v1.10/a.sql"],
        ["2024-01-31-a.sql", "2024-02-01-a.sql", "2024-10-01-a.sql"],
        ["001_b.sql", "01_d.sql", "1_c.sql"],
        ["0/z.sql", "5.sql", "a/1.sql", "a/2.sql", "b.sql"],
        ["00000000000000000000000000001_a.sql", "20240101010101999999999999999_b.sql"],
    ],
)
def test_order_of_plain_files(paths: list[str]) -> None:
    """Leading numbers as numbers, folder by folder; then names."""
    backwards = list(reversed(paths))

    assert sorted(backwards, key=by_number) == paths


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("20240102_add_users", "add users"),
        ("V1.2__add-users", "add users"),
        ("0001", "0001"),
        ("2024-01-02-030405_create_user", "create user"),
        ("structure", "structure"),
    ],
)
def test_titles(name: str, title: str) -> None:
    """What a name says in words."""
    assert title_of(name) == title


def test_plain_down_files() -> None:
    """By their endings or folders; one without its up file is told of."""
    sources = loaded(
        {
            "db/1_a.sql": "SELECT 1;",
            "db/1_a.down.sql": "SELECT -1;",
            "db/2_b.up.SQL.sql": "SELECT 2;",
            "db/up/3_c.sql": "SELECT 3;",
            "db/down/3_c.sql": "SELECT -3;",
            "db/4_d.sql": "SELECT 4;",
            "db/5_e_rollback.sql": "SELECT -5;",
        },
        Source(sql=("db",), layout="plain"),
    )

    assert ups(sources) == ["SELECT 1", "SELECT 2", "SELECT 4", "SELECT 3"]
    assert downs(sources) == ["SELECT -3", "SELECT -1"]
    assert [each.has_down for each in sources.migrations] == [True, False, False, True]
    assert sources.notes == ["db/5_e_rollback.sql undoes nothing that is there: not read"]


def test_patterns_keep_their_order() -> None:
    """Files of the first pattern come first, whatever their names."""
    files: dict[str, str | bytes] = {"z/1.sql": "SELECT 1;", "a/2.sql": "SELECT 2;", "a/1.sql": "SELECT 3;"}

    assert ups(loaded(files, Source(sql=("z/*.sql", "a")))) == ["SELECT 1", "SELECT 3", "SELECT 2"]


def test_golang_migrate() -> None:
    """Numbers, not names; a missing down file; one without an up file; other names; a number given twice."""
    sources = loaded(
        {
            "db/9_i.up.sql": "SELECT 9;",
            "db/0010_j.up.sql": "SELECT 10;",
            "db/0010_j.down.sql": "SELECT -10;",
            "db/10_k.up.sql": "SELECT 11;",
            "db/12_l.down.sql": "SELECT -12;",
            "db/readme.sql": "SELECT 0;",
        },
        IN_DB,
    )

    assert [each.kind for each in sources.sources] == ["golang-migrate"]
    assert ups(sources) == ["SELECT 9", "SELECT 10", "SELECT 11"]
    assert [each.has_down for each in sources.migrations] == [False, True, False]
    assert sources.notes == [
        "db/readme.sql is not named as a migration of golang-migrate: not run",
        "db/12_l.down.sql has no up file: nothing to undo",
    ]
    assert [(rule, path) for rule, path, *_ in problems(sources)] == [
        ("revision-graph-broken", "db/10_k.up.sql")
    ]


def test_pop() -> None:
    """The file for PostgreSQL goes before the one for any database; others' are left out; fizz is told of."""
    sources = loaded(
        {
            "db/1_a.up.sql": "SELECT 'any';",
            "db/1_a.postgres.autocommit.up.sql": "SELECT 'postgres';",
            "db/1_a.mysql.up.sql": "SELECT `mysql`;",
            "db/1_a.down.sql": "SELECT 'down';",
            "db/2_b.sqlite3.up.sql": "SELECT 2;",
            "db/3_c.up.fizz": 'create_table("x") {}',
        },
        IN_DB,
    )

    assert [each.kind for each in sources.sources] == ["pop"]
    assert ups(sources) == ["SELECT 'postgres'"]
    assert downs(sources) == ["SELECT 'down'"]
    assert [each.transactional for each in sources.migrations] == [False]
    assert [(rule, path) for rule, path, *_ in problems(sources)] == [("statement-opaque", "db/3_c.up.fizz")]


CARGO = '[dependencies]\nsqlx = "0.8"\n'


def test_sqlx() -> None:
    """Single files and pairs; those that say so run outside a transaction; the same number twice."""
    sources = loaded(
        {
            "Cargo.toml": CARGO,
            "migrations/1_a.sql": "-- no-transaction\nSELECT 1;",
            "migrations/2_b.up.sql": "SELECT 2;",
            "migrations/2_b.down.sql": "SELECT -2;",
            "migrations/3_c.up.sql": "-- no-transaction\nSELECT 3;",
            "migrations/03_d.sql": "SELECT 4;",
        }
    )

    assert [each.kind for each in sources.sources] == ["sqlx"]
    assert names(sources) == ["1_a", "2_b", "03_d", "3_c"]
    assert [each.has_down for each in sources.migrations] == [None, True, None, False]
    assert [each.transactional for each in sources.migrations] == [False, True, True, False]
    assert [rule for rule, *_ in problems(sources)] == ["revision-graph-broken"]


def test_numbered_files_beside_a_cargo_toml_without_sqlx() -> None:
    """Are plain files."""
    sources = loaded({"Cargo.toml": '[package]\nname = "x"\n', "migrations/1_a.sql": "SELECT 1;"})

    assert [each.kind for each in sources.sources] == ["plain"]


def test_goose() -> None:
    """Sections, transactions, variables of the environment; files in Go and files without a section are told of."""
    sources = loaded(
        {
            "db/1_a.sql": "-- a\n-- +goose NO TRANSACTION\n-- +goose UP\nSELECT 1;\n-- +goose Down\nSELECT -1;\n",
            "db/2_b.sql": "-- +goose Up\n-- +goose ENVSUB ON\nSELECT '${STAGE}';\n-- +goose ENVSUB OFF\n",
            "db/3_c.sql": "SELECT 3;",
            "db/4_d.go": "package migrations\n",
            "db/main.go": "package migrations\n",
            "db/5_e.sql": "-- +goose Down\nSELECT -5;\n-- +goose Up\nSELECT 5;\n",
        },
        Source(sql=("db",), placeholders={"STAGE": "test"}),
    )

    assert ups(sources) == ["SELECT 1", "SELECT 'test'", "SELECT 5"]
    assert downs(sources) == ["SELECT -5", "SELECT -1"]
    assert [each.transactional for each in sources.migrations] == [False, True, True]
    assert [each.has_down for each in sources.migrations] == [True, False, True]
    assert [(path, message.partition(" ")[2]) for _, path, _, message in problems(sources)] == [
        ("db/4_d.go", "is a migration of goose that is not SQL: what it does is not known"),
        ("db/3_c.sql", "has no section that goose would run: nothing of it is"),
    ]


def test_dbmate() -> None:
    """A transaction that is switched off."""
    sources = loaded(
        {
            "db/1_a.sql": "-- migrate:up transaction:false\nSELECT 1;\n-- migrate:down\n",
            "db/2_b.sql": "-- migrate:up\nSELECT 2;\n-- migrate:down transaction:false\nSELECT -2;\n",
        },
        IN_DB,
    )

    assert [each.kind for each in sources.sources] == ["dbmate"]
    assert [each.transactional for each in sources.migrations] == [False, True]
    assert [each.has_down for each in sources.migrations] == [False, True]


def test_node_pg_migrate() -> None:
    """What stands before the first comment runs up; migrations in JavaScript are told of."""
    sources = loaded(
        {
            "migrations/1_a.sql": "SELECT 1;\n-- Down Migration\nSELECT -1;\n",
            "migrations/2_b.sql": "-- Up Migration\nSELECT 2;\n--- down migration ---\nSELECT -2;",
            "migrations/3_c.sql": "SELECT 3;",
            "migrations/4_d.js": "exports.up = pgm => {}",
            "migrations/tools.js": "",
        }
    )

    assert [each.kind for each in sources.sources] == ["node-pg-migrate"]
    assert ups(sources) == ["SELECT 1", "SELECT 2", "SELECT 3"]
    assert downs(sources) == ["SELECT -2", "SELECT -1"]
    assert [path for _, path, *_ in problems(sources)] == ["migrations/4_d.js"]


def test_diesel() -> None:
    """The version is the name up to the underscore, without hyphens; metadata.toml switches the transaction off."""
    sources = loaded(
        {
            "migrations/2024-01-02-000000_b/up.sql": "SELECT 2;",
            "migrations/20230101000000_a/up.sql": "SELECT 1;",
            "migrations/2024-01-02-000000_b/metadata.toml": "run_in_transaction = false\n",
            "migrations/2024-01-03-000000_c/down.sql": "SELECT -3;",
            "diesel.toml": "",
        }
    )

    assert [each.kind for each in sources.sources] == ["diesel"]
    assert names(sources) == ["20230101000000_a", "2024-01-02-000000_b"]
    assert [each.transactional for each in sources.migrations] == [True, False]


def test_hasura_databases() -> None:
    """Several databases in one source are told of; by number, not by name."""
    sources = loaded(
        {
            "migrations/default/9_i/up.sql": "SELECT 9;",
            "migrations/default/10_j/up.sql": "SELECT 10;",
            "migrations/other/1_a/up.sql": "SELECT 1;",
        },
        Source(sql=("migrations",), layout="hasura"),
    )

    assert ups(sources) == ["SELECT 1", "SELECT 9", "SELECT 10"]
    assert sources.notes == [
        "migrations/default, migrations/other: the migrations of several databases are replayed into one"
    ]


def test_prisma_of_another_database() -> None:
    """Named in the config it is read, and told; found, it is left out."""
    files: dict[str, str | bytes] = {
        "prisma/migrations/migration_lock.toml": 'provider = "sqlite"\n',
        "prisma/migrations/2024_a/migration.sql": "SELECT 1;",
        "supabase/migrations/1_a.sql": "SELECT 2;",
    }

    assert loaded(files, Source(sql=("prisma/migrations",))).notes == [
        "prisma/migrations: migration_lock.toml says that these are for sqlite"
    ]
    found = loaded(files)
    assert ups(found) == ["SELECT 2"]
    assert found.notes == ["prisma/migrations: not read, these are migrations for sqlite"]


def test_supabase() -> None:
    """Roles first; a file without a timestamp is not run; a timestamp given twice."""
    sources = loaded(
        {
            "app/supabase/migrations/20240102_b.sql": "SELECT 2;",
            "app/supabase/migrations/20240101_a.sql": "SELECT 1;",
            "app/supabase/migrations/20240101_c.sql": "SELECT 3;",
            "app/supabase/migrations/draft.sql": "SELECT 9;",
            "app/supabase/roles.sql": "SELECT 0;",
            "app/supabase/seed.sql": "SELECT 8;",
        }
    )

    assert ups(sources) == ["SELECT 0", "SELECT 1", "SELECT 3", "SELECT 2"]
    assert [each.kind for each in sources.sources] == ["plain", "supabase"]
    assert sources.notes[:1] == ["app/supabase/seed.sql: not read, seeds are for development"]
    assert sources.notes[2:] == [
        "app/supabase/migrations/draft.sql is not named TIMESTAMP_title.sql: the Supabase CLI does not run it"
    ]
    assert [rule for rule, *_ in problems(sources)] == ["revision-graph-broken"]


def test_an_archive_of_pg_dump() -> None:
    """Is no text, and told with the way out."""
    sources = loaded({"db/1_a.sql": "SELECT 1;", "db/schema.sql": b"PGDMP\x01\x0e\x00"}, IN_DB)

    assert problems(sources) == [
        ("file-unreadable", "db/schema.sql", 1, "db/schema.sql is a pg_dump archive, not SQL")
    ]
    assert sources.problems[0].help == "Dump it as text: pg_dump --schema-only --format=plain"
    assert ups(sources) == ["SELECT 1"]
