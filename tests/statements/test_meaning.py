"""
What a statement does, whatever it looks like.
"""

from __future__ import annotations

import pytest

from schemaguard.statements.meaning import meaning, words_of
from schemaguard.statements.parse import Unparsed, parse
from schemaguard.text import SourceFile, SqlText


def meanings(sql: str) -> list[str]:
    """Of each statement of a file."""
    found = []
    for parsed in parse(SqlText.whole_file(SourceFile("x.sql", sql))):
        assert not isinstance(parsed, Unparsed), parsed.message
        found.append(meaning(parsed))
    return found


FUNCTION = "CREATE FUNCTION f() RETURNS int LANGUAGE {} AS {}"

SAME = [
    ("SELECT 1;", "-- first\nselect /* one */ 1"),
    ("CREATE TABLE t (a int, b text)", "CREATE TABLE T (\n  a integer,\n  b TEXT\n)"),
    ("GRANT SELECT ON t TO a", "grant select\n  on table t\n  to a"),
    ("DO $$ BEGIN NULL; END $$", "do $x$\n-- nothing\nbegin\n  null;\nend\n$x$"),
    (
        FUNCTION.format("plpgsql", "'BEGIN RETURN 1; END'"),
        FUNCTION.format("plpgsql", "$$begin /* 1 */ RETURN 1; END$$"),
    ),
    (FUNCTION.format("sql", "'SELECT 1'"), FUNCTION.format("SQL", "$$ select 1 $$")),
]
OTHER = [
    ("SELECT 1", "SELECT 2"),
    ("SELECT 'a'", "SELECT 'A'"),
    ('CREATE TABLE "T" (a int)', "CREATE TABLE T (a int)"),
    ("CREATE TABLE t (a int, b text)", "CREATE TABLE t (b text, a int)"),
    ("DO $$ BEGIN PERFORM 'a'; END $$", "DO $$ BEGIN PERFORM 'A'; END $$"),
    ("DO $$ BEGIN NULL; END $$", "DO $$ BEGIN NULL; NULL; END $$"),
    (FUNCTION.format("sql", "'SELECT 1'"), FUNCTION.format("sql", "'SELECT 2'")),
    (FUNCTION.format("plpython3u", "'if a:\n  b'"), FUNCTION.format("plpython3u", "'if a:\n    b'")),
    (FUNCTION.format("c", "'lib', 'f'"), FUNCTION.format("c", "'lib', 'F'")),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_layout_comments_and_spelling_do_not_count(one: str, other: str) -> None:
    """Also in the bodies of PL/pgSQL and SQL."""
    assert meanings(one) == meanings(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_it_does_counts(one: str, other: str) -> None:
    """Strings, quoted names, order; in other languages every space of a body."""
    assert meanings(one) != meanings(other)


def test_rows_that_are_not_parsed_count() -> None:
    """Of bulk data the parser sees the first rows only."""
    rows = [f"({number}, 'x')" for number in range(5000)]
    changed = [*rows[:-1], "(7, 'y')"]
    insert = "INSERT INTO t VALUES {};"

    assert meanings(insert.format(",\n".join(rows))) == meanings(insert.format(",\n".join(rows)))
    assert meanings(insert.format(",\n".join(rows))) != meanings(insert.format(",\n".join(changed)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT  A -- b\n", "select a"),
        ("""select "A", 'B', E'C\\n', $$D$$""", """select "A" , 'B' , E'C\\n' , $$D$$"""),
        ("CREATE TABEL x", "create tabel x"),
        ("it's   not\nclosed", "it's not closed"),
        ("", ""),
    ],
)
def test_words(text: str, words: str) -> None:
    """Of what need not be a statement, and need not be tokens."""
    assert words_of(text) == words
