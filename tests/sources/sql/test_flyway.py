"""
Flyway: versions, undo, baselines, repeatable migrations, callbacks, placeholders.
"""

from __future__ import annotations

import pytest

from schemaguard.config.policy import Source
from tests.sources.reading import downs, loaded, names, problems, ups

FOLDER = Source(sql=("db",))


def test_versions_are_numbers_and_repeatable_files_come_last() -> None:
    """1.2 before 1.10, dots and underscores alike; repeatable ones by title; callbacks of `migrate` around them."""
    sources = loaded(
        {
            "db/V1_10__c.sql": "SELECT 3;",
            "db/V1.2__b.sql": "SELECT 2;",
            "db/V001__a.sql": "SELECT 1;",
            "db/R__views.sql": "SELECT 5;",
            "db/R__functions.sql": "SELECT 4;",
            "db/afterMigrate__grants.sql": "SELECT 6;",
            "db/beforeMigrate.sql": "SELECT 0;",
            "db/sub/V1.3__x.sql": "SELECT 2.5;",
        },
        FOLDER,
    )

    assert ups(sources) == [f"SELECT {number}" for number in ("0", "1", "2", "2.5", "3", "4", "5", "6")]
    assert [each.title for each in sources.migrations][1:3] == ["a", "b"]
    assert sources.problems == []


def test_undo_files() -> None:
    """They belong to the version; where there is any, the lack of one is a fact."""
    files: dict[str, str | bytes] = {
        "db/V1__a.sql": "SELECT 1;",
        "db/V2__b.sql": "SELECT 2;",
        "db/R__r.sql": "SELECT 3;",
    }

    assert [each.has_down for each in loaded(files, FOLDER).migrations] == [None, None, None]
    sources = loaded({**files, "db/U2__b.sql": "SELECT -2;"}, FOLDER)
    assert [each.has_down for each in sources.migrations] == [False, True, None]
    assert downs(sources) == ["SELECT -2"]


def test_a_baseline_stands_for_what_it_replaces() -> None:
    """On an empty database the newest baseline runs, and versions after it."""
    sources = loaded(
        {
            "db/V1__a.sql": "SELECT 1;",
            "db/V2__b.sql": "SELECT 2;",
            "db/B2__base.sql": "SELECT 12;",
            "db/B1__older.sql": "SELECT 11;",
            "db/V3__c.sql": "SELECT 3;",
        },
        FOLDER,
    )

    assert ups(sources) == ["SELECT 12", "SELECT 3"]
    assert sources.notes == ["an empty database begins at the baseline 2"]


def test_what_is_not_run_or_not_followed_is_told() -> None:
    """A name that Flyway ignores, a callback for each migration, one in Java, a version given twice."""
    sources = loaded(
        {
            "db/V1__a.sql": "SELECT 1;",
            "db/V1.0__again.sql": "SELECT 1;",
            "db/beforeEachMigrate.sql": "SET x.y = 1;",
            "db/V2__InJava.java": "class V2__InJava {}",
            "db/2__missing_prefix.sql": "SELECT 2;",
            "db/afterClean.sql": "SELECT 1;",
        },
        FOLDER,
    )

    assert sources.notes == [
        "db/2__missing_prefix.sql has no name that Flyway runs in `migrate`",
        "db/afterClean.sql has no name that Flyway runs in `migrate`",
    ]
    assert [(rule, path, message.partition(" ")[2]) for rule, path, _, message in problems(sources)] == [
        (
            "statement-opaque",
            "db/beforeEachMigrate.sql",
            "runs around every migration, which is not followed",
        ),
        (
            "statement-opaque",
            "db/V2__InJava.java",
            "is a migration of flyway that is not SQL: what it does is not known",
        ),
        ("revision-graph-broken", "db/V1.0__again.sql", "version 1 is given twice: db/V1__a.sql has it, too"),
    ]


def test_transactions() -> None:
    """Each file in one, but what PostgreSQL refuses there, or a file's own setting."""
    sources = loaded(
        {
            "db/V1__a.sql": "SELECT 1;",
            "db/V2__b.sql": "CREATE INDEX CONCURRENTLY i ON t (a);",
            "db/V3__c.sql": "SELECT 1;",
            "db/V3__c.sql.conf": "executeInTransaction=false\n",
        },
        FOLDER,
    )

    assert [each.transactional for each in sources.migrations] == [True, False, False]


def test_placeholders() -> None:
    """Filled in from the config; else the name stands for itself, and it is told."""
    files: dict[str, str | bytes] = {"db/V1__a.sql": "GRANT SELECT ON ${schema}.t TO ${app};"}

    known = loaded(files, Source(sql=("db",), placeholders={"schema": "billing", "app": "app_rw"}))
    assert ups(known) == ["GRANT SELECT ON billing.t TO app_rw"]
    assert known.problems == []
    unknown = loaded(files, FOLDER)
    assert ups(unknown) == ["GRANT SELECT ON schema.t TO app"]
    assert [message for *_, message in problems(unknown)] == [
        "the value of the placeholder `schema` is not known; it is read as a name",
        "the value of the placeholder `app` is not known; it is read as a name",
    ]
    assert names(unknown) == ["V1__a"]


SETTINGS = {
    "flyway.conf": "# settings\nflyway.url=jdbc:postgresql://x\nflyway.placeholders.owner = app_owner\n",
    "conf/flyway.conf": "flyway.placeholders.owner:app_owner\n",
    "flyway.toml": '[flyway.placeholders]\nowner = "app_owner"\n',
    "db/flyway.conf": "flyway.placeholders.owner=app_owner\n",
}


@pytest.mark.parametrize("path", SETTINGS)
def test_placeholders_of_flyways_own_settings(path: str) -> None:
    """What `flyway.conf` or `flyway.toml` says of placeholders holds, unless the config says otherwise."""
    files: dict[str, str | bytes] = {
        "db/migrations/V1__a.sql": "ALTER TABLE a OWNER TO ${owner};",
        path: SETTINGS[path],
    }

    assert ups(loaded(files)) == ["ALTER TABLE a OWNER TO app_owner"]
    declared = Source(sql=("db/migrations",), placeholders={"owner": "another"})
    assert ups(loaded(files, declared)) == ["ALTER TABLE a OWNER TO another"]


def test_the_nearest_settings_count() -> None:
    """Those beside the migrations go before those at the root; a file that is no TOML is a finding."""
    files: dict[str, str | bytes] = {
        "db/migrations/V1__a.sql": "ALTER TABLE a OWNER TO ${owner};",
        "db/flyway.conf": "flyway.placeholders.owner=near\n",
        "flyway.conf": "flyway.placeholders.owner=far\n",
        "flyway.toml": "not TOML",
    }
    sources = loaded(files)

    assert ups(sources) == ["ALTER TABLE a OWNER TO near"]
    assert [(rule, path) for rule, path, *_ in problems(sources)] == [("statement-opaque", "flyway.toml")]
