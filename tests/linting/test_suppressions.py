"""
Which finding a comment silences, and which it does not.
"""

from __future__ import annotations

import pytest

from schemaguard.linting.selection import Choice
from schemaguard.statements.comments import comments
from tests.linting.support import KEYLESS, keyless, lint

UNUSED = "suppression-unused"
INVALID = "suppression-invalid"
ALLOW = f"schemaguard: allow {KEYLESS}: agreed"
LOOPED = 'op.execute(f"CREATE TABLE {name} (b int)")'
REVISION = '''"""ledger

Revision ID: 1
"""

from alembic import op

revision = "1"
down_revision = None

{body}

def downgrade():
    pass
'''


@pytest.mark.parametrize(
    "text",
    [
        f"-- {ALLOW}\nCREATE TABLE a (b int);",
        f"-- {ALLOW}\n\n\nCREATE TABLE a (b int);",
        f"-- {ALLOW}\n-- and another comment\nCREATE TABLE a (b int);",
        f"/* {ALLOW} */ CREATE TABLE a (b int);",
        f"/*\n * {ALLOW.replace(' * ', ' ')}\n */\nCREATE TABLE a (b int);".replace(
            " * schemaguard", " schemaguard"
        ),
        f"CREATE TABLE a (b int); -- {ALLOW}",
        f"CREATE TABLE a (b int) -- {ALLOW}\n;",
        f"CREATE TABLE a ( -- {ALLOW}\n  b int\n);",
        f"CREATE TABLE a (\n  b int -- {ALLOW}\n);",
        f"CREATE TABLE a (\n  b int\n); -- {ALLOW}",
        f"SELECT 1; -- not this one\n-- {ALLOW}\nCREATE TABLE a (b int);",
        f"-- schemaguard:allow {KEYLESS} : agreed\nCREATE TABLE a (b int);",
        f"-- schemaguard: allow table-comment-missing, {KEYLESS}: agreed\nCREATE TABLE a (b int);",
        f"-- schemaguard: allow {KEYLESS} until 2026-01-01: today still counts\nCREATE TABLE a (b int);",
        f"-- schemaguard: allow-file {KEYLESS}: agreed\nSELECT 1;\nCREATE TABLE a (b int);",
        f"-- é 金\n-- {ALLOW}\nCREATE TABLE a (b int);",
    ],
)
def test_silences_the_statement_it_stands_on_or_above(text: str) -> None:
    """Wherever a person puts it, and however the comment is made."""
    assert keyless(text) == set()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"-- {ALLOW}\nSELECT 1;\nCREATE TABLE a (b int);", {(3, KEYLESS), (1, UNUSED)}),
        (f"CREATE TABLE a (b int);\n-- {ALLOW}\nSELECT 1;", {(1, KEYLESS), (2, UNUSED)}),
        (f"-- {ALLOW}\nCREATE TABLE a (b int);\nCREATE TABLE c (d int);", {(3, KEYLESS)}),
        (f"SELECT 1; -- {ALLOW}\nCREATE TABLE a (b int);", {(2, KEYLESS), (1, UNUSED)}),
        (f"SELECT '-- {ALLOW}';\nCREATE TABLE a (b int);", {(2, KEYLESS)}),
        (
            f"COMMENT ON SCHEMA public IS $$\n-- {ALLOW}\n$$;\nCREATE TABLE a (b int);",
            {(4, KEYLESS), (2, UNUSED)},
        ),
        ("-- schemaguard: allow-file " + KEYLESS + ": agreed\nSELECT 1;", {(1, UNUSED)}),
    ],
)
def test_silences_no_other_statement(text: str, left: set[tuple[int, str]]) -> None:
    """A comment that silences nothing says so, and the finding stays."""
    assert keyless(text) == left


