"""
What surrounds the revisions: settings in their many spellings, `env.py`, the context, and other files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.replay import Replay
from schemaguard.plpgsql.engine import Engine
from schemaguard.sources.alembic import AlembicOptions, Unusable
from tests.sources.alembic.projects import interpreted, revision, source, written
from tests.sources.alembic.targets import RecordingTarget

if TYPE_CHECKING:
    from pathlib import Path

SELECT = revision("    op.execute('SELECT 1')\n")


def located(root: Path, settings: str, *folders: str, toml: str = "") -> list[str]:
    """Return the revisions found with these settings; each folder holds one, named after it."""
    files = {}
    for folder in folders:
        name = folder.replace("/", "_").replace(" ", "_")
        files[f"{folder}/{name}.py"] = f"revision = {name!r}\ndown_revision = None\n"
    if toml:
        files["pyproject.toml"] = toml
    written(root, {"alembic.ini": f"[alembic]\nscript_location = .\n{settings}", **files})
    return sorted(each.name for each in source(root).migrations)


@pytest.mark.parametrize(
    ("settings", "folders"),
    [
        ("", ["versions"]),
        ("version_locations = a b", ["a", "b"]),
        ("version_locations = a, b", ["a", "b"]),
        ("version_locations = %(here)s/a %(here)s/b", ["a", "b"]),
        ("version_locations = a:b\npath_separator = :", ["a", "b"]),
        ("version_locations = a;b\npath_separator = ;", ["a", "b"]),
        ("version_locations = a:b\npath_separator = os", ["a", "b"]),
        ("version_locations = a b\npath_separator = space", ["a", "b"]),
        ("version_locations =\n  a\n  b c\npath_separator = newline", ["a", "b c"]),
        ("version_locations = a:b\nversion_path_separator = :", ["a", "b"]),
        ("version_locations = a;b c\nversion_path_separator = ;", ["a", "b c"]),
        ("version_locations = app:a", ["app/a"]),
        ("version_locations = a\nrecursive_version_locations = true", ["a", "a/deep/er"]),
    ],
)
def test_version_locations(settings: str, folders: list[str], tmp_path: Path) -> None:
    """Every separator that Alembic knows, old and new; packages; folders below folders."""
    wanted = sorted(folder.replace("/", "_").replace(" ", "_") for folder in folders)

    assert located(tmp_path, settings, *folders) == wanted


def test_locations_in_toml(tmp_path: Path) -> None:
    """The lists of pyproject.toml hold where the ini file says nothing."""
    toml = '[tool.alembic]\nversion_locations = ["%(here)s/a", "b"]\nrecursive_version_locations = true\n'

    assert located(tmp_path, "", "a", "b/c", toml=toml) == ["a", "b_c"]


@pytest.mark.parametrize(
    ("ini", "message"),
    [
        ("[other]\n", r"alembic.ini has no section \[alembic\]"),
        ("[alembic]\n", r"alembic.ini has no script_location in section \[alembic\]"),
        ("[alembic]\nscript_location = nowhere\n", "script_location nowhere does not exist"),
        ("[alembic]\nscript_location = %(absent)s\n", "script_location: "),
        ("[alembic]\nscript_location = .\nversion_locations = a\npath_separator = |\n", "is none of"),
        ("no section\n", "alembic.ini can't be read"),
        ("[alembic]\nscript_location = empty\n", "there is no revision in empty/versions"),
    ],
)
def test_unusable_settings(ini: str, message: str, tmp_path: Path) -> None:
    """What is wrong is said in one sentence, with the name of the file and the setting."""
    written(tmp_path, {"alembic.ini": ini, "empty/env.py": "", "empty/versions/.keep": ""})

    with pytest.raises(Unusable, match=message):
        source(tmp_path)


def test_a_location_that_is_not_there(tmp_path: Path) -> None:
    """One of several folders is missing: the others are read, and the setting is named."""
    files = {"a/one.py": SELECT, "alembic.ini": "[alembic]\nscript_location = .\nversion_locations = a b\n"}
    loaded = source(written(tmp_path, files))

    assert [each.name for each in loaded.migrations] == ["a"]
    [problem] = loaded.problems
    assert (problem.rule, problem.span.line) == ("revision-graph-broken", 3)
    assert "version location b does not exist" in problem.message


ENVIRONMENTS = {
    "a schema for the version table": (
        "context.configure(connection=connection, version_table='versions', version_table_schema='Tools')",
        ('CREATE TABLE "Tools".versions (version_num character varying(32) NOT NULL, '
        "CONSTRAINT versions_pkc PRIMARY KEY (version_num))"),
    ),
    "a prologue": (
        ("connection.execute(text('SET search_path TO tenant'))\n"
        "    connection.exec_driver_sql('CREATE SCHEMA IF NOT EXISTS tenant')\n"
        "    context.configure(connection=connection)"),
        "SET search_path TO tenant",
    ),
    "async": (
        ("async def go():\n"
        "        async with engine.connect() as opened:\n"
        "            await opened.run_sync(lambda c: c.execute(text('SET ROLE owner')))\n"
        "    asyncio.run(go())"),
        "SET ROLE owner",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_environment(case: str, tmp_path: Path) -> None:
    """What `env.py` configures and executes before the first revision comes before it here, too."""
    code, wanted = ENVIRONMENTS[case]
    env = (
        "import asyncio\nfrom alembic import context\nfrom sqlalchemy import create_engine, text\n"
        "engine = create_engine('postgresql://')\n\n"
        f"with engine.begin() as connection:\n    {code}\n    context.run_migrations()\n"
    )
    written(tmp_path, {"env.py": env, "versions/a.py": SELECT})
    target = RecordingTarget()
    source(tmp_path).migrations[0].up(target)

    assert wanted in target.texts
    assert target.texts[-1] == "SELECT 1"
    assert target.texts.index(wanted) < len(target.texts) - 1


@pytest.mark.parametrize(
    "models",
    [
        "metadata = sa.MetaData(naming_convention={'uq': 'unique_%(table_name)s'})",
        "CONVENTION = {'uq': 'unique_%(table_name)s'}\nmetadata = sa.MetaData(naming_convention=CONVENTION)",
        "metadata = sa.MetaData()\nmetadata.naming_convention = {'uq': 'unique_%(table_name)s'}",
        "from elsewhere import make\nmetadata = make(naming_convention={'uq': 'unique_%(table_name)s'})",
    ],
)
def test_naming_convention(models: str, tmp_path: Path) -> None:
    """Names of constraints follow the metadata that `env.py` hands to Alembic, or the one that is written down."""
    env = (
        "from alembic import context\nimport models\n"
        "context.configure(target_metadata=models.metadata)\ncontext.run_migrations()\n"
    )
    files = {"env.py": env, "models.py": f"import sqlalchemy as sa\n{models}\n"}
    body = "    op.create_unique_constraint(None, 'orders', ['a'])\n"
    target = interpreted(tmp_path, revision(body), files=files)

    assert target.texts == ["ALTER TABLE orders ADD CONSTRAINT unique_orders UNIQUE (a)"]


CONTEXT = {
    "context.is_offline_mode()": "False",
    "op.get_context().as_sql": "False",
    "op.get_context().dialect.name": "postgresql",
    "op.get_context().bind.dialect.name": "postgresql",
    "op.get_context().impl.dialect.name": "postgresql",
    "op.get_context().opts['as_sql']": "False",
    "op.migration_context.dialect.name": "postgresql",
    "op.get_bind().dialect.server_version_info >= (12,)": "True",
    "op.get_bind().dialect.supports_native_enum": "True",
    "op.get_bind().dialect.default_schema_name": "public",
    "op.get_bind().engine.driver": "",
    "context.config.get_main_option('own')": "from the ini",
    "context.config.get_main_option('absent', 'default')": "default",
    "context.config.get_section('other')['key']": "value",
    "context.config.get_section_option('other', 'key')": "value",
    "context.config.get_section_option('other', 'absent', 'none')": "none",
    "context.config.config_ini_section": "alembic",
    "context.config.attributes.get('connection')": "None",
    "context.get_x_argument(as_dictionary=True)['tenant']": "first",
    "context.get_x_argument()": "['tenant=first']",
    "op.get_context().config.get_main_option('own')": "from the ini",
    "op.get_context().script.get_revision('a').revision": "a",
    "op.get_context().script.get_revision('a').down_revision": "None",
    "op.get_context().script.get_revision('a').module.CONSTANT": "of the module",
    "os.environ['DECLARED']": "in the config",
    "os.environ.get('DECLARED', 'x')": "in the config",
    "os.getenv('DECLARED')": "in the config",
    "'DECLARED' in os.environ": "True",
    "sys.platform": "linux",
    "os.getcwd().rsplit('/', 1)[1]": "project",
    "op.f('name')": "name",
    "str(text('SELECT :a').text)": "SELECT :a",
    "DDL('CREATE').statement": "CREATE",
    "type(op.get_bind()).__name__ != ''": "True",
    "files('app').joinpath('one.sql').read_text()": "SELECT 'file'",
    "pkgutil.get_data('app', 'one.sql') is not None": "True",
    "Path('app/one.sql').read_text()": "SELECT 'file'",
    "Path.cwd().joinpath('app').joinpath('one.sql').read_text()": "SELECT 'file'",
    "os.path.relpath('/a/b', '/a')": "b",
    "open('app/one.sql').read()": "SELECT 'file'",
    "io.open('app/one.sql', encoding='utf-8').readlines()[0]": "SELECT 'file'",
    "codecs.open('app/one.sql', 'r', 'utf-8').read()": "SELECT 'file'",
    "settings.URL": "declared",
    "settings.NAMES[1]": "b",
    "settings.MORE['k']": "v",
    "cast(str, 'x')": "x",
    "TYPE_CHECKING": "False",
}


@pytest.mark.parametrize("expression", CONTEXT)
def test_what_revisions_ask(expression: str, tmp_path: Path) -> None:
    """The context, settings, environment and files: online, as in the deployment that the config declares."""
    top = (
        "import codecs, io, os, pkgutil, sys\nfrom importlib.resources import files\nfrom pathlib import Path\n"
        "from typing import TYPE_CHECKING, cast\nfrom alembic import context\nfrom sqlalchemy import DDL, text\n"
        "from of_others import settings\nCONSTANT = 'of the module'\n"
    )
    options = AlembicOptions(
        environment={"DECLARED": "in the config"},
        arguments={"tenant": "first"},
        values={
            "of_others.settings.URL": "declared",
            "of_others.settings.NAMES": ["a", "b"],
            "of_others.settings.MORE": {"k": "v"},
        },
    )
    files = {
        "alembic.ini": "[alembic]\nscript_location = .\nown = from the ini\n[other]\nkey = value\n",
        "app/__init__.py": "",
        "app/one.sql": "SELECT 'file'",
    }
    body = f"    found = {expression}\n    op.get_bind().exec_driver_sql(str(found))\n"
    target = interpreted(tmp_path, revision(body, top=top), files=files, options=options)

    if CONTEXT[expression] == "":
        assert target.opaques or target.texts
        return
    assert target.opaques == []
    assert target.texts == [CONTEXT[expression]]


UNKNOWN = {
    "os.environ['X']": "the environment variable X",
    "os.environ.items()": "the environment",
    "context.get_x_argument(as_dictionary=True)['a']": "the `-x` arguments of the alembic command",
    "op.get_context().script.get_revision('zz').module.A": "revision zz, which is not there",
    "op.get_bind().execute(text('SELECT a FROM b')).scalar()": "only the server knows",
    "op.get_bind().execute(text('DELETE FROM b')).rowcount": "`rowcount`, which only the server knows",
    "op.get_bind().execute(text('INSERT INTO b DEFAULT VALUES RETURNING c')).scalar()": "returns",
    "open('absent.sql').read()": "absent.sql",
    "uuid.uuid4()": "`uuid.uuid4()`",
    "dt.datetime.now()": "`dt.datetime.now()`",
    "random.choice('ab')": "`random.choice('ab')`",
    "input('?')": "input",
    "eval('1')": "eval",
    "create_engine('postgresql://').connect().scalar('SELECT 1')": "a connection that the revision opens by itself",
}


@pytest.mark.parametrize("expression", UNKNOWN)
def test_what_nobody_knows_before(expression: str, tmp_path: Path) -> None:
    """Each says where the value would come from."""
    top = (
        "import datetime as dt, os, random, uuid\nfrom alembic import context\n"
        "from sqlalchemy import create_engine, text\n"
    )
    body = f"    found = {expression}\n    op.execute('CREATE TABLE ' + str(found) + ' (a int)')\n"
    target = interpreted(tmp_path, revision(body, top=top))

    assert any(UNKNOWN[expression] in reason for _span, reason, _remedy in target.opaques), target.opaques


def test_a_folder_for_each_database(tmp_path: Path) -> None:
    """Where revisions are written once for each kind of database, those for PostgreSQL are read."""
    assert located(tmp_path, "", "versions/postgresql", "versions/sqlite") == ["versions_postgresql"]


def test_values_that_only_the_server_knows(tmp_path: Path) -> None:
    """A statement of which only values are not known is the statement: it is replayed, and nothing is refused."""
    body = (
        "    op.execute('CREATE TABLE t (id int, n text NOT NULL)')\n    b = op.get_bind()\n"
        "    v = b.execute(sa.text('SELECT n FROM t')).scalar()\n"
        "    b.execute(sa.text('UPDATE t SET n = :v WHERE id = :w'), {'v': v, 'w': v})\n"
        "    b.execute(sa.text('INSERT INTO t (id, n) VALUES (1, :v)').params({'v': v}))\n"
    )
    replay = Replay(new_catalog(16), Engine())
    for migration in source(written(tmp_path, {"versions/a.py": revision(body)})).migrations:
        replay.apply(migration)

    assert [step.statement.sql for step in replay.history.steps[2:]] == [
        "SELECT n FROM t",
        "UPDATE t SET n = $1 WHERE id = $2",
        "INSERT INTO t (id, n) VALUES (1, $1)",
    ]
    assert [step.error for step in replay.history.steps if step.error] == []
    assert replay.history.notes == []
