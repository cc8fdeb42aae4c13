"""
Statements of a text: their borders, their places, and that a bad one costs only itself.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st
from pglast import parser
from pglast.parser import split

from schemaguard.sources.sql.lexer import Lexer
from schemaguard.statements.depth import DEEPEST, TOO_DEEP
from schemaguard.statements.parse import Unparsed, borders, parse
from schemaguard.statements.scanning import scan
from schemaguard.statements.statement import Statement
from schemaguard.text import SourceFile, SqlText

STATEMENTS = (
    "SELECT 1",
    "SELECT ';', 'it''s', E'\\';', \"a;b\", U&'\\0441;', 'é🎉;'",
    "SELECT $$;$$, $x$ $$ ; $x$, $1 + 2, a$b$c FROM t",
    "/* ; /* nested ; */ ; */ SELECT 2 -- ; to the end\n",
    "-- żółć;\nCREATE TABLE t (a int DEFAULT (1), b text CHECK (b <> ';'))",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; INSERT INTO u VALUES (1))",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1;'",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
    "DO $$ BEGIN PERFORM 1; END $$",
    "BEGIN",
    "COMMIT",
    "SELECT 'a' -- continued;\n 'b;'",
    "SELECT 5 - -1, 4 / 2, a::text, x[1:2]",
    "",
    "  \n\t",
)
RULE, ROUTINE = STATEMENTS[5], STATEMENTS[7]
scripts = st.lists(st.sampled_from(STATEMENTS), max_size=8).map(";".join)


def read(text: str) -> list[Statement | Unparsed]:
    return parse(SqlText.whole_file(SourceFile("x.sql", text)))


def stripped(text: str, found: list[tuple[int, int]]) -> list[str]:
    """Each statement without what stands before its first token, as libpg_query gives it."""
    parts = []
    for start, end in found:
        part = text[start:end]
        tokens = [statement.sql for statement in read(part) if isinstance(statement, Statement)]
        parts += tokens
    return parts


@given(scripts)
def test_borders_are_those_of_the_parser(text: str) -> None:
    """Semicolons inside quotes, comments, rules and bodies end nothing."""
    expected = list(split(text)) if text.strip() else []

    assert [each.rstrip() for each in stripped(text, borders(text))] == expected
    assert [parsed.sql.rstrip() for parsed in read(text) if isinstance(parsed, Statement)] == expected


@given(
    st.lists(
        st.sampled_from([each for each in STATEMENTS if "RULE" not in each and "ATOMIC" not in each]),
        max_size=8,
    )
)
def test_the_quick_lexer_finds_the_same_borders(statements: list[str]) -> None:
    """But for rules and bodies, of which it knows nothing."""
    text = ";".join(statements)
    quick = [token.start for token in Lexer(";").tokens(text) if token.kind == ";"]

    assert quick == [end for _, end in borders(text)[:-1]]


@given(scripts)
def test_places(text: str) -> None:
    """Each statement is where the text has it, in characters, whatever precedes it."""
    for parsed in read(text):
        assert parsed.span.text == parsed.sql


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1; SELEC 2; SELECT 3", ["SELECT 1", "!SELEC 2", "SELECT 3"]),
        ("SELECT 'é'; SELEC 'ż'; SELECT '🎉'", ["SELECT 'é'", "!SELEC 'ż'", "SELECT '🎉'"]),
        ("CREATE TABLE t (a int; SELECT 1; SELECT (2", ["!CREATE TABLE t (a int", "SELECT 1", "!SELECT (2"]),
        ("SELECT 1; SELECT 'open; SELECT 2", ["SELECT 1", "!SELECT 'open; SELECT 2"]),
        ("SELECT 1; /* open; SELECT 2", ["SELECT 1", "!/* open; SELECT 2"]),
        (f"{RULE}; SELEC; {ROUTINE}", [RULE, "!SELEC", ROUTINE]),
        ("", []),
        (" ; ;; ", []),
        ("-- nothing\n", []),
    ],
)  # fmt: skip
def test_a_bad_statement_costs_only_itself(text: str, expected: list[str]) -> None:
    """Also one whose parenthesis is never closed; an open quote takes what follows along."""
    found = [("!" if isinstance(each, Unparsed) else "") + each.sql for each in read(text)]

    assert found == expected


def test_where_the_error_is() -> None:
    """At the token, in characters, with the parser's words."""
    [_, bad] = read("SELECT 'żółć';\n  CREATE TABEL t ();")

    assert isinstance(bad, Unparsed)
    assert bad.message == 'syntax error at or near "TABEL"'
    assert (bad.at.location.line, bad.at.location.column) == (2, 10)


