"""
Where SQL was written: line and column inside every form of string that Python has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sources.alembic.projects import interpreted, revision, source, written
from tests.sources.alembic.targets import RecordingTarget

if TYPE_CHECKING:
    from pathlib import Path

# The code of `upgrade`, the SQL it sends, what to look for in it, and the file's text at the place it must map to.
# ruff: noqa: E501 - a table reads best with a row on a line
FORMS = {
    "single quotes": ("op.execute('DROP TABLE a')", "DROP TABLE a", "TABLE a", "TABLE a"),
    "double quotes": ('op.execute("DROP TABLE a")', "DROP TABLE a", "TABLE a", "TABLE a"),
    "triple quotes": ('op.execute("""\n        DROP TABLE a\n    """)', "DROP TABLE a", "TABLE a", "TABLE a"),
    "after non-ASCII": ('x = "héé → 日本"; op.execute("COMMENT é; DROP b")', "COMMENT é; DROP b", "DROP b", "DROP b"),
    "raw": (r"op.execute(r'SELECT \d FROM a')", r"SELECT \d FROM a", "FROM a", "FROM a"),
    "escape before": (r"op.execute('SELECT \'x\' \u00e9 FROM a')", "SELECT 'x' é FROM a", "FROM a", "FROM a"),
    "an escape itself": (r"op.execute('SELECT \x41 FROM a')", "SELECT A FROM a", "A ", r"\x41 "),
    "named escape": (r"op.execute('SELECT \N{BULLET} FROM a')", "SELECT • FROM a", "•", r"\N{BULLET}"),
    "continued line": ("op.execute('DROP \\\nTABLE a')", "DROP TABLE a", "TABLE a", "TABLE a"),
    "implicit concatenation": (
        'op.execute(\n        "ALTER TABLE a "  # why\n        "ADD b int"\n    )', "ALTER TABLE a ADD b int", "ADD b", "ADD b",
    ),
    "concatenation": ('op.execute("DROP TABLE " + "a" + " CASCADE")', "DROP TABLE a CASCADE", "CASCADE", "CASCADE"),
    "f-string text": ('t = "a"; op.execute(f"DROP TABLE {t} CASCADE")', "DROP TABLE a CASCADE", "CASCADE", "CASCADE"),
    "f-string field": ('t = "abc"; op.execute(f"DROP TABLE {t}")', "DROP TABLE abc", "abc", "{t}"),
    "f-string of lines": (
        't = "a"\n    op.execute(f"""\n        ALTER TABLE {t}\n        ADD b int\n    """)',
        "ALTER TABLE a\n        ADD b int", "ADD b", "ADD b",
    ),
    "nested f-string": (
        "t = 'a'; op.execute(f\"DROP TABLE {', '.join(f'{t}{n}' for n in range(2))} CASCADE\")",
        "DROP TABLE a0, a1 CASCADE", "CASCADE", "CASCADE",
    ),
    "doubled braces": ('op.execute(f"SELECT \'{{}}\' FROM a")', "SELECT '{}' FROM a", "FROM a", "FROM a"),
    "format": ('op.execute("DROP TABLE {} CASCADE".format("a"))', "DROP TABLE a CASCADE", "CASCADE", "CASCADE"),
    "format field": ('op.execute("DROP TABLE {name}".format(name="abc"))', "DROP TABLE abc", "abc", "{name}"),
    "percent": ('op.execute("DROP TABLE %s CASCADE" % "a")', "DROP TABLE a CASCADE", "CASCADE", "CASCADE"),
    "percent field": ('op.execute("DROP TABLE %(n)s" % {"n": "abc"})', "DROP TABLE abc", "abc", "%(n)s"),
    "join": ('op.execute("; ".join(["DROP TABLE a", "DROP TABLE b"]))', "DROP TABLE a; DROP TABLE b", "TABLE b", "TABLE b"),
    "strip": ('op.execute("  DROP TABLE a ".strip())', "DROP TABLE a", "TABLE a", "TABLE a"),
    "replace": ('op.execute("DROP TABLE $T CASCADE".replace("$T", "a"))', "DROP TABLE a CASCADE", "CASCADE", "CASCADE"),
    "upper": ('op.execute("drop table a".upper())', "DROP TABLE A", "TABLE A", "table a"),
    "slice": ('op.execute("-- DROP TABLE a"[3:])', "DROP TABLE a", "TABLE a", "TABLE a"),
    "split": ('op.execute("SELECT 1;DROP TABLE a".split(";")[1])', "DROP TABLE a", "TABLE a", "TABLE a"),
    "dedent": (
        'import textwrap\n    op.execute(textwrap.dedent("""\n        DROP\n          TABLE a\n    """))',
        "DROP\n  TABLE a", "TABLE a", "TABLE a",
    ),
    "template": (
        'import string\n    op.execute(string.Template("DROP TABLE $t CASCADE").substitute(t="a"))',
        "DROP TABLE a CASCADE", "CASCADE", "CASCADE",
    ),
    "re.sub": ('import re\n    op.execute(re.sub("X+", "a", "DROP TABLE XX CASCADE"))', "DROP TABLE a CASCADE", "CASCADE", "CASCADE"),
    "sa.text": ('op.execute(sa.text("DROP TABLE a"))', "DROP TABLE a", "TABLE a", "TABLE a"),
    "escaped colon": (r'op.execute("SELECT \'\\:x\' FROM a")', "SELECT ':x' FROM a", "FROM a", "FROM a"),
    "multi-line fragment": (
        'body = """(\n        id int\n    )"""\n    op.execute(f"CREATE TABLE a {body}")', "CREATE TABLE a (\n        id int\n    )", "id int", "id int",
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_maps_to_where_it_is_written(form: str, tmp_path: Path) -> None:
    """Each stretch of SQL maps to the characters of the file that made it."""
    body, sql, needle, written = FORMS[form]
    text = revision(f"    {body}\n")
    target = interpreted(tmp_path, text)

    assert target.texts == [sql]
    start = text.index(written, text.index("def upgrade"))
    lines = text[:start].split("\n")
    place = target.place(needle)
    assert (place.path, place.line, place.column) == ("versions/a.py", len(lines), len(lines[-1]) + 1)
    ends = text[: start + len(written)].split("\n")
    assert (place.end_line, place.end_column) == (len(ends), len(ends[-1]) + 1)


def test_module_constant(tmp_path: Path) -> None:
    """SQL in a constant maps to the constant, not to the call that sends it."""
    text = revision("    op.execute(SQL)\n", top='SQL = """\nDROP TABLE a\n"""\n')
    place = interpreted(tmp_path, text).place("DROP")

    assert (place.line, place.column) == (text[: text.index("DROP")].count("\n") + 1, 1)


def test_loop_variable_maps_to_its_field(tmp_path: Path) -> None:
    """Every round of a loop maps to the one line of the statement."""
    text = revision('    for t in ("a", "bb"):\n        op.execute(f"DROP TABLE {t}")\n')
    target = interpreted(tmp_path, text)

    assert target.texts == ["DROP TABLE a", "DROP TABLE bb"]
    assert {sql.span(0, len(sql.text)).line for sql in target.sqls} == {text.count("\n")}


def test_sql_file_maps_to_itself(tmp_path: Path) -> None:
    """SQL that is read from a file of the project maps to that file."""
    text = revision(
        '    op.execute((Path(__file__).parent / "x.sql").read_text())\n', top="from pathlib import Path\n"
    )
    place = interpreted(tmp_path, text, files={"versions/x.sql": "-- é\n  DROP TABLE a;\n"}).place("DROP")

    assert (place.path, place.line, place.column) == ("versions/x.sql", 2, 3)


def test_helper_maps_to_the_helper(tmp_path: Path) -> None:
    """SQL that a helper of the project writes maps to the helper's file."""
    text = revision('    enable("a")\n', top="from helpers import enable\n")
    helper = 'from alembic import op\n\ndef enable(t):\n    op.execute(f"ALTER TABLE {t} ENABLE ROW LEVEL SECURITY")\n'
    place = interpreted(tmp_path, text, files={"helpers.py": helper}).place("ENABLE")

    assert (place.path, place.line, place.column) == ("helpers.py", 4, 34)


