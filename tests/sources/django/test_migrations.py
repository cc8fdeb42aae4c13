"""
What single Django migrations send and report, without a server.
"""

from __future__ import annotations

import pytest

from schemaguard.statements.parse import Unparsed, parse
from tests.sources.alembic.targets import RecordingTarget
from tests.sources.django.projects import app, applied, migration, source
from tests.sources.memory import MemoryTree

MODEL = 'migrations.CreateModel("Thing", [("id", models.BigAutoField(primary_key=True)){}])'


def target_of(
    *operations: str, top: str = "", files: dict[str, str] | None = None, **options: object
) -> RecordingTarget:
    """What one migration does to a target that knows no catalog."""
    loaded = source(app({"0001_a": migration(", ".join(operations), top=top), **(files or {})}), **options)
    assert loaded.problems == []
    return applied(loaded, RecordingTarget())


def reasons(target: RecordingTarget) -> list[str]:
    return [reason for _span, reason, _remedy in target.opaques]


def test_places() -> None:
    """SQL that is written out maps to its characters, what Django renders to its operation."""
    text = migration(
        '\n        migrations.RunSQL("""\nCREATE TABLE a (id int);\nSELECT 1\n"""),\n        '
        + MODEL.format("")
    )
    target = applied(source(app({"0001_a": text})), RecordingTarget())

    assert target.place("CREATE TABLE a").line == text[: text.index("CREATE TABLE a")].count("\n") + 1
    assert target.place("shop_thing").line == text[: text.index("migrations.CreateModel")].count("\n") + 1


@pytest.mark.parametrize(
    ("operation", "top", "named"),
    [
        ("migrations.RunPython(fill)", "def fill(apps, schema_editor):\n    1 / 0", "`fill`"),
        ("migrations.RunPython(code=fill, reverse_code=fill)", "def fill(apps, editor): ...", "`fill`"),
        ("migrations.RunPython(lambda apps, editor: None)", "", "`lambda apps, editor: None`"),
        ("migrations.RunPython(helpers.fill)", "import helpers", "`helpers.fill` (helpers)"),
        ("migrations.RunPython(elsewhere)", "from app_of_others.tools import elsewhere", "`elsewhere`"),
        ("Own()", "class Own(migrations.RunSQL):\n    def database_forwards(self, *a): ...", "`Own`, an operation of"),
        ("shop_ops.Rebuild('x')", "import shop_ops", "`shop_ops.Rebuild('x')` (shop_ops)"),
        ("42", "", "`42`, which is no operation"),
        ("migrations.RunSQL(SQL)", "from settings import SQL", "`SQL` (settings)"),
    ],
)  # fmt: skip
def test_says_what_is_not_known(operation: str, top: str, named: str) -> None:
    """Code that runs, operations of others, SQL from elsewhere: each is reported at its place, and the rest is read."""
    target = target_of(operation, MODEL.format(""), top=top)

    assert len(target.opaques) == 1
    assert named in reasons(target)[0]
    assert [text for text in target.texts if "shop_thing" in text]


def test_no_operation_is_no_effect() -> None:
    """`RunPython.noop` and `RunSQL.noop` do nothing, and nothing is said of them."""
    target = target_of(
        "migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop)",
        "migrations.RunSQL(migrations.RunSQL.noop)",
    )

    assert target.log[1:] == []


