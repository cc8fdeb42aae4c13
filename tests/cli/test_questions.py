"""
The commands that ask who can do what, what changes, and what runs: who-can, matrix, diff, sql.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.ledger import answer

if TYPE_CHECKING:
    from tests.cli.support import CommandLine

# who-can

WHO_CAN_DELETE = """\
batch can DELETE on public.ledger, in the rows that its policies choose
  after SET ROLE only
    `batch` can SET ROLE to `writers`  migrations/001_roles.up.sql:4:1
    `writers` was granted DELETE  migrations/002_ledger.up.sql:3:1
postgres can DELETE on public.ledger, in all rows: no policy binds it
  as superuser
    `postgres` is a superuser
writers can DELETE on public.ledger, in the rows that its policies choose
  granted
    `writers` was granted DELETE  migrations/002_ledger.up.sql:3:1
"""


def test_who_can(project: CommandLine) -> None:
    """Every role, and the chain of statements with their places."""
    done = project("who-can", "delete", "ledger")

    assert (done.code, done.out) == (0, WHO_CAN_DELETE)


def test_who_can_on_columns(project: CommandLine) -> None:
    """A privilege on some columns counts, and is said to be one."""
    found = answer(project, "who-can", "UPDATE", "public.ledger", "--role", "app_rw")

    assert found["object"] == "public.ledger"
    [role] = found["roles"]
    assert (role["role"], role["effective"], role["schema_usage"], role["row_security"]) == (
        "app_rw", False, True, "binds",
    )  # fmt: skip
    assert role["ways"] == [
        {
            "kind": "columns",
            "columns": ["note"],
            "effective": False,
            "sentence": "`app_rw` was granted UPDATE on column `note`",
            "because": [
                {
                    "message": "`app_rw` was granted UPDATE on column `note`",
                    "location": {"path": "migrations/003_second.up.sql", "line": 2, "column": 1},
                }
            ],
        }
    ]


def test_who_can_before(project: CommandLine) -> None:
    """At an earlier migration it could not yet."""
    done = project("who-can", "UPDATE", "ledger", "--role", "app_rw", "--at", "2")

    assert done.out == "app_rw can't UPDATE on public.ledger\n"


def test_nobody_can(cli: CommandLine) -> None:
    """Not even a superuser on a table of which it was said otherwise: superusers always can."""
    cli.put("migrations/001.sql", "CREATE SCHEMA s; CREATE TABLE s.t (a integer); CREATE ROLE r;")

    assert [role["role"] for role in answer(cli, "who-can", "SELECT", "s.t")["roles"]] == ["postgres"]


def test_public_is_a_role_to_ask_about(cli: CommandLine) -> None:
    """What everybody was granted, on the table and on columns; and a schema that is closed stands in between."""
    cli.put(
        "migrations/001.sql",
        "CREATE SCHEMA s; CREATE TABLE s.t (a integer, b integer); CREATE ROLE r;\n"
        "GRANT SELECT ON s.t TO PUBLIC; GRANT SELECT (b) ON s.t TO PUBLIC;",
    )
    [public] = answer(cli, "who-can", "SELECT", "t", "--role", "public")["roles"]

    assert [(way["kind"], way["columns"]) for way in public["ways"]] == [("direct", []), ("columns", ["b"])]
    assert not public["schema_usage"]
    assert "r can SELECT on s.t, but has no USAGE on schema s" in cli("who-can", "SELECT", "s.t").out
    assert cli("who-can", "DELETE", "s.t", "--role", "PUBLIC").out == "PUBLIC can't DELETE on s.t\n"


def test_writing_through_a_view_counts(cli: CommandLine) -> None:
    """A view runs with its owner's rights."""
    cli.put(
        "migrations/001.sql",
        "CREATE TABLE t (a integer); CREATE VIEW v AS SELECT a FROM t; CREATE ROLE r; GRANT DELETE ON v TO r;",
    )
    [role] = answer(cli, "who-can", "DELETE", "t", "--role", "r")["roles"]

    assert [way["kind"] for way in role["ways"]] == ["view"]


def test_who_can_is_not_sure(cli: CommandLine) -> None:
    """Statements of which nobody knows what they do are counted, and facts that are unknown are told."""
    cli.put(
        "migrations/001.sql",
        "CREATE TABLE t (a integer); CREATE ROLE r;\n"
        "DO $$ BEGIN IF random() > 0.5 THEN GRANT SELECT ON t TO r; END IF; END $$;\n",
    )
    found = answer(cli, "who-can", "SELECT", "t")

    assert {tuple(fact["path"].split("/")[:2]) for fact in found["unknown"]} == {("tables", "public.t")}
    assert found["statements_not_known"] > 0
    assert "unknown what" in cli("who-can", "SELECT", "t").out


# matrix

MATRIX = """\
public.ledger
  PUBLIC  nothing
  app_rw  SELECT INSERT +UPDATE(note) -DELETE
          +UPDATE: `app_rw` was granted UPDATE on column `note`  migrations/003_second.up.sql:2:1
1 missing (-), 1 too much (+)
"""


