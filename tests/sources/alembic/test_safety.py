"""
Nothing under check is run or imported: files stay unwritten, processes unended, modules unknown.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from schemaguard.sources.alembic import AlembicOptions
from tests.sources.alembic.projects import interpreted, revision, source, written
from tests.sources.alembic.targets import RecordingTarget

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = [
    "open({0!r} + '/a', 'w').write('x')",
    "with open({0!r} + '/a', 'w') as f:\n    f.write('x')",
    "import pathlib\npathlib.Path({0!r}, 'a').write_text('x')",
    "import pathlib\npathlib.Path({0!r}, 'a').touch()",
    "import pathlib\npathlib.Path({0!r}, 'a').mkdir()",
    "import os\nos.mkdir({0!r} + '/a')",
    "import os\nos.system('touch ' + {0!r} + '/a')",
    "import os\nos._exit(3)",
    "import os\nos.kill(os.getpid(), 9)",
    "import os\nos.environ['SCHEMAGUARD_TEST'] = 'x'\nos.environ.update(SCHEMAGUARD_TEST='x')",
    "import subprocess\nsubprocess.run(['touch', {0!r} + '/a'])\nsubprocess.Popen(['touch', {0!r} + '/b'])",
    "import sys\nsys.exit(3)",
    "exit(3)",
    "quit()",
    "raise SystemExit(3)",
    "raise KeyboardInterrupt",
    "import shutil\nshutil.copytree('.', {0!r} + '/a')",
    "import socket\nsocket.create_connection(('127.0.0.1', 1))",
    "eval(\"open({0!r} + '/a', 'w')\")",
    "exec(\"open({0!r} + '/a', 'w')\")",
    "__import__('os').mkdir({0!r} + '/a')",
    "import importlib\nimportlib.import_module('os').mkdir({0!r} + '/a')",
    "(lambda: 0).__globals__['__builtins__']['open']({0!r} + '/a', 'w')",
    "().__class__.__bases__[0].__subclasses__()",
    "'{{0.__class__}}'.format(print)",
    "getattr(__builtins__, 'open')({0!r} + '/a', 'w')",
    "import sqlalchemy\nsqlalchemy.util.langhelpers.os.mkdir({0!r} + '/a')",
    "import sqlalchemy\nsqlalchemy.create_engine('sqlite:///' + {0!r} + '/a').connect().execute('CREATE TABLE a (b)')",
    'import pickle\npickle.loads(b"cos\\nmkdir\\n(S\'" + {0!r}.encode() + b"/a\'\\ntR.")',
    "while True:\n    pass",
    "def f():\n    f()\nf()",
    "x = 'a' * 10 ** 12",
    "x = [0] * 10 ** 12",
    "x = 10 ** 10 ** 10",
    "x = list(range(10 ** 12))",
    "import itertools\nx = list(itertools.repeat(1))",
    "import itertools\nx = list(itertools.product(range(1000), repeat=9))",
    "import re\nre.match('(a+)+$', 'a' * 64 + 'b')",
    "x = 'a'.ljust(10 ** 12)",
    "x = '%1000000000000d' % 1",
    "x = f'{{1:1000000000000}}'",
    "x = '{{:1000000000000}}'.format(1)",
    "x = bytes(10 ** 12)",
    "import time\ntime.sleep(10 ** 6)",
    "input()",
    "breakpoint()",
    "import threading\nthreading.Thread(target=lambda: open({0!r} + '/a', 'w')).start()",
    "import app_of_the_project",
    "import alembic.op as o\nimport os.path as p\nfrom os import *\nmkdir({0!r} + '/a')",
]


@pytest.mark.parametrize("code", HOSTILE)
@pytest.mark.parametrize("place", ["top", "body", "helper", "env"])
def test_nothing_happens(code: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it stands, in the revision, a helper or `env.py`: it is read, and nothing happens."""
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.chdir(outside)
    monkeypatch.delenv("SCHEMAGUARD_TEST", raising=False)
    text = code.format(str(outside))
    indented = "\n".join(f"    {line}" for line in text.split("\n"))
    root = tmp_path / "project"
    marker = f"open({str(outside)!r} + '/imported', 'w')\n"
    files = {"app_of_the_project.py": marker, "helper.py": f"{text}\nSQL = 'SELECT 1'\n"}
    target = RecordingTarget()
    match place:
        case "top":
            written(root, {"versions/a.py": revision("    op.execute('SELECT 1')\n", top=text), **files})
        case "body":
            body = f"    op.execute('SELECT 1')\n{indented}\n"
            written(root, {"versions/a.py": revision(body), **files})
        case "helper":
            body = "    from helper import SQL\n    op.execute('SELECT 1')\n"
            written(root, {"versions/a.py": revision(body), **files})
        case "env":
            written(
                root, {"env.py": text, "versions/a.py": revision("    op.execute('SELECT 1')\n"), **files}
            )
    [migration] = source(root).migrations

    migration.up(target)

    ends = "SELECT 1" in target.texts
    assert ends or any("does not end within" in reason for _span, reason, _remedy in target.opaques)
    assert list(outside.iterdir()) == []
    assert "app_of_the_project" not in sys.modules
    assert "helper" not in sys.modules
    assert "SCHEMAGUARD_TEST" not in os.environ