@pytest.mark.parametrize(
    ("field", "sql"),
    [
        ("models.BooleanField(default=False)", "boolean DEFAULT false NOT NULL"),
        ("models.DateField(default=date.today)", "date DEFAULT '2000-01-01'::date NOT NULL"),
        ("models.UUIDField(default=uuid.uuid4)", "uuid DEFAULT '00000000000000000000000000000000'::uuid NOT NULL"),
        ("models.IntegerField(default=elsewhere)", "integer DEFAULT 0 NOT NULL"),
        ("models.CharField(max_length=9, default=code)", "varchar(9) DEFAULT 'C-1' NOT NULL"),
        ("models.CharField(max_length=9, default=unknown)", "varchar(9) DEFAULT '' NOT NULL"),
        ("models.TextField(null=True, default=unknown)", "text NULL"),
        ("models.TextField(help_text=elsewhere, validators=[elsewhere])", "text NOT NULL"),
        ("Own()", "money DEFAULT '1' NOT NULL"),
        ("Kind(max_length=4)", "integer DEFAULT '0' NOT NULL"),
        ("models.CharField(max_length=9, default=Word.A, choices=[(w.value, w) for w in Word])", "DEFAULT 'a'"),
        ("models.CharField(max_length=9, default=_('x'))", "varchar(9) DEFAULT 'x' NOT NULL"),
    ],
)  # fmt: skip
def test_columns(field: str, sql: str) -> None:
    """A column is what Django makes of its field; defaults that only the application computes are of their kind."""
    top = (
        "import uuid, enum\nfrom datetime import date\nfrom app_of_others import elsewhere\n"
        "from django.utils.translation import gettext_lazy as _\n"
        "class Own(models.TextField):\n    def __init__(self, **k):\n"
        "        k['default'] = 1\n        super().__init__(**k)\n"
        "    def db_type(self, connection):\n        return 'money' if connection.vendor == 'postgresql' else 'real'\n"
        "class Kind(models.CharField):\n    def get_internal_type(self):\n        return 'IntegerField'\n"
        "class Word(str, enum.Enum):\n    A = 'a'\n"
        "def code():\n    return 'C-%d' % 1\ndef unknown():\n    return elsewhere()\n"
    )
    if field.startswith("Kind"):
        field = "Kind(max_length=4, default=0)"
    target = target_of(MODEL.format(""), f'migrations.AddField("thing", "field", {field})', top=top)

    assert target.opaques == []
    assert sql in next(text for text in target.texts if "ADD COLUMN" in text or "ALTER TABLE" in text)


def test_field_types_of_others() -> None:
    """A field of another package: its type is not known unless declared; that it is there is."""
    operation = MODEL.format(', ("phone", PhoneNumberField(null=True)), ("name", models.TextField())')
    top = "from phonenumber_field.modelfields import PhoneNumberField"

    target = target_of(operation, top=top)
    assert len(target.opaques) == 1
    assert reasons(target)[0] == (
        "`PhoneNumberField(null=True)` (phonenumber_field.modelfields), which is imported at line 2 "
        "is not known before the migration runs"
    )
    assert target.opaques[0][2] == (
        "Declare the SQL of its type under `types` as `phonenumber_field.modelfields.PhoneNumberField: …`."
    )
    assert '"name" text NOT NULL' in target.texts[0]
    assert len(target.maybes) == 1

    declared = {"phonenumber_field.modelfields.PhoneNumberField": "varchar(128)"}
    target = target_of(operation, top=top, types=declared)
    assert target.opaques == []
    assert '"phone" varchar(128) NULL' in target.texts[0]


def test_models_of_others() -> None:
    """A foreign key to an app that is not there: its table is presumed, and said so once."""
    field = ', ("tag", models.ForeignKey("taggit.Tag", models.CASCADE, db_constraint=False))'
    later = 'migrations.AddField("thing", "other", models.ManyToManyField("taggit.Tag"))'
    target = target_of(MODEL.format(field), later)

    assert [reason.partition(":")[0] for reason in reasons(target)] == [
        "shop.thing refers to `taggit.tag` of an app that is not in the project"
    ]
    assert '"tag_id" bigint NOT NULL' in target.texts[0]


@pytest.mark.parametrize(
    "operation",
    [
        'migrations.AddField("absent", "x", models.TextField())',
        'migrations.RemoveField("thing", "absent")',
        'migrations.AlterField("thing", "absent", models.TextField())',
        'migrations.RenameModel("Absent", "Present")',
        'migrations.DeleteModel("Absent")',
        'migrations.AddIndex("thing", models.Index(fields=["absent"], name="i"))',
    ],
)
def test_operations_that_django_refuses(operation: str) -> None:
    """What Django would raise is a finding at the operation, and does not end the check."""
    target = target_of(MODEL.format(""), operation, "migrations.RunSQL('SELECT 1')")

    assert len(target.opaques) == 1
    assert reasons(target)[0].startswith("Django refuses the operation: ")
    assert "SELECT 1" in target.texts