@pytest.mark.parametrize(
    ("comment", "fault"),
    [
        ("schemaguard: allow", "it gives no reason"),
        (f"schemaguard: allow {KEYLESS}", "it gives no reason"),
        (f"schemaguard: allow {KEYLESS}:", "it gives no reason"),
        (f"schemaguard: allow {KEYLESS}:   ", "it gives no reason"),
        ("schemaguard: allow: agreed", "it names no rule"),
        (f"schemaguard: allow {KEYLESS},: agreed", "it names no rule"),
        ("schemaguard: allow primary-key-mising: agreed", "did you mean `primary-key-missing`?"),
        ("schemaguard: allow types: agreed", "there is no rule `types`"),
        ("schemaguard: allow *: agreed", "there is no rule `*`"),
        (f"schemaguard: allow {KEYLESS} table-comment-missing: agreed", "there is no rule"),
        (f"schemaguard: allow {KEYLESS}, no-such: agreed", "there is no rule `no-such`"),
        (f"schemaguard: allow {KEYLESS} until soon: agreed", "`until soon` is not a date"),
        (f"schemaguard: allow {KEYLESS} until 2026-02-30: agreed", "is not a date"),
        (f"schemaguard: allow {KEYLESS} until: agreed", "there is no rule"),
        (f"schemaguard: ignore {KEYLESS}: agreed", "`ignore` is none of"),
        ("schemaguard: alow x: agreed", "did you mean `allow`?"),
        (f"schemaguard-ignore {KEYLESS}", "it reads `schemaguard: allow"),
        (f"schemaguard ignore {KEYLESS}", "it reads `schemaguard: allow"),
        (f"SchemaGuard: allow {KEYLESS}: agreed", "it reads `schemaguard: allow"),
        ("schemaguard: approve destructive-change: agreed", "`approve` names no rules"),
        ("schemaguard: approve", "it gives no reason"),
        ("schemaguard: allow suppression-invalid: agreed", "can't be silenced"),
    ],
)
def test_a_mistake_is_told_and_silences_nothing(comment: str, fault: str) -> None:
    """Nothing is silenced by accident, by a slip of the pen least of all."""
    if "SchemaGuard" in comment:
        comment += " (not schemaguard's own spelling)"
    result = lint({"a.sql": f"-- {comment}\nCREATE TABLE a (b int);"}, choice=Choice(only=(KEYLESS, INVALID)))
    told = [each for each in result.findings if each.rule == INVALID]

    assert [each.location.line for each in told] == [1]
    assert fault in told[0].message
    assert [each.location.line for each in result.findings if each.rule == KEYLESS] == [2]


@pytest.mark.parametrize(
    "comment",
    [
        "checked by schemaguard",
        "schemaguard reads this file",
        "see schemaguard.yaml",
        "the allow-list of schemaguard: none",
        "schemaguards: allow",
    ],
)
def test_prose_is_no_suppression(comment: str) -> None:
    """The tool's name may be written without being meant."""
    assert keyless(f"-- {comment}\nCREATE TABLE a (b int PRIMARY KEY);") == set()


def test_inside_a_statement_it_speaks_of_its_line() -> None:
    """One column's defect can be allowed without allowing its neighbour's."""
    config = "sources: [{sql: a.sql}]\nmoney: {columns: ['*_cents'], types: [bigint]}"
    rule = "money-not-integer"
    text = (
        "CREATE TABLE a (\n"
        f"  one_cents numeric, -- schemaguard: allow {rule}: agreed\n"
        "  two_cents numeric,\n"
        f"  -- schemaguard: allow {rule}: agreed\n"
        "  three_cents numeric\n"
        ");"
    )
    result = lint({"a.sql": text}, config, Choice(only=(rule, UNUSED)))

    assert [(each.location.line, each.rule) for each in result.findings] == [(3, rule)]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (f'def upgrade():\n    # {ALLOW}\n    op.execute("CREATE TABLE a (b int)")', set()),
        (f'def upgrade():\n    op.execute("CREATE TABLE a (b int)")  # {ALLOW}', set()),
        (f'def upgrade():\n    op.execute(  # {ALLOW}\n        "CREATE TABLE a (b int)"\n    )', set()),
        (f'def upgrade():\n    op.execute("""\n    -- {ALLOW}\n    CREATE TABLE a (b int)\n    """)', set()),
        (
            f"def upgrade():\n    # {ALLOW}\n    for name in ('a', 'c'):\n        {LOOPED}",
            set(),
        ),
        (
            f"def upgrade():\n    for name in ('a', 'c'):\n        {LOOPED}  # {ALLOW}",
            set(),
        ),
        (f'# {ALLOW}\nSQL = "CREATE TABLE a (b int)"\n\ndef upgrade():\n    op.execute(SQL)', set()),
        (
            f'# {ALLOW}\ndef upgrade():\n    op.execute("CREATE TABLE a (b int)")',
            {(13, KEYLESS), (11, INVALID)},
        ),
        (
            f'def upgrade():\n    # {ALLOW}\n    pass\n    op.execute("CREATE TABLE a (b int)")',
            {(14, KEYLESS), (12, UNUSED)},
        ),
        (
            f'def upgrade():\n    x = "# {ALLOW}"\n    op.execute("CREATE TABLE a (b int)")',
            {(13, KEYLESS)},
        ),
    ],
)
def test_in_python(body: str, left: set[tuple[int, str]]) -> None:
    """In revisions it stands on or above the statement, or in the SQL itself; never above a whole function."""
    files = {
        "alembic.ini": "[alembic]\nscript_location = db\n",
        "db/env.py": "",
        "db/versions/1_ledger.py": REVISION.format(body=body),
    }
    result = lint(files, "sources: [{alembic: alembic.ini}]", Choice(only=(KEYLESS, INVALID, UNUSED)))

    assert {(each.location.line, each.rule) for each in result.findings} == left