def test_matrix(project: CommandLine) -> None:
    """What is missing and what is too much, with the statement that gives it; exit code 1."""
    done = project("matrix")

    assert (done.code, done.out) == (1, MATRIX)


def test_matrix_that_holds(project: CommandLine) -> None:
    """Exit code 0."""
    project.put(
        "schemaguard.yaml",
        "roles: {application: [app_rw]}\nprivileges: {ledger: {app_rw: [select, insert, update(note)]}}\n",
    )
    done = project("matrix")

    assert (done.code, done.out.splitlines()[-1]) == (0, "as the matrix demands")


def test_matrix_as_json(project: CommandLine) -> None:
    """By object and role."""
    found = answer(project, "matrix")
    cell = found["objects"][0]["roles"]["app_rw"]

    assert (found["missing"], found["excess"], found["exit_code"]) == (1, 1, 1)
    assert cell["effective"] == ["SELECT", "INSERT"]
    assert cell["partial"] == [{"privilege": "UPDATE", "kind": "columns", "columns": ["note"]}]
    assert cell["missing"] == ["DELETE"]
    assert [each["privilege"] for each in cell["excess"]] == ["UPDATE"]
    assert cell["target"] == "SELECT, INSERT, DELETE"


def test_matrix_without_a_target(project: CommandLine) -> None:
    """What the roles of the application hold is shown all the same."""
    project.put("schemaguard.yaml", "version: 1\n")
    done = project("matrix")

    assert done.code == 0
    assert "  batch    DELETE(SET ROLE)" in done.out.splitlines()
    assert done.out.splitlines()[-1].startswith("the config has no target matrix")


# diff

DIFF = """\
enables row security on table ledger  migrations/003_second.up.sql:3:1
drops NOT NULL of ledger.amount  migrations/003_second.up.sql:1:1
gives app_rw UPDATE on ledger (note)  migrations/003_second.up.sql:2:1
"""


def test_diff(project: CommandLine) -> None:
    """In words, each with the statement."""
    done = project("diff", "2")

    assert (done.code, done.out) == (0, DIFF)
    assert project("diff", "2", "3").out == DIFF
    assert project("diff", "3").out == "nothing changes\n"


def test_diff_backwards(project: CommandLine) -> None:
    """What going back would change."""
    assert [change["words"] for change in answer(project, "diff", "head", "002")["changes"]] == [
        "disables row security on table ledger",
        "makes ledger.amount NOT NULL",
        "takes UPDATE on ledger (note) from app_rw",
    ]


def test_diff_as_json(project: CommandLine) -> None:
    """A kind for programs, the words, what was and what is."""
    found = answer(project, "diff", "001", "002")

    assert (found["base"], found["head"]) == ("001", "002")
    assert [change["kind"] for change in found["changes"]] == [
        "table-added",
        "privilege-given",
        "privilege-given",
    ]
    assert found["changes"][1]["after"] == {
        "grantee": "app_rw",
        "privileges": ["SELECT", "INSERT"],
        "columns": [],
    }


# sql

SQL = """\
-- migration 003_second: second
-- migrations/003_second.up.sql:1:1
ALTER TABLE ledger ALTER amount DROP NOT NULL;
-- migrations/003_second.up.sql:2:1
GRANT UPDATE (note) ON ledger TO app_rw;
-- migrations/003_second.up.sql:3:1
ALTER TABLE ledger ENABLE ROW LEVEL SECURITY;

"""


def test_sql(project: CommandLine) -> None:
    """The statements of one migration, each with its place."""
    assert project("sql", "3").out == SQL


def test_sql_of_all(project: CommandLine) -> None:
    """In the order they run in."""
    found = answer(project, "sql")

    assert found["direction"] == "up"
    assert [each["name"] for each in found["migrations"]] == ["001_roles", "002_ledger", "003_second"]
    assert [len(each["statements"]) for each in found["migrations"]] == [4, 3, 3]


def test_sql_down(project: CommandLine) -> None:
    """The down program of one, or all from the last; a migration without one runs nothing."""
    found = answer(project, "sql", "--down")

    assert [each["name"] for each in found["migrations"]] == ["003_second", "002_ledger", "001_roles"]
    assert (
        project("sql", "--down", "3").out.splitlines()[2] == "ALTER TABLE ledger DISABLE ROW LEVEL SECURITY;"
    )
    assert "-- runs nothing" in project("sql", "--down", "2").out


def test_sql_tells_what_is_not_known(cli: CommandLine) -> None:
    """As comments with the reason: what may run, what a server refuses, what is not SQL."""
    cli.put(
        "migrations/001.sql",
        "CREATE TABLE t (a integer);\nNOT SQL AT ALL;\nDROP TABLE missing;\n"
        "DO $$ BEGIN IF random() > 0.5 THEN DROP TABLE t; END IF; END $$;\n",
    )
    text = cli("sql").out
    found = answer(cli, "sql")["migrations"][0]["statements"]

    assert [each["kind"] for each in found] == ["statement", "unparsed", "refused", "statement", "opaque"]
    assert (
        '-- this is not SQL that PostgreSQL reads: syntax error at or near "NOT"\n-- NOT SQL AT ALL;' in text
    )
    assert '-- a server would refuse it: table "missing" does not exist\n-- DROP TABLE missing;' in text
    assert "-- what it does could not be known: " in text