def test_constructors_that_refuse() -> None:
    """Arguments that Django's own classes do not take: the migration could not be loaded."""
    target = target_of("migrations.CreateModel()")

    assert len(target.opaques) == 1
    assert "TypeError" in reasons(target)[0]


def test_statements_that_ask_the_server() -> None:
    """Operations that look at the database first: what the catalog can't tell is said."""
    target = target_of(
        'CreateExtension("hstore")',
        "BtreeGistExtension()",
        top="from django.contrib.postgres.operations import BtreeGistExtension, CreateExtension",
    )
    assert len(target.opaques) == 2

    answers: dict[str, list[tuple[object, ...]]] = {
        f"SELECT 1 FROM pg_extension WHERE extname = '{name}'": [("?column?",), *rows]
        for name, rows in (("hstore", []), ("citext", [(1,)]))
    }
    loaded = source(app({"0001_a": migration(
        'CreateExtension("hstore"), CITextExtension()',
        top="from django.contrib.postgres.operations import CITextExtension, CreateExtension",
    )}))  # fmt: skip
    target = applied(loaded, RecordingTarget(answers))
    assert target.texts == ['CREATE EXTENSION IF NOT EXISTS "hstore"']


def test_collations_decide_on_indexes() -> None:
    """An index for LIKE is only made where the collation is deterministic."""
    target = target_of(
        'CreateCollation("insensitive", provider="icu", locale="und-u-ks-level2", deterministic=False)',
        MODEL.format(', ("a", models.CharField(max_length=5, db_collation="insensitive", unique=True))'),
        top="from django.contrib.postgres.operations import CreateCollation",
    )

    assert not [text for text in target.texts if "_like" in text]


def test_nothing_runs(tmp_path: object) -> None:
    """A migration whose top level writes a file and exits the process is read, and nothing happens."""
    top = (
        "import os, sys, pathlib, subprocess\n"
        f"pathlib.Path({str(tmp_path)!r}, 'written').write_text('x')\n"
        f"open({str(tmp_path)!r} + '/opened', 'w').write('x')\n"
        f"subprocess.run(['touch', {str(tmp_path)!r} + '/touched'])\n"
        "os._exit(3)\nsys.exit(3)\nexit(3)\nraise SystemExit(3)\n"
    )
    target = target_of(MODEL.format(""), top=top)

    assert "shop_thing" in target.texts[0]
    assert list(tmp_path.iterdir()) == []  # type: ignore[attr-defined]  # a path


def test_down() -> None:
    """Operations are taken back last first; one that can't be undone ends it, and says so."""
    files = app({
        "0001_a": migration(MODEL.format("")),
        "0002_b": migration(
            "migrations.RunSQL('SELECT 1', 'SELECT -1'), "
            "migrations.RunSQL('SELECT 2', ['SELECT -2', ('SELECT %s', [-3])]), migrations.RunPython(f, f)",
            top="def f(a, e): ...", dependencies='[("shop", "0001_a")]',
        ),
        "0003_c": migration(
            "migrations.RunSQL('SELECT 3', ''), migrations.RunSQL('SELECT 4')", dependencies='[("shop", "0002_b")]'
        ),
    })  # fmt: skip
    first, second, third = source(files).migrations

    assert [each.has_down for each in (first, second, third)] == [True, True, False]
    target = RecordingTarget()
    third.down(target)
    assert reasons(target) == ["`RunSQL` can't be undone, so `migrate` refuses"]
    target = RecordingTarget()
    second.down(target)
    assert target.texts == ["SELECT -2", "SELECT  -3", "SELECT -1"]
    assert "RunPython runs `f`" in reasons(target)[0]
    target = RecordingTarget()
    first.down(target)
    assert target.texts == ['DROP TABLE "shop_thing" CASCADE']