def test_whole_file_in_python() -> None:
    """Above the first statement, before or behind the docstring."""
    for text in (
        f"# schemaguard: allow-file {KEYLESS}: agreed\n" + REVISION,
        REVISION.replace("from alembic", f"# schemaguard: allow-file {KEYLESS}: agreed\nfrom alembic"),
    ):
        body = 'def upgrade():\n    op.execute("CREATE TABLE a (b int)")'
        files = {
            "alembic.ini": "[alembic]\nscript_location = db\n",
            "db/env.py": "",
            "db/versions/1_ledger.py": text.format(body=body),
        }
        result = lint(files, "sources: [{alembic: alembic.ini}]", Choice(only=(KEYLESS, INVALID, UNUSED)))

        assert result.findings == []
        assert [each.reason for each in result.suppressed] == ["agreed"]


def test_an_open_quote_hides_what_follows_only() -> None:
    """What can't be tokenized is a finding of its own; comments before it hold."""
    text = f"-- {ALLOW}\nCREATE TABLE a (b int);\nCOMMENT ON TABLE a IS 'open;\n-- {ALLOW}\nCREATE TABLE c (d int);"

    assert keyless(text, "a.sql", "statement-unparsed") == {(3, "statement-unparsed")}


def test_exemptions_of_the_config() -> None:
    """By object and rule, family or all; parts of an exempt object are exempt, and the reason is kept."""
    config = """
sources: [{sql: a.sql}]
money: {columns: ["*_cents"], types: [bigint]}
exempt:
  - {object: public.a, rules: [money], reason: a pattern with its schema}
  - {object: "b*", rules: [primary-key-missing], reason: one rule of a pattern}
  - {object: c, rules: ["*"], reason: not ours}
  - {object: d, rules: ["*"], reason: over, until: 2025-12-31}
"""
    text = "".join(f"CREATE TABLE {name} (x_cents numeric);\n" for name in ("a", "bb", "c", "d"))
    result = lint({"a.sql": text}, config, Choice(only=(KEYLESS, "money-not-integer")))

    assert sorted((each.location.line, each.rule) for each in result.findings) == [
        (1, KEYLESS),
        (2, "money-not-integer"),
        (4, "money-not-integer"),
        (4, KEYLESS),
    ]
    assert sorted((each.finding.rule, each.kind, each.reason) for each in result.suppressed) == [
        ("money-not-integer", "config", "a pattern with its schema"),
        (KEYLESS, "config", "one rule of a pattern"),
    ]


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("-- x\nSELECT 1;", [("SELECT 1", False, True)]),
        ("SELECT 1; -- x\nSELECT 2;", [("SELECT 1", False, False)]),
        ("SELECT 1 /* x */ ;", [("SELECT 1", False, False)]),
        ("SELECT\n-- x\n1;", [("SELECT\n-- x\n1", True, True)]),
        ("SELECT 1;\n-- x", [(None, False, True)]),
        ("-- x", [(None, False, True)]),
        ("SELECT $a$ -- x $a$;", [("SELECT $a$ -- x $a$", True, False)]),
        ("-- x\n-- x\nSELECT 1;", [("SELECT 1", False, True)] * 2),
    ],
)
def test_comments_find_their_statement(text: str, owners: list[tuple[str | None, bool, bool]]) -> None:
    """In, behind or above."""
    got = [
        (None if each.statement is None else text[slice(*each.statement)], each.inside, each.alone)
        for each in comments(text, "x")
    ]

    assert got == owners
