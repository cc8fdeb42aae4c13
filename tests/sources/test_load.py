"""
All sources of a project: in order, each with its role and origin; what is missing is an error of the config.
"""

from __future__ import annotations

import pytest

from schemaguard.config import ConfigError, Policy, parse_config
from schemaguard.config.policy import Source
from schemaguard.sources.load import Sources, load_sources
from schemaguard.sources.specs import load_specs
from schemaguard.text import SourceFile
from tests.sources.memory import MemoryTree
from tests.sources.reading import loaded, names, problems, statements, ups

FILES: dict[str, str | bytes] = {
    "db/bootstrap/1_roles.sql": "SELECT 1;",
    "db/migrations/1_a.up.sql": "SELECT 2;",
    "db/migrations/2_b.up.sql": "SELECT 3;",
    "db/boot/grants.sql": "SELECT 4;",
    "specs/b.sql": "CREATE TABLE b ();",
    "specs/a.sql": "CREATE TABLE a ();",
    "specs/readme.md": "",
}


def from_config(text: str, files: dict[str, str | bytes] | None = None) -> Sources:
    return load_sources(MemoryTree(FILES if files is None else files), config(text))


def config(text: str) -> Policy:
    return parse_config(SourceFile("schemaguard.yaml", text))


def refused(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        from_config(text)
    return [str(each) for each in caught.value.errors]


def test_in_the_order_of_the_config() -> None:
    """Each migration has its source's name and role; those that always run come again at the end."""
    sources = from_config(
        "sources:\n"
        "  - {sql: db/bootstrap, role: postgres}\n"
        "  - {sql: db/boot/grants.sql, role: app_admin, always: true}\n"
        "  - {sql: db/migrations, role: migration_owner}\n"
    )

    assert names(sources) == ["1_roles", "grants", "1_a", "2_b", "grants (again)"]
    assert ups(sources) == ["SELECT 1", "SELECT 4", "SELECT 2", "SELECT 3", "SELECT 4"]
    assert [(each.origin, each.role) for each in sources.migrations] == [
        ("db/bootstrap", "postgres"),
        ("db/boot/grants.sql", "app_admin"),
        ("db/migrations", "migration_owner"),
        ("db/migrations", "migration_owner"),
        ("db/boot/grants.sql", "app_admin"),
    ]
    assert [each[:2] for each in sources.sources] == [
        ("db/bootstrap", "plain"),
        ("db/boot/grants.sql", "plain"),
        ("db/migrations", "golang-migrate"),
    ]
    assert not sources.discovered
    assert "db/migrations/2_b.up.sql" in sources.files


def test_sources_that_are_missing_or_empty() -> None:
    """All of them, each at its line, with the nearest right name."""
    assert refused(
        "sources:\n"
        "  - sql: db/bot/*.sql\n"
        "  - sql: [db/boot, db/*.sql]\n"
        "  - {alembic: alembic.ini}\n"
        "  - {sql: db/boot, layout: sqitch}\n"
        "  - {sql: db/migrations, exclude: ['*.sql']}\n"
        "  - {django: app/migrations}\n"
    ) == [
        "schemaguard.yaml:2:10: `db/bot/*.sql` matches no file: there is no db/bot; did you mean `boot`?",
        "schemaguard.yaml:3:20: `db/*.sql` matches no file",
        "schemaguard.yaml:4:6: there is no alembic.ini",
        "schemaguard.yaml:5:6: db/boot holds no migration as sqitch reads it",
        "schemaguard.yaml:6:11: `db/migrations` matches no file",
        "schemaguard.yaml:7:14: `app/migrations` matches no file: there is no app",
    ]


def test_nothing_at_all() -> None:
    """No sources named, none found: there is nothing that could be checked."""
    with pytest.raises(ConfigError, match="there is nothing to check: no migrations of Alembic, Flyway"):
        loaded({"README.md": ""})


def test_found_without_a_config() -> None:
    """The sources are looked for, and what was assumed is said."""
    sources = loaded({"supabase/migrations/1_a.sql": "SELECT 1;", "supabase/seed.sql": "SELECT 2;"})

    assert sources.discovered
    assert ups(sources) == ["SELECT 1"]
    assert sources.notes == ["supabase/seed.sql: not read, seeds are for development"]


def test_files_are_left_out() -> None:
    """By a name, or by a path."""
    files: dict[str, str | bytes] = {
        "db/1_a.sql": "SELECT 1;",
        "db/2_b.sql": "SELECT 2;",
        "db/x/3_a.sql": "SELECT 3;",
    }

    assert ups(loaded(files, Source(sql=("db",), exclude=("*_b.sql",)))) == ["SELECT 1", "SELECT 3"]
    assert ups(loaded(files, Source(sql=("db",), exclude=("db/x/*",)))) == ["SELECT 1", "SELECT 2"]


def test_one_bad_file_among_good_ones() -> None:
    """It is told; the others are read. An empty file is a migration that does nothing."""
    sources = loaded(
        {"db/1_a.sql": "SELECT 1;", "db/2_b.sql": b"\xff\xfe", "db/3_c.sql": b"", "db/4_d.sql": "SELECT 4;"},
        Source(sql=("db",)),
    )

    assert names(sources) == ["1_a", "3_c", "4_d"]
    assert [problem[:3] for problem in problems(sources)] == [("file-unreadable", "db/2_b.sql", 1)]
    assert ups(sources) == ["SELECT 1", "SELECT 4"]


REVISION = """\
revision = "a1"
down_revision = None


def upgrade():
    from alembic import op
    op.execute("SELECT 1")


def downgrade():
    pass
"""


def test_alembic_from_any_tree() -> None:
    """It is read through the tree, as all sources are: nothing needs to be on disk."""
    files: dict[str, str | bytes] = {
        "api/alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\n",
        "api/migrations/env.py": "",
        "api/migrations/versions/a1.py": REVISION,
    }
    for sources in (loaded(files), loaded(files, Source(alembic="api/alembic.ini", role="owner"))):
        assert names(sources) == ["a1"]
        assert [each.file.path for each in sources.migrations] == ["api/migrations/versions/a1.py"]
        assert sources.sources[0].kind == "alembic"


def test_django_needs_django(monkeypatch: pytest.MonkeyPatch) -> None:
    """No silence: where Django is missing, its migrations are a finding that says what to install."""
    files: dict[str, str | bytes] = {
        "shop/migrations/0001_initial.py": "class Migration:\n    operations = []\n",
        "shop/migrations/__init__.py": "",
    }
    assert names(loaded(files)) == ["shop.0001_initial"]
    assert loaded(files).sources[0].kind == "django"

    monkeypatch.setattr("schemaguard.sources.django.is_installed", lambda: False)
    sources = loaded(files)

    assert [(rule, path) for rule, path, *_ in problems(sources)] == [
        ("statement-opaque", "shop/migrations/0001_initial.py")
    ]
    assert sources.problems[0].help == "pip install 'schemaguard[django]'"
    assert sources.migrations == []


def test_django_source_without_migrations() -> None:
    """A pattern that leads to no migration is an error at its line."""
    files: dict[str, str | bytes] = {"shop/migrations/__init__.py": "", "shop/models.py": ""}

    with pytest.raises(ConfigError, match=r"`shop/migrations` holds no migration of Django's"):
        loaded(files, Source(django=("shop/migrations",)))


def test_specs() -> None:
    """One script a file; a pattern that matches nothing is an error at its line."""
    scripts, found = load_specs(MemoryTree(FILES), config("specs: [specs/*.sql]\n"))

    assert [each.name for each in scripts] == ["a", "b"]
    assert statements(scripts[0].up_program.sql) == ["CREATE TABLE a ()"]
    assert found == []
    with pytest.raises(ConfigError, match=r"schemaguard.yaml:2:4: `ddl/\*\.sql` matches no file"):
        load_specs(MemoryTree(FILES), config("specs: [specs/*.sql,\n   ddl/*.sql]\n"))