DEEP = {
    "operators": ("SELECT " + "1+" * 100_000 + "1"),
    "parentheses": ("SELECT " + "(" * 50_000 + "1" + ")" * 50_000),
    "calls": ("SELECT " + "f(" * 5_000 + "1" + ")" * 5_000),
    "NOT": ("SELECT " + "NOT " * 2_000 + "true"),
    "casts": ("SELECT 1" + "::int" * 3_000),
    "unions": ("SELECT 1" + " UNION ALL SELECT 1" * 2_000),
    "sub-selects": ("SELECT " + "(SELECT " * 1_000 + "1" + ")" * 1_000),
    "lists": ("SELECT " + "ARRAY[" * 1_000 + "1" + "]" * 1_000),
    "just too deep": ("SELECT " + "NOT " * DEEPEST + "true"),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_deep_nesting_costs_only_its_statement(text: str) -> None:
    """Whoever gives up first, the parser or we: a finding, and the rest is read."""
    before, deep, after = read(f"SELECT 'é'; {text}; SELECT 3")

    assert isinstance(before, Statement)
    assert isinstance(deep, Unparsed)
    assert deep.message.startswith(TOO_DEEP)
    assert deep.sql == text
    assert isinstance(after, Statement)


def depth(node: object) -> int:
    """How many calls a reader needs that calls itself for each level."""
    if isinstance(node, dict):
        return 1 + max(map(depth, node.values()), default=0)
    return 1 + max(map(depth, node), default=0) if isinstance(node, list) else 0


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "NOT " * 120 + "true",
        "SELECT " + "a || " * 180 + "b",
        "SELECT 1" + " UNION ALL SELECT 1" * 380,
        "SELECT " + ", ".join(["1"] * 5_000),
        "SELECT " + " AND ".join(["a = 1"] * 5_000),
        "SELECT " + ", ".join(["'{{{[[[' || ']]}'"] * 2_000),
    ],
)
def test_what_is_read_can_be_walked(text: str) -> None:
    """Chains as people write them are read; a reader that calls itself for each level comes to an end."""
    [statement] = read(text)

    assert isinstance(statement, Statement)
    assert depth(statement.node) <= DEEPEST


def test_beyond_ascii_takes_no_longer() -> None:
    """A bad statement in a long text costs a second look at the text, not at each pair of its characters."""
    text = "CREATE TABLE ź (a int DEFAULT (1), b text DEFAULT 'żółć');\n" * 5_000 + "SELEC 1;"
    start = time.process_time()
    found = read(text)

    assert time.process_time() - start < 10
    assert len(found) == 5_001
    assert isinstance(found[-1], Unparsed)


@given(
    st.lists(
        st.sampled_from([*STATEMENTS, "é'x'", "'é'", "xé'a'", "$é$;$é$", "/*é*/", '"é"', "Bé", "eé'\\'"]),
        max_size=6,
    )
)
def test_the_lexer_beyond_ascii(parts: list[str]) -> None:
    """Tokens are those that the lexer gives for the text as it is."""
    text = " ".join(parts)
    try:
        expected = [(token.name, token.start, token.end) for token in parser.scan(text)]
    except parser.ParseError:
        return

    assert [(token.name, token.start, token.end) for token in scan(text)] == expected