# Names that are not there


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("who-can", "DELETE", "legder"), "there is no table or view `legder`; did you mean `ledger`?"),
        (("who-can", "DELET", "ledger"), "there is no privilege `DELET` on ledger; did you mean `DELETE`?"),
        (("who-can", "DELETE", "ledger", "--role", "app"), "there is no role `app`; did you mean `app_rw`?"),
        (("schema", "--at", "003_secnod"), "there is no migration '003_secnod'; did you mean `003_second`?"),
        (
            ("schema", "--at", "00"),
            "'00' names several migrations: `001_roles`, `002_ledger` and `003_second`",
        ),
        (("diff", "nothing"), "there is no migration 'nothing'; the last one is `003_second`"),
        (("sql", "9"), "there is no migration '9'; the last one is `003_second`"),
        (("matrix", "nowhere"), "nowhere: no such file or folder"),
    ],
)
def test_a_wrong_name_is_told(project: CommandLine, arguments: tuple[str, ...], message: str) -> None:
    """Exit code 2, one sentence, and the nearest right name."""
    done = project(*arguments)

    assert (done.code, done.out, done.err) == (2, "", f"schemaguard: {message}\n")


def test_a_name_in_several_schemas(cli: CommandLine) -> None:
    """Has to be told with its schema."""
    cli.put(
        "migrations/001.sql", "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (); CREATE TABLE b.t ();"
    )

    assert cli("who-can", "SELECT", "t").err == "schemaguard: `t` is in several schemas: `a.t` and `b.t`\n"
    assert cli("who-can", "SELECT", "zzz").err.startswith(
        "schemaguard: there is no table or view `zzz`; there are"
    )


ALEMBIC = """
revision = {0!r}
down_revision = {1!r}


def upgrade():
    op.execute("CREATE TABLE t_{0} (a integer)")


def downgrade():
    op.execute("DROP TABLE t_{0}")
"""


def test_alembic_revisions(cli: CommandLine) -> None:
    """By id or unique prefix; a branch that the revision does not come after is left out."""
    cli.put("alembic.ini", "[alembic]\nscript_location = alembic\n")
    cli.put("alembic/env.py", "")
    for name, down in (("aa1", None), ("bb2", "aa1"), ("cc3", "aa1"), ("dd4", ("bb2", "cc3"))):
        cli.put(f"alembic/versions/{name}.py", "from alembic import op\n" + ALEMBIC.format(name, down))

    def tables(*arguments: str) -> list[str]:
        return [name for name in answer(cli, "schema", *arguments)["tables"] if name.startswith("public.t_")]

    assert tables("--at", "bb") == ["public.t_aa1", "public.t_bb2"]
    assert tables("--at", "cc3") == ["public.t_aa1", "public.t_cc3"]
    assert len(tables("--at", "head")) == 4
    assert cli("sql", "--down", "cc3").out == (
        "-- migration cc3\n-- alembic/versions/cc3.py:12:17\nDROP TABLE t_cc3;\n\n"
    )


def test_what_runs_again_is_shown_once(cli: CommandLine) -> None:
    """Scripts that run at every boot come at the end once more, and are one migration all the same."""
    cli.put(
        "schemaguard.yaml",
        "sources: [{sql: 'boot/*.sql', always: true}, {sql: 'migrations/*.sql'}]\n",
    )
    cli.put("boot/001_boot.sql", "CREATE TABLE IF NOT EXISTS t (a integer);")
    cli.put("migrations/002_t.sql", "CREATE TABLE u (a integer);")

    for direction in ((), ("--down",)):
        names = [each["name"] for each in answer(cli, "sql", *direction)["migrations"]]
        assert sorted(names) == ["001_boot", "002_t"]
    assert list(answer(cli, "schema", "--at", "1")["tables"]) == ["public.t"]


def test_rows_that_were_not_read_are_told(cli: CommandLine) -> None:
    """Of bulk data only the first rows are looked at."""
    rows = ",\n".join(f"({number}, 'a row')" for number in range(70_000))
    cli.put("migrations/001.sql", f"CREATE TABLE t (a integer, b text);\nINSERT INTO t VALUES {rows};\n")
    entry = answer(cli, "sql")["migrations"][0]["statements"][1]

    assert entry["reason"] == "only its first rows are shown, the others were not read"
    assert len(entry["sql"]) < len(rows)


def test_what_is_wrong_with_the_sources_is_told(cli: CommandLine) -> None:
    """On standard error, so that the answer stays what it is."""
    cli.put("migrations/001.sql", "CREATE TABLE t (a integer);")
    cli.put("migrations/002.sql", b"\xff\xfe")
    done = cli("schema")

    assert done.code == 0
    assert "table public.t  owner postgres" in done.out
    assert done.err.startswith("schemaguard: migrations/002.sql:1: ")
