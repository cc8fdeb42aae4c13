r"""
What is not SQL is blanked, in place: psql commands, COPY data, variables, parameters, placeholders.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from schemaguard.config.policy import Source
from schemaguard.sources.sql.blanking import LONGEST_BLANK, edited, edits
from schemaguard.sources.sql.reader import Reader
from schemaguard.text import SourceFile
from tests.sources.memory import MemoryTree
from tests.sources.reading import loaded, problems, statements, ups


def read(text: str, values: dict[str, str] | None = None, *, braces: bool = False) -> str:
    """The SQL that a text is read as."""
    file = SourceFile("x.sql", text)
    return edited(file, 0, len(text), edits(text, values or {}, braces=braces)).text


def kinds(text: str) -> list[tuple[str, str, str]]:
    """Each edit: its kind, its name, and the text that it stands for."""
    return [(each.kind, each.name, text[each.start : each.end]) for each in edits(text, {})]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'a\\b', E'\\'; \\i', \"\\q\", $$\\i x$$, $tag$ :x $tag$ -- \\i :x\n/* \\i /* :x */ \\q */;",
        "SELECT a::text, b::\"int4\", '10:20', '%(x)s', x[1:2], x[lo:hi], f(a := 1, b => 2)",
        "SELECT a$b$c, $1, '{\"a\":\"b\"}'::json #>> '{a}', 5 % 2, 5 %(2)",
        "INSERT INTO t VALUES ('copy t from stdin;\n1\t2\n\\.\n')",
        "CREATE FUNCTION f() RETURNS void AS $$ COPY t FROM stdin; $$ LANGUAGE sql;\nSELECT 1;",
        "COPY t TO stdout; COPY t FROM '/tmp/x'; COPY t FROM PROGRAM 'x';\n1\t2",
        "SELECT U&'\\0441', n'x', B'1', 'it''s :x', E'it''s \\\\' , ':y'",
    ],
)
def test_sql_is_left_alone(text: str) -> None:
    """Inside quotes and comments nothing counts, nor what only looks like a variable."""
    assert edits(text, {}) == []
    assert read(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\\set ON_ERROR_STOP on\nSELECT 1;", "                     \nSELECT 1;"),
        ("\\restrict Ab1\r\nSELECT 1;", "             \r\nSELECT 1;"),
        ("SELECT 1 \\g\nSELECT 2", "SELECT 1 ; \nSELECT 2"),
        ("SELECT 1 \\gset pre_\nSELECT 2", "SELECT 1 ;         \nSELECT 2"),
        ("\\pset x 1 \\\\ SELECT 1;", "             SELECT 1;"),
        ("\\set x 1 \\echo 'y'\nSELECT 1;", "                  \nSELECT 1;"),
        ("SELECT 1\\; SELECT 2;", "SELECT 1 ; SELECT 2;"),
        ("\\echo 'a \\\\ b'\nSELECT 1", "              \nSELECT 1"),
        ("\\set x `sed 's/\\\\/_/' y`\nSELECT 1", "                        \nSELECT 1"),
        ("SELECT 1;\n\\q\nnot sql at all '", "SELECT 1;\n  \n                "),
        ("ALTER TABLE t OWNER TO :owner;", "ALTER TABLE t OWNER TO  owner;"),
        ("SELECT :'v', :\"n\", :{?v};", "SELECT  'v',  \"n\", FALSE;"),
        ("SELECT %(who)s, '%(who)s';", "SELECT NULL   , '%(who)s';"),
        (
            "COPY t (a, b) FROM stdin;\n1\t'x\n2\t$$ ;\n\\.\n\nSELECT 1;",
            "COPY t (a, b) FROM stdin;\n    \n      \n  \n\nSELECT 1;",
        ),
        ("-- c\nCOPY t FROM STDIN CSV; -- data\na,'b\n", "-- c\nCOPY t FROM STDIN CSV; -- data\n    \n"),
        ("\\copy t from stdin\n1\t2\n\\.\nSELECT 1", "                  \n   \n  \nSELECT 1"),
        ("\\copy t from 'x.csv' csv\nSELECT 1", "                        \nSELECT 1"),
    ],
)  # fmt: skip
def test_blanked_in_place(text: str, expected: str) -> None:
    """Every character that stays is where it was, and so is every line end."""
    assert read(text) == expected
    assert len(expected) == len(text)


def test_each_edit_is_listed() -> None:
    """Kind and name, for the coverage block."""
    text = "\\set v 1\nSELECT :a, %(b)s;\nCOPY t FROM stdin;\n1\n\\.\n"

    assert kinds(text) == [
        ("psql command", "set", "\\set v 1"),
        ("variable", "a", ":a"),
        ("parameter", "b", "%(b)s"),
        ("COPY data", "", "1\n\\."),
    ]


def test_declared_values_are_filled_in() -> None:
    """As they are, quoted where the variable asks for it; the offsets of the rest are kept in the map."""
    text = 'CREATE TABLE :s.t (a text DEFAULT :\'d\', "é" :type);\nSELECT :"s", x[1:n];'
    values = {"s": "app", "d": "it's", "type": "numeric(10,2)", "n": "3"}

    assert read(text, values) == (
        "CREATE TABLE app.t (a text DEFAULT 'it''s', \"é\" numeric(10,2));\nSELECT \"app\", x[13];"
    )
    file = SourceFile("x.sql", text)
    sql = edited(file, 0, len(text), edits(text, values))
    at = sql.text.index('"é"')
    assert sql.span(at, at + 3).text == '"é"'
    at = sql.text.index("numeric")
    assert sql.span(at, at + 13).text == ":type"
    at = sql.text.index("SELECT")
    assert sql.span(at, at + 6).line == 2


def test_declared_values_inside_dollar_quotes() -> None:
    """Psql leaves function bodies alone; runners that put values in the text do not. Casts and slices stay."""
    text = "CREATE FUNCTION f() AS $$ SELECT x::s, :s.g(), y[1:k] FROM :other $$;"

    assert (
        read(text, {"s": "app"}) == "CREATE FUNCTION f() AS $$ SELECT x::s, app.g(), y[1:k] FROM :other $$;"
    )


def test_placeholders_in_braces() -> None:
    """Flyway's, everywhere in the text, but not in what is blanked anyway; only where the layout has them."""
    text = "GRANT ALL ON ${s}.t TO ${who}; SELECT '${who}';\n\\echo ${s}\n"

    assert read(text, {"who": "app_rw"}, braces=True) == (
        "GRANT ALL ON s.t TO app_rw; SELECT 'app_rw';\n          \n"
    )
    assert read("SELECT '${who}'", {"who": "x"}) == "SELECT '${who}'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\\if true\nA;\n\\else\nB;\n\\endif\nC;", ["A;", "C;"]),
        ("\\if off\nA;\n\\elif on\nB;\n\\else\nC;\n\\endif", ["B;"]),
        ("\\if false\nA;\n\\if true\nB;\n\\endif\n\\else\nC;\n\\endif", ["C;"]),
        ("\\if true\nA;\n\\if 0\nB;\n\\else\nC;\n\\endif\n\\endif\nD;", ["A;", "C;", "D;"]),
        ("\\set v true\n\\if :v\nA;\n\\endif", ["A;"]),
        ("\\if :{?v}\nA;\n\\else\n\\set v 1\n\\endif\n\\if :{?v}\nB;\n\\endif", ["B;"]),
        ("\\if :v\nA;\n\\else\nB;\n\\endif\nC;", ["C;"]),
        ("\\if false\n\\set v 1\n\\q\n\\endif\n\\if :{?v}\nA;\n\\endif\nB;", ["B;"]),
        ("\\if false\nA;", []),
        ("\\endif\nA;", ["A;"]),
    ],
)
def test_branches(text: str, expected: list[str]) -> None:
    """A branch that does not run is blanked; so are both where it cannot be known."""
    result = read(text)

    assert [line.strip() for line in result.splitlines() if line.strip()] == expected
    assert len(result) == len(text)
    assert result.count("\n") == text.count("\n")


