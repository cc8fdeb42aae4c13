"""
Both sides of a change to a graph of revisions: what is an edit of a merged one, and what is free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.gate.support import Repository

INI = "[alembic]\nscript_location = %(here)s/alembic\nprepend_sys_path = .\n"
ONLY = ("--select", "merged-migration-edited,migration-out-of-order,primary-key-missing")


def revision(name: str, down: str | None, body: str, top: str = "") -> str:
    """The text of a revision."""
    return (
        f'"""Revision {name}."""\nfrom alembic import op\nimport sqlalchemy as sa\n{top}\n'
        f"revision = {name!r}\ndown_revision = {down!r}\n\n\n"
        f"def upgrade():\n    {body}\n\n\ndef downgrade():\n    pass\n"
    )


FIRST = revision("a1", None, 'op.create_table("orders", sa.Column("id", sa.Uuid, primary_key=True))')
SECOND = revision("b2", "a1", "op.execute(f'CREATE TABLE {NAME} (id uuid)')", "from names import NAME")


@pytest.fixture
def project(repo: Repository) -> Repository:
    """Two revisions on main, of which one takes a name from a module."""
    repo.commit(
        {
            "alembic.ini": INI,
            "alembic/env.py": "",
            "alembic/versions/a1_orders.py": FIRST,
            "alembic/versions/b2_carts.py": SECOND,
            "names.py": "NAME = 'carts'\n",
        }
    )
    repo.git("checkout", "-q", "-b", "feature")
    return repo


def test_a_new_revision(project: Repository) -> None:
    """What main has stays old: also what is read through other modules of the project."""
    project.commit(
        {
            "alembic/versions/c3.py": revision(
                "c3", "b2", 'op.create_table("flat", sa.Column("a", sa.Integer))'
            )
        }
    )
    report = project.report(*ONLY)

    assert report.new == [("primary-key-missing", "alembic/versions/c3.py", 10)]
    assert [each["object"] for each in report.with_status("existing")] == ["table public.carts"]


def test_renamed_commented_and_laid_out_anew(project: Repository) -> None:
    """The file's name, comments, docstrings, layout, and the way to the same SQL."""
    project.git("mv", "alembic/versions/a1_orders.py", "alembic/versions/20260101_a1.py")
    anew = FIRST.replace("Revision a1.", "How it began.\n").replace(
        'op.create_table("orders", sa.Column("id", sa.Uuid, primary_key=True))',
        '# the first\n    op.create_table(\n        "orders",\n'
        '        sa.Column("id", sa.Uuid, primary_key=True),\n    )',
    )
    project.commit({"alembic/versions/20260101_a1.py": anew})
    report = project.report(*ONLY)

    assert report.new == []


def test_an_edited_revision(project: Repository) -> None:
    """At the line that does something else."""
    project.commit({"alembic/versions/a1_orders.py": FIRST.replace("sa.Uuid", "sa.BigInteger")})

    assert project.report(*ONLY).new == [("merged-migration-edited", "alembic/versions/a1_orders.py", 10)]


def test_a_module_that_a_revision_reads(project: Repository) -> None:
    """The revision's file is the same, and what it does is not."""
    project.commit({"names.py": "NAME = 'baskets'\n"})
    report = project.report("--select", "merged-migration-edited")
    [finding] = report.with_status("new")

    assert (finding["rule"], finding["location"]["path"]) == (
        "merged-migration-edited",
        "alembic/versions/b2_carts.py",
    )
    assert finding["evidence"][0]["message"] == "at the base it says here: CREATE TABLE carts (id uuid)"


def test_an_edit_of_what_could_not_be_read(project: Repository) -> None:
    """What it does is not known on either side: another program is another, a comment is none."""
    text = revision("c3", "b2", "op.execute(unknown())", "from elsewhere import unknown")
    project.git("checkout", "-q", "main")
    project.commit({"alembic/versions/c3.py": text})
    project.git("checkout", "-q", "-B", "feature")
    project.commit({"alembic/versions/c3.py": text.replace("    op.", "    # why\n    op.")})

    assert project.report(*ONLY).new_rules == set()

    project.commit(
        {"alembic/versions/c3.py": text.replace("op.execute(unknown())", "op.execute(unknown(), 1)")}
    )

    assert "merged-migration-edited" in project.report(*ONLY).new_rules


def test_another_identifier(project: Repository) -> None:
    """Databases remember it: with another one they are at a revision that there is none of."""
    project.commit({"alembic/versions/b2_carts.py": SECOND.replace("'b2'", "'b3'")})
    [finding] = project.report("--select", "merged-migration-edited").with_status("new")

    assert finding["evidence"][0]["message"] == "at the base it says here: it is remembered as b2"


def test_a_revision_put_in_between(project: Repository) -> None:
    """By the graph, whatever the files are called; a branch beside it is none of that."""
    project.commit(
        {
            "alembic/versions/z9.py": revision("z9", "a1", "op.execute('SELECT 1')"),
            "alembic/versions/b2_carts.py": SECOND.replace("down_revision = 'a1'", "down_revision = 'z9'"),
        }
    )

    assert project.report(*ONLY).new == [("migration-out-of-order", "alembic/versions/z9.py", 10)]

    project.commit({"alembic/versions/b2_carts.py": SECOND})

    assert "migration-out-of-order" not in project.report("--ignore", "multiple-heads").new_rules


def test_a_down_program_may_be_mended(project: Repository) -> None:
    """What it does up is the same."""
    project.commit(
        {"alembic/versions/a1_orders.py": FIRST.replace("    pass", '    op.drop_table("orders")')}
    )

    assert project.report(*ONLY).new == []