def test_all_that_is_sent_is_sql() -> None:
    """Whatever Django renders parses: defaults and conditions with quotes and percent signs, too."""
    target = target_of(
        MODEL.format(""),
        """migrations.AddField("thing", "a", models.TextField(default="it's 100% % %s"))""",
        """migrations.AddConstraint("thing", models.CheckConstraint(condition=Q(a__contains="50%'x"), name="c"))""",
        """migrations.AddField("thing", "b", models.JSONField(default=dict))""",
        """migrations.AddField("thing", "c", models.DecimalField(max_digits=5, decimal_places=2, db_default=1.5))""",
        """migrations.AddField("thing", "d", models.BinaryField(default=b"\\x00%"))""",
        top="from django.db.models import Q",
    )

    assert target.opaques == []
    for sql in target.sqls:
        assert [parsed for parsed in parse(sql) if isinstance(parsed, Unparsed)] == []
    assert any("it's 100% % %s".replace("'", "''") in text for text in target.texts)


def test_version_table_and_keys() -> None:
    """Django's own table comes first; keys that nobody wrote are of the kind that the settings say."""
    for setting, kind in (
        ("", "integer"),
        ('DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"', "bigint"),
    ):
        text = migration(MODEL.format(', ("many", models.ManyToManyField("shop.thing"))'))
        loaded = source(app({"0001_a": text, "config/settings.py": setting}))
        target = RecordingTarget()
        loaded.migrations[0].up(target)
        assert target.texts[0].startswith(f"CREATE TABLE django_migrations (id {kind} ")
        assert f'CREATE TABLE "shop_thing_many" ("id" {kind} ' in target.texts[2]


def test_out_of_order() -> None:
    """Each migration can be replayed alone, as it is when only the end of a history is asked for."""
    files = app({
        "0001_a": migration(MODEL.format("")),
        "0002_b": migration('migrations.RenameField("thing", "id", "key")', dependencies='[("shop", "0001_a")]'),
        "0003_c": migration('migrations.AlterModelTable("thing", "things")', dependencies='[("shop", "0002_b")]'),
    })  # fmt: skip
    loaded = source(files)
    target = RecordingTarget()
    loaded.migrations[2].up(target)
    loaded.migrations[1].up(target)

    assert target.texts == [
        'ALTER TABLE "shop_thing" RENAME TO "things"',
        'ALTER TABLE "shop_thing" RENAME COLUMN "id" TO "key"',
    ]


def test_files_that_cannot_be_read() -> None:
    """Bytes that are no text, text that is no Python, files that are no migration."""
    tree = MemoryTree({
        "shop/migrations/0001_a.py": b"\xff\xfe\x00",
        "shop/migrations/0002_b.py": "class Migration(",
        "shop/migrations/0003_c.py": "x = 1\n",
        "shop/migrations/_private.py": "class Migration: ...\n",
        "shop/migrations/0004_d.py": "class Migration:\n    dependencies = names()\n    operations = []\n",
    })  # fmt: skip
    loaded = source(tree)

    assert [(problem.rule, problem.span.path) for problem in loaded.problems] == [
        ("file-unreadable", "shop/migrations/0001_a.py"),
        ("statement-unparsed", "shop/migrations/0002_b.py"),
        ("revision-graph-broken", "shop/migrations/0004_d.py"),
    ]
    assert [each.name for each in loaded.migrations] == ["shop.0004_d"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("operations = from_elsewhere.OPERATIONS", "`from_elsewhere.OPERATIONS`"),
        ("dependencies = []", "has no attribute 'operations'"),
        ("operations = [migrations.RunSQL(1 / 0)]", "ZeroDivisionError"),
    ],
)
def test_operations_that_are_not_known(body: str, reason: str) -> None:
    """A migration of which the operations can't be had at all."""
    text = (
        f"import from_elsewhere\nfrom django.db import migrations\n\nclass Migration(object):\n    {body}\n"
    )
    target = applied(source(app({"0001_a": text})), RecordingTarget())

    assert len(target.opaques) == 1
    assert reason in reasons(target)[0]
