"""
Of bulk data only the first rows are parsed; the rest is listed, and every place stays right.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from schemaguard.statements.bulk import LONG_TEXT, ROWS_KEPT, STATEMENTS_KEPT, TEXT_KEPT, shorten
from schemaguard.statements.parse import Unparsed, parse
from schemaguard.statements.statement import Statement
from schemaguard.text import SourceFile, SqlText

if TYPE_CHECKING:
    from collections.abc import Iterable

ROW = "({}, 'it''s; żółć (', E'\\'); ', $$;)$$, now(), NULL, (1 + 2) /* ) ; */)"
COUNT = LONG_TEXT // 60


def rows(count: int = COUNT) -> str:
    return ",\n".join(ROW.format(number) for number in range(count))


def read(text: str) -> list[Statement]:
    """The statements of a text, all of which parse."""
    found = parse(SqlText.whole_file(SourceFile("x.sql", text)))
    assert not [each.message for each in found if isinstance(each, Unparsed)]
    return [each for each in found if isinstance(each, Statement)]


def values(statement: Statement) -> int:
    """How many rows an INSERT has."""
    return len(statement.node["selectStmt"]["SelectStmt"]["valuesLists"])


def cut_lines(statements: Iterable[Statement]) -> list[tuple[int, int]]:
    """First and last line of each stretch that was left out."""
    return [
        (span.location.line, span.location.end_line)
        for statement in statements
        for span in statement.left_out
    ]


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        ("INSERT INTO t VALUES\n", ";"),
        (
            '-- żółć;\n/* ; */ insert into a."t" (a, b)\nOVERRIDING SYSTEM VALUE values\n',
            "\nON CONFLICT (a) DO NOTHING;",
        ),
        ("INSERT INTO t (a)\nVALUES\n", "\nRETURNING a, ';';"),
    ],
)  # fmt: skip
def test_rows(head: str, tail: str) -> None:
    """The first thousand, and the clause behind the last; what follows is at its own line."""
    text = f"SELECT 'é';\n{head}{rows()}{tail}\nSELECT 2;\n"
    first, insert, last = read(text)

    assert values(insert) == ROWS_KEPT
    assert insert.sql.rstrip().endswith(tail.strip().removesuffix(";"))
    start = text.count("\n", 0, text.index("(0,")) + 1
    assert cut_lines([first, insert, last]) == [
        (start + ROWS_KEPT - 1, start + COUNT - 1 + (1 if tail.startswith("\n") else 0))
    ]
    assert last.span.line == text.count("\n")
    assert last.span.text == "SELECT 2"


def test_without_a_semicolon_at_the_end() -> None:
    """The text's end is the statement's."""
    [insert] = read(f"INSERT INTO t VALUES {rows()}")

    assert values(insert) == ROWS_KEPT


@pytest.mark.parametrize("tables", [1, 3])
def test_statements_like_each_other(tables: int) -> None:
    """After a thousand inserts into the same columns the others are left out, also where they take turns."""
    count = LONG_TEXT // 40 // tables * tables
    inserts = [f"INSERT INTO t{number % tables} (a) VALUES ({number}, ';é');\n" for number in range(count)]
    found = read(
        "".join(inserts) + "SELECT 1;\nINSERT INTO t0 (a) VALUES (9);\nINSERT INTO t0 (b) VALUES (1);\n"
    )

    assert len(found) == STATEMENTS_KEPT * tables + 2
    assert [each.sql for each in found[-2:]] == ["SELECT 1", "INSERT INTO t0 (b) VALUES (1)"]
    assert found[-1].span.line == count + 3
    assert cut_lines(found)[0] == (STATEMENTS_KEPT * tables, count)


def test_what_is_not_data_stays() -> None:
    """Definitions, INSERT … SELECT, UPDATE, function bodies: however long."""
    body = rows(5_000).replace("$$", "$x$")
    text = (
        f"INSERT INTO t SELECT {', '.join(['1'] * 1000)};\n"
        f"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ INSERT INTO t VALUES {body} $$;\n"
        f"CREATE VIEW v AS VALUES {', '.join(['(1)'] * 10_000)};\n{'-- and so on' * 30_000}\n"
    )
    sql = SqlText.whole_file(SourceFile("x.sql", text * 2))
    assert len(sql.text) > LONG_TEXT

    assert shorten(sql) is sql
    assert len(read(sql.text)) == 6


def test_short_texts_are_not_touched() -> None:
    """Nothing is looked for in them."""
    sql = SqlText.whole_file(SourceFile("x.sql", f"INSERT INTO t VALUES {rows(2_000)}"))

    assert shorten(sql) is sql


def test_places_inside_a_longer_file() -> None:
    """A part of a file, as a section of a migration is, keeps its places."""
    file = SourceFile("x.sql", f"-- +goose Up\nINSERT INTO t VALUES {rows()};\nSELECT 2;\n-- +goose Down\n")
    end = file.text.index("-- +goose Down")
    _, last = parse(SqlText.part_of(file, len("-- +goose Up\n"), end))

    assert last.span.text == "SELECT 2"


@pytest.mark.parametrize("form", ["rows", "statements"])
def test_fifty_megabytes(form: str) -> None:
    """In a part of the ten seconds that a whole check may take."""
    if form == "rows":
        text = f"INSERT INTO t VALUES {', '.join([ROW.format(1)] * 700_000)};\nSELECT 2;\n"
    else:
        statement = "INSERT INTO t (a, b) VALUES (1, 'it''s; żółć', now(), NULL, 12.5, 'some more text');\n"
        text = statement * 600_000
    assert len(text) > 50_000_000
    start = time.process_time()
    found = read(text)

    assert time.process_time() - start < 8
    assert len(found) == (2 if form == "rows" else STATEMENTS_KEPT)


def test_of_one_table_no_more_is_read_than_tells_something() -> None:
    """Many statements of many rows each: what follows the first million characters is listed, not parsed."""
    head = "INSERT INTO t (a, b, c, d, e, f) VALUES\n"
    each = f"{head}{rows(900)};\n"
    text = each * (3 * TEXT_KEPT // len(each)) + "CREATE TABLE after (id int);\nINSERT INTO u VALUES (1);"

    shortened = shorten(SqlText.whole_file(SourceFile("x.sql", text)))
    found = read(text)

    assert TEXT_KEPT - len(each) < len(shortened.text) < TEXT_KEPT + len(each)
    assert [statement.kind for statement in found[-2:]] == ["CreateStmt", "InsertStmt"]
    assert found[-1].span.location.line == text.count("\n") + 1
    assert len(cut_lines(found)) == 1