def test_column_of_an_operation_maps_to_its_argument(tmp_path: Path) -> None:
    """In the SQL of `op.create_table` each column and constraint maps to the call that made it."""
    text = revision(
        '    op.create_table(\n        "t",\n        sa.Column("id", sa.Integer, primary_key=True),\n'
        '        sa.Column("price", sa.Float),\n        sa.CheckConstraint("price > 0", name="positive"),\n    )\n'
    )
    target = interpreted(tmp_path, text)
    lines = {
        needle: target.place(needle).line
        for needle in ("CREATE TABLE", "id SERIAL", "price FLOAT", "CONSTRAINT positive")
    }
    first = text[: text.index("op.create_table")].count("\n") + 1

    assert lines == {
        "CREATE TABLE": first,
        "id SERIAL": first + 2,
        "price FLOAT": first + 3,
        "CONSTRAINT positive": first + 4,
    }


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(newline: str, tmp_path: Path) -> None:
    """Lines are counted as Python counts them, whatever ends them."""
    text = revision('    op.execute("""\n    DROP TABLE a""")\n')
    written(tmp_path, {"versions/a.py": ""})
    (tmp_path / "versions" / "a.py").write_bytes(text.replace("\n", newline).encode())
    target = RecordingTarget()
    for migration in source(tmp_path).migrations:
        migration.up(target)

    assert (target.place("DROP").line, target.place("DROP").column) == (text.count("\n"), 5)