OPAQUE = [
    ("from app.models import Base", "for t in Base.metadata.sorted_tables:\n        op.drop_table(t.name)"),
    ("from app.settings import SCHEMA", "op.execute(f'DROP SCHEMA {SCHEMA}')"),
    ("from settings_of_others import TABLES", "[op.drop_table(t) for t in TABLES]"),
    ("import os", "op.execute(os.environ['SQL'])"),
    ("from random import choice", "op.execute(choice(['a', 'b']))"),
    ("from uuid import uuid4", "op.create_table(str(uuid4()))"),
    ("import elsewhere", "elsewhere.run(op.get_bind())"),
    ("import elsewhere", "op.execute(elsewhere.SQL)"),
    ("from elsewhere import Type", "op.add_column(Type.name, sa.Column('a', sa.Text))"),
    ("", "op.execute(op.get_bind().execute(sa.text('SELECT sql FROM statements')).scalar())"),
    ("from alembic import context", "op.execute(context.get_x_argument(as_dictionary=True)['sql'])"),
    ("", "op.rebuild_everything('a')"),
    ("import subprocess", "subprocess.run(['psql'])"),
]


@pytest.mark.parametrize(("top", "statement"), OPAQUE)
def test_opaque_statements_name_their_cause(top: str, statement: str, tmp_path: Path) -> None:
    """Each says which value could not be known and where it comes from, at the line that needs it."""
    target = interpreted(tmp_path, revision(f"    {statement}\n", top=top))

    assert target.opaques
    for span, reason, _remedy in target.opaques:
        assert span.path == "versions/a.py"
        assert (
            "`" in reason or "environment variable SQL" in reason or "arguments" in reason or "rows" in reason
        )


def test_remedies_work(tmp_path: Path) -> None:
    """What a finding says to declare resolves it."""
    body = "    op.execute(f'DROP SCHEMA {SCHEMA}')\n    op.execute(os.environ['SQL'])\n    op.rebuild('x')\n"
    text = revision(body, top="import os\nfrom elsewhere import SCHEMA")
    target = interpreted(tmp_path / "without", text)
    assert [remedy for _span, _reason, remedy in target.opaques] == [
        "Declare its value under `values` as `elsewhere.SCHEMA`.",
        "Declare it under `environment` as `SQL: …`.",
        "Declare the SQL that it sends under `operations` as `rebuild: …`.",
    ]
    options = AlembicOptions(
        values={"elsewhere.SCHEMA": "old"},
        environment={"SQL": "SELECT 2"},
        operations={"rebuild": "SELECT '{0}'"},
    )
    target = interpreted(tmp_path / "with", text, options=options)
    assert target.texts == ["DROP SCHEMA old", "SELECT 2", "SELECT 'x'"]
    assert target.opaques == []
