"""
Liquibase's formatted SQL: change sets, rollbacks, attributes, and the changelogs that order the files.
"""

from __future__ import annotations

import pytest

from schemaguard.config.policy import Source
from tests.sources.reading import downs, loaded, names, problems, ups

HEAD = "--liquibase formatted sql\n"


def test_change_sets() -> None:
    """Each is a migration; what undoes it stands in comments, line by line or in a block."""
    sources = loaded(
        {
            "changelog/a.sql": HEAD
            + "--changeset ann:1\nSELECT 1;\n--rollback SELECT\n--rollback   -1;\n"
            + '-- changeset "bob b":two runInTransaction:false dbms:postgresql,h2\nSELECT 2;\n'
            + "/* liquibase rollback\nSELECT -2;\n*/\n"
            + "--changeset ann:3\nSELECT 3;\n--rollback not required\n"
            + "--changeset ann:4\nSELECT 4;\n"
        }
    )

    assert names(sources) == ["ann:1", '"bob b":two', "ann:3", "ann:4"]
    assert ups(sources) == ["SELECT 1", "SELECT 2", "SELECT 3", "SELECT 4"]
    assert downs(sources) == ["SELECT -2", "SELECT -1"]
    assert [each.has_down for each in sources.migrations] == [True, True, False, False]
    assert [each.transactional for each in sources.migrations] == [True, False, True, True]


def test_change_sets_for_others_and_delimiters() -> None:
    """One for another database or switched off is not run; a delimiter of its own is a semicolon."""
    sources = loaded(
        {
            "changelog/a.sql": HEAD
            + "--changeset a:1 dbms:mysql\nSELECT 1;\n"
            + "--changeset a:2 dbms:!postgresql\nSELECT 2;\n"
            + "--changeset a:3 ignore:true\nSELECT 3;\n"
            + "--changeset a:4 dbms:!h2 endDelimiter:/ stripComments:false\nSELECT 4 / 2\n/\nSELECT 5/\n"
        }
    )

    assert ups(sources) == ["SELECT 4 / 2", "SELECT 5"]
    assert [note.split(": ")[1] for note in sources.notes] == [
        "the change set a:1 is not for PostgreSQL",
        "the change set a:2 is not for PostgreSQL",
        "the change set a:3 is not for PostgreSQL",
    ]


def test_preconditions_and_repeated_ids() -> None:
    """A change set that may be skipped, and two of one name in a file."""
    sources = loaded(
        {
            "changelog/a.sql": HEAD
            + "--changeset a:1\n--preconditions onFail:MARK_RAN\n--precondition-sql-check expectedResult:0 SELECT 1\n"
            + "SELECT 1;\n--changeset a:1\nSELECT 2;\n"
        }
    )

    assert [(rule, line) for rule, _, line, _ in problems(sources)] == [
        ("statement-opaque", 3),
        ("revision-graph-broken", 1),
    ]
    assert ups(sources) == ["SELECT 1", "SELECT 2"]


XML = """<?xml version="1.0"?>
<databaseChangeLog>
  <!-- <include file="changelog/x.sql"/> -->
  <include file="db/z.sql"/>
  <includeAll path="rest" relativeToChangelogFile="true"/>
</databaseChangeLog>
"""
YAML = """\
databaseChangeLog:
  - include: {file: db/z.sql}
  - includeAll: {path: rest, relativeToChangelogFile: true}
"""
JSON = """{"databaseChangeLog": [
  {"include": {"file": "z.sql", "relativeToChangelogFile": true}},
  {"include": {"file": "nested.yaml", "relativeToChangelogFile": true}}]}
"""


@pytest.mark.parametrize(
    ("name", "text"), [("changelog.xml", XML), ("master.yaml", YAML), ("changelog.json", JSON)]
)
def test_the_changelog_is_the_order(name: str, text: str) -> None:
    """Its includes, also through another changelog; a file that none includes is not run, and told of."""
    sources = loaded(
        {
            f"db/{name}": text,
            "db/nested.yaml": "databaseChangeLog:\n- includeAll: {path: db/rest}\n"
            if name.endswith("json")
            else "",
            "db/a_not_included.sql": HEAD + "--changeset a:9\nSELECT 9;\n",
            "db/z.sql": HEAD + "--changeset a:1\nSELECT 1;\n",
            "db/rest/b.sql": HEAD + "--changeset a:2\nSELECT 2;\n",
            "db/rest/c.sql": "SELECT 3;\n",
        },
        Source(sql=("db/**/*.sql",)),
    )

    assert ups(sources) == ["SELECT 1", "SELECT 2", "SELECT 3"]
    assert sources.notes == ["db/a_not_included.sql is in no changelog: not run"]
    assert sources.problems == []


def test_changes_that_are_not_sql() -> None:
    """A changelog with changes of its own: what they do is not known."""
    sources = loaded(
        {
            "db/changelog.yaml": "databaseChangeLog:\n- changeSet: {id: 1, author: a}\n- include: {file: db/a.sql}\n",
            "db/a.sql": HEAD + "--changeset a:1\nSELECT 1;\n",
            "db/broken.yaml": "databaseChangeLog: [\n",
        },
        Source(sql=("db/*.sql",)),
    )

    assert ups(sources) == ["SELECT 1"]
    assert [(rule, path) for rule, path, *_ in problems(sources)] == [
        ("statement-opaque", "db/changelog.yaml")
    ]
