"""
sqitch: the plan tells what runs, in which order, from which file.
"""

from __future__ import annotations

from tests.sources.reading import downs, loaded, names, problems, ups

PLAN = """\
%syntax-version=1.0.0
%project=shop
# a comment

schemas 2024-01-01T00:00:00Z Ann <ann@example.org> # the schemas
+ tables/users [schemas] 2024-01-02T00:00:00Z Ann <ann@example.org>
@v1.0 2024-01-03T00:00:00Z Ann <ann@example.org>
audit [other:thing] 2024-01-04T00:00:00Z Ann <ann@example.org> # two [brackets] @here
tables/users [tables/users@v1.0] 2024-01-05T00:00:00Z Ann <ann@example.org> # reworked
"""

FILES: dict[str, str | bytes] = {
    "sqitch.plan": PLAN,
    "sqitch.conf": '[core]\n  engine = pg # here\n[deploy "variables"]\n  owner = "app owner"\n',
    "deploy/schemas.sql": "SELECT 1;",
    "deploy/tables/users@v1.0.sql": "SELECT 2;",
    "deploy/tables/users.sql": 'SELECT 4 AS :"owner";',
    "deploy/audit.sql": "SELECT 3;",
    "revert/schemas.sql": "SELECT -1;",
    "revert/tables/users.sql": "SELECT -4;",
    "revert/tables/users@v1.0.sql": "SELECT -2;",
}


def test_the_plan_is_the_order() -> None:
    """Reworked changes have the tag in their first file's name; variables of sqitch.conf are known."""
    sources = loaded(FILES)

    assert names(sources) == ["schemas", "tables/users@v1.0", "audit", "tables/users"]
    assert ups(sources) == ["SELECT 1", "SELECT 2", "SELECT 3", 'SELECT 4 AS "app owner"']
    assert downs(sources) == ["SELECT -4", "SELECT -2", "SELECT -1"]
    assert [each.has_down for each in sources.migrations] == [True, True, False, True]
    assert sources.problems == []


def test_scripts_that_are_missing_or_not_planned() -> None:
    """Both are told: the one as a problem of the plan, at its line, the other as a note."""
    files = {path: text for path, text in FILES.items() if path != "deploy/audit.sql"}
    sources = loaded({**files, "deploy/extra.sql": "SELECT 9;"})

    assert problems(sources) == [
        (
            "revision-graph-broken",
            "sqitch.plan",
            8,
            "the plan names `audit`, but there is no deploy/audit.sql",
        )
    ]
    assert sources.notes == ["deploy/extra.sql is not in the plan: not run"]


def test_folders_of_the_config() -> None:
    """top_dir, and a folder and plan of its own for the engine."""
    sources = loaded(
        {
            "sqitch.conf": '[core]\n\ttop_dir = db\n[engine "pg"]\n\tdeploy_dir = db/up\n\trevert_dir = db/down\n',
            "sqitch.plan": "%project=x\n\na 2024-01-01T00:00:00Z A <a@example.org>\n",
            "db/up/a.sql": "SELECT 1;",
            "db/down/a.sql": "SELECT -1;",
        }
    )

    assert (ups(sources), downs(sources)) == (["SELECT 1"], ["SELECT -1"])


def test_a_plan_without_scripts_that_can_be_read() -> None:
    """A script that is not UTF-8 costs itself."""
    sources = loaded({**FILES, "deploy/audit.sql": b"SELECT '\xff';"})

    assert names(sources) == ["schemas", "tables/users@v1.0", "tables/users"]
    assert [rule for rule, *_ in problems(sources)] == ["file-unreadable"]
