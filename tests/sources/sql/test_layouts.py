"""
One history in every layout: each is recognised, and each comes to the same statements and the same schema.
"""

from __future__ import annotations

from typing import Any, get_args

import pytest

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.facts import facts
from schemaguard.catalog.replay import Replay
from schemaguard.config import Policy, find_config, read_config
from schemaguard.config.policy import Layout, Source
from schemaguard.sources.load import Sources, load_sources
from schemaguard.sources.sql.layouts import LAYOUTS
from schemaguard.sources.tree import DiskTree
from tests.source_tree import ROOT
from tests.sources.reading import downs, names, sql_migrations, ups

PROJECTS = ROOT / "fixtures" / "layouts"
ALL = sorted(LAYOUTS)
WITH_DOWN = sorted(set(ALL) - {"prisma", "supabase", "pg_dump"})
OF_MIGRATIONS = sorted(set(ALL) - {"pg_dump"})

# The other ways to name the same files in a config.
GLOBS = {
    "plain": "db/migrations/**/*.sql",
    "flyway": "src/main/**/migration/*.sql",
    "golang-migrate": "migrations/*.up.sql",
    "goose": "migrations/*.sql",
    "dbmate": "db/*/*.sql",
    "supabase": "supabase/migrations/*.sql",
    "prisma": "prisma/**/migration.sql",
    "sqitch": "deploy/*.sql",
    "diesel": "migrations/*/up.sql",
    "sqlx": "migrations/*.up.sql",
    "hasura": "migrations/default",
    "liquibase": "changelog/*.sql",
    "node-pg-migrate": "migrations/**",
    "pop": "migrations",
    "pg_dump": "db/*.sql",
}

UP = [
    "CREATE TABLE accounts ( id bigint PRIMARY KEY, name text NOT NULL -- Zażółć; gęślą )",
    "ALTER TABLE accounts ADD COLUMN email text",
    "CREATE INDEX accounts_email ON accounts (email)",
    (
        "CREATE FUNCTION accounts_lower_email() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN NEW.email := lower(NEW.email); RETURN NEW; END; $$"
    ),
    (
        "CREATE TRIGGER lower_email BEFORE INSERT OR UPDATE ON accounts "
        "FOR EACH ROW EXECUTE FUNCTION accounts_lower_email()"
    ),
    "COMMENT ON TABLE accounts IS 'Who pays; one row a customer'",
]
DOWN = [
    "COMMENT ON TABLE accounts IS NULL",
    "DROP TRIGGER lower_email ON accounts",
    "DROP FUNCTION accounts_lower_email()",
    "DROP INDEX accounts_email",
    "ALTER TABLE accounts DROP COLUMN email",
    "DROP TABLE accounts",
]


def project(name: str, **source: Any) -> Sources:
    """Load the layout's project, as found, or by a source of the config."""
    root = PROJECTS / name
    config = find_config(root)
    policy = Policy() if config is None or config.parent != root else read_config(config)
    if source:
        placeholders = policy.sources[0].placeholders if policy.sources else {}
        policy = Policy(sources=(Source(placeholders=placeholders, **source),))
    return load_sources(DiskTree(root, root), policy)


def without_transactions(statements: list[str]) -> list[str]:
    return [each for each in statements if each not in ("BEGIN", "COMMIT")]


def test_each_layout_has_a_project_and_a_name_in_the_config() -> None:
    """A layout that is added must be shown here, and be declarable."""
    assert sorted(path.name for path in PROJECTS.iterdir()) == ALL == sorted(GLOBS)
    assert sorted(get_args(Layout)) == ALL


@pytest.mark.parametrize("layout", ALL)
def test_recognised(layout: str) -> None:
    """Without a word in a config, behind a glob or a folder, and declared."""
    expected = project(layout)

    assert [each.kind for each in expected.sources] == [layout]
    assert expected.problems == []
    for source in ({"sql": (GLOBS[layout],)}, {"sql": (GLOBS[layout],), "layout": layout}):
        again = project(layout, **source)
        assert [each.kind for each in again.sources] == [layout]
        assert (names(again), ups(again)) == (names(expected), ups(expected))
        assert again.problems == []


@pytest.mark.parametrize("layout", OF_MIGRATIONS)
def test_same_statements(layout: str) -> None:
    """In the order of the versions, of which the tenth comes last."""
    assert without_transactions(ups(project(layout))) == UP


@pytest.mark.parametrize("layout", WITH_DOWN)
def test_same_way_back(layout: str) -> None:
    """The down programs, kept apart."""
    sources = project(layout)

    assert without_transactions(downs(sources)) == DOWN
    assert [each.has_down for each in sources.migrations] == [True] * 4


@pytest.mark.parametrize("layout", sorted(set(ALL) - set(WITH_DOWN)))
def test_no_way_back(layout: str) -> None:
    """These know no down programs, so the lack of one is no fact."""
    assert {each.has_down for each in project(layout).migrations} == {None}


def schema(replay: Replay) -> dict[str, Any]:
    return dict(facts(replay.catalog))


def replayed(sources: Sources) -> Replay:
    replay = Replay(new_catalog())
    for migration in sources.migrations:
        replay.apply(migration)
    assert [
        str(step.error or step.opaque) for step in replay.history.steps if step.error or step.opaque
    ] == []
    return replay


@pytest.mark.parametrize("layout", ALL)
def test_same_schema(layout: str) -> None:
    """Replayed, every layout leaves the schema that plain files leave; and undone, nothing."""
    expected = replayed(project("plain"))
    replay = replayed(project(layout))

    assert schema(replay) == schema(expected)
    if layout in WITH_DOWN:
        for migration in reversed(project(layout).migrations):
            replay.apply_down(migration)
        assert schema(replay) == schema(Replay(new_catalog()))


@pytest.mark.parametrize("layout", ALL)
def test_places(layout: str) -> None:
    """Every statement is where its file has it, whatever was blanked and however the file is cut up."""
    for migration in sql_migrations(project(layout)):
        for sql in migration.up_program.sql:
            for piece in sql.pieces:
                if piece.verbatim:
                    written = sql.file.text[piece.file_start : piece.file_end]
                    read = sql.text[piece.start : piece.end]
                    assert len(written) == len(read)
                    assert written.split() == read.split() or migration.blanked
