"""
A history of 130 revisions, 78 of which reflect the database without asking whether there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.diff import differences
from tests.sources.alembic.projects import source, written
from tests.sources.alembic.test_differential import by_alembic, by_replay

if TYPE_CHECKING:
    from pathlib import Path

    from schemaguard.postgres.server import Server

REVISIONS, REFLECTING = 130, 78

# What a reflecting revision does, in turn; {t} is a table that an earlier revision made, {n} the revision's number.
GUARDS = [
    """
    inspector = sa.inspect(op.get_bind())
    if not inspector.has_table("table_{n}"):
        op.create_table("table_{n}", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
    """,
    """
    columns = [c["name"] for c in sa.inspect(op.get_bind()).get_columns("{t}")]
    if "extra_{n}" not in columns:
        op.add_column("{t}", sa.Column("extra_{n}", sa.BigInteger, server_default="0", nullable=False))
    if "id" not in columns:
        op.drop_table("{t}")
    """,
    """
    inspector = sa.inspect(op.get_bind())
    if "by_name_{n}" not in {{i["name"] for i in inspector.get_indexes("{t}")}}:
        op.create_index("by_name_{n}", "{t}", ["name"])
    """,
    """
    bind = op.get_bind()
    inspector = sa.inspect(bind)
    if not any(fk["referred_table"] == "table_0" for fk in inspector.get_foreign_keys("{t}")):
        op.add_column("{t}", sa.Column("owner_{n}", sa.Integer, sa.ForeignKey("table_0.id")))
    """,
    """
    inspector = sa.inspect(op.get_bind())
    names = {{u["name"] for u in inspector.get_unique_constraints("{t}")}}
    if "unique_{n}" not in names:
        op.create_unique_constraint("unique_{n}", "{t}", ["id", "name"])
    for constraint in sorted(names)[:-1]:
        op.drop_constraint(constraint, "{t}", type_="unique")
    """,
    """
    inspector = sa.inspect(op.get_bind())
    for table in inspector.get_table_names():
        if table.startswith("table_") and not inspector.get_pk_constraint(table)["constrained_columns"]:
            op.drop_table(table)
    if not [c for c in inspector.get_check_constraints("{t}") if c["name"] == "check_{n}"]:
        op.create_check_constraint("check_{n}", "{t}", "id > 0")
    """,
    """
    inspector = sa.inspect(op.get_bind())
    if "schema_{n}" not in inspector.get_schema_names():
        op.execute("CREATE SCHEMA schema_{n}")
    wide = [c for c in inspector.get_columns("{t}") if isinstance(c["type"], sa.String) and c["type"].length == 20]
    for column in wide:
        op.alter_column("{t}", column["name"], type_=sa.String(40), existing_type=sa.String(20))
    """,
]
PLAIN = """
    op.create_table("table_{n}", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
"""


def history() -> dict[str, str]:
    """Return the revision files: of each five, three reflect."""
    files, made, reflecting = {}, ["table_0"], 0
    for number in range(REVISIONS):
        reflects = number % 5 in (1, 2, 4) and number > 0
        body = GUARDS[reflecting % len(GUARDS)] if reflects else PLAIN
        reflecting += reflects
        table = made[(number * 7) % len(made)]
        text = body.format(n=number, t=table)
        if 'create_table("table_' in text and number:
            made.append(f"table_{number}")
        down = None if number == 0 else f"r{number - 1:03}"
        files[f"versions/{number:03}.py"] = (
            f"import sqlalchemy as sa\nfrom alembic import op\n\n"
            f"revision = 'r{number:03}'\ndown_revision = {down!r}\n\n\n"
            f"def upgrade():\n{text}"
        )
    assert reflecting == REFLECTING
    return files


@pytest.mark.postgres
def test_reflecting_history(server: Server, tmp_path: Path) -> None:
    """All of it is read, nothing is opaque, and the replay ends where Alembic does."""
    root = written(tmp_path, history())
    loaded = source(root)
    assert len(loaded.migrations) == REVISIONS
    assert sum("sa.inspect(" in each.file.text for each in loaded.migrations) == REFLECTING

    assert differences(by_replay(root, server.version), by_alembic(server, root)) == []