def test_much_data_is_left_out_of_the_text() -> None:
    """The lines after it are still where they are."""
    rows = "".join(f"{number}\tżółć\n" for number in range(LONGEST_BLANK // 8))
    text = f"COPY t FROM stdin;\n{rows}\\.\nSELECT 1;\n"
    file = SourceFile("x.sql", text)
    sql = edited(file, 0, len(text), edits(text, {}))

    assert sql.text == "COPY t FROM stdin;\n\nSELECT 1;\n"
    at = sql.text.index("SELECT")
    assert sql.span(at, at + 9).text == "SELECT 1;"
    assert sql.span(at, at + 9).line == rows.count("\n") + 3


FRAGMENTS = (
    *("\\set a b", "\\i x", "\\q", "\\g", "\\\\", "\\if 1", "\\if x\n", "\\else\n", "\\endif\n"),
    *(":a", ":'a'", ':"a"', "::", "%(a)s", "'", '"', "$$", "$x$", "--", "/*", "*/", "E'", "\\'"),
    *(
        "COPY t FROM stdin;\n",
        "1\t2",
        "\\.\n",
        "SELECT",
        "é",
        "🎉",
        "[",
        "]",
        "(",
        ")",
        "\r\n",
        "\t",
        "\n",
        " ",
        ";",
    ),
)
fragments = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)


@given(fragments)
def test_blanking_keeps_every_offset(text: str) -> None:
    """Same length, same line ends, and edits that stand in order without overlapping."""
    found = edits(text, {})
    result = read(text)

    assert len(result) == len(text)
    assert [at for at, char in enumerate(result) if char == "\n"] == [
        at for at, char in enumerate(text) if char == "\n"
    ]
    assert all(each.start < each.end for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(fragments, st.integers(0, 40), st.integers(0, 40))
def test_values_keep_the_map(text: str, start: int, end: int) -> None:
    """With values of their own length, the map covers the text without gaps and leads back to the same characters."""
    sql = edited(SourceFile("x", text), 0, len(text), edits(text, {"a": "something longer"}))

    assert [piece.start for piece in sql.pieces] == [0, *(piece.end for piece in sql.pieces)][:-1][
        : len(sql.pieces)
    ]
    assert (sql.pieces[-1].end if sql.pieces else 0) == len(sql.text)
    for piece in sql.pieces:
        if piece.verbatim:
            assert piece.end - piece.start == piece.file_end - piece.file_start
    span = sql.span(min(start, len(sql.text)), min(end, len(sql.text)))
    assert 0 <= span.start <= span.end <= len(text)


# Includes, and what cannot be known


def test_includes_stand_in_their_place() -> None:
    r"""`\ir` from the file's folder, `\i` from the root; included files are no migrations of their own."""
    sources = loaded(
        {
            "db/all.sql": "SELECT 1;\n\\ir parts/two.sql\nSELECT 4;\n\\i db/parts/five.sql\nSELECT 6;",
            "db/parts/two.sql": "SELECT 2; \\ir three.sql\n",
            "db/parts/three.sql": "SELECT 3;",
            "db/parts/five.sql": "SELECT 5;",
        },
        Source(sql=("db",)),
    )

    assert ups(sources) == ["SELECT 1", "SELECT 2", "SELECT 3", "SELECT 4", "SELECT 5", "SELECT 6"]
    assert [each.name for each in sources.migrations] == ["all"]
    assert sources.problems == []


def test_includes_that_cannot_be_followed() -> None:
    """No such file, and one that includes itself."""
    sources = loaded({"a.sql": "SELECT 1;\n\\i none.sql\n\\ir a.sql\nSELECT 2;"}, Source(sql=("a.sql",)))

    assert ups(sources) == ["SELECT 1", "SELECT 2"]
    assert problems(sources) == [
        ("statement-opaque", "a.sql", 2, "`\\i none.sql` cannot be followed: there is no such file"),
        ("statement-opaque", "a.sql", 3, "`\\ir a.sql` cannot be followed: it is being included already"),
    ]


def test_what_is_not_known_is_told_once_a_file() -> None:
    """A variable that may be a name, generated statements, another user, a branch; not what is only a value."""
    text = (
        "CREATE ROLE :app PASSWORD :'secret';\n"
        "GRANT x TO :app;\n"
        "SELECT 'CREATE DATABASE d' \\gexec\n"
        "\\c d\n"
        "\\c - app_owner\n"
        "INSERT INTO t VALUES (%(value)s);\n"
        "\\if :prod\nSELECT 1;\n\\endif\n"
    )
    sources = loaded({"a.sql": text}, Source(sql=("a.sql",)))

    assert [(line, message) for _, _, line, message in problems(sources)] == [
        (1, "the value of the variable `app` is not known; it is read as a name"),
        (3, "`\\gexec` runs what its query returns, which is not known"),
        (5, "from here on `app_owner` runs the statements, which is not followed"),
        (7, "whether this branch of `\\if` runs is not known; it was left out"),
    ]
    assert ups(sources)[:2] == ["CREATE ROLE app PASSWORD 'secret'", "GRANT x TO app"]


def test_values_from_the_config() -> None:
    """With a value declared nothing is unknown."""
    sources = loaded(
        {"a.sql": "CREATE ROLE :app;\n\\if :prod\nSELECT 1;\n\\endif"},
        Source(sql=("a.sql",), placeholders={"app": "app_rw", "prod": "yes"}),
    )

    assert ups(sources) == ["CREATE ROLE app_rw", "SELECT 1"]
    assert sources.problems == []


def test_an_empty_file() -> None:
    """Nothing in it, nothing wrong with it."""
    program = Reader(MemoryTree({"a.sql": b"", "b.sql": b"\xef\xbb\xbfSELECT 1;"})).program("a.sql")

    assert program.is_empty
    assert statements(program.sql) == []


def test_a_byte_order_mark() -> None:
    """It is no part of the text: the first column is the first character's."""
    program = Reader(MemoryTree({"b.sql": b"\xef\xbb\xbfSELECT 1;"})).program("b.sql")

    assert [sql.text for sql in program.sql] == ["SELECT 1;"]
    assert program.sql[0].span(0, 8).location.column == 1
