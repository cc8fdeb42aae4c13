"""
Schemas, comments, publications, settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Index
from tests.oracle.pick import qualified

if TYPE_CHECKING:
    from tests.oracle.pick import Kind, Pick


def create_schema(pick: Pick) -> str:
    form = pick.number(0, 3)
    name = pick.new("s", 2)
    if form == 1:
        return f"CREATE SCHEMA {name} AUTHORIZATION {pick.role()}"
    if form == 2:
        return f"CREATE SCHEMA {name} CREATE TABLE t1 (c1 integer PRIMARY KEY) CREATE VIEW v1 AS SELECT c1 FROM t1"
    return f"CREATE SCHEMA {pick.maybe('IF NOT EXISTS ')}{name}"


def alter_schema(pick: Pick) -> str:
    return f"ALTER SCHEMA {pick.schema()} {pick.one([f'OWNER TO {pick.role()}', 'RENAME TO s1'])}"


def drop_schema(pick: Pick) -> str:
    return f"DROP SCHEMA {pick.maybe('IF EXISTS ')}{pick.one(['s1', 's2'])}{pick.one(['', ' CASCADE'])}"


def search_path(pick: Pick) -> str:
    return f"SET search_path = {pick.one(['public', 'a', 'b, a', chr(34) + '$user' + chr(34) + ', public', 'nowhere'])}"


def comment_on(pick: Pick) -> str | None:
    text = pick.one(["'Purpose: x'", "'it''s'", "NULL", "''"])
    table = pick.table()
    if table is None:
        return f"COMMENT ON SCHEMA {pick.schema()} IS {text}"
    targets = [f"TABLE {pick.name(table)}", f"COLUMN {qualified(pick, table)}.{pick.column(table)}"]
    if (found := pick.policy()) is not None:
        targets.append(f"POLICY {found[1].name} ON {qualified(pick, found[0])}")
    if (owned := pick.trigger()) is not None:
        targets.append(f"TRIGGER {owned[1].name} ON {qualified(pick, owned[0])}")
    if (constraint := pick.constraint()) is not None:
        targets.append(f"CONSTRAINT {constraint[1].name} ON {qualified(pick, constraint[0])}")
    if (function := pick.function()) is not None and function.kind == "f":
        targets.append(f"FUNCTION {qualified(pick, function)}")
    if (index := next(iter(pick.all(Index)), None)) is not None:
        targets.append(f"INDEX {qualified(pick, index)}")
    if (kind := pick.user_type("e", "c", "d")) is not None:
        targets.append(f"TYPE {qualified(pick, kind)}")
    return f"COMMENT ON {pick.one(targets)} IS {text}"


def publication(pick: Pick) -> str | None:
    table = pick.table("r", "p")
    name = f"z{pick.number(1, 2)}"
    if pick.chance(20):
        return f"DROP PUBLICATION IF EXISTS {name}"
    if table is None:
        return None
    form = pick.number(0, 4)
    if form == 1:
        return f"ALTER PUBLICATION {name} ADD TABLE {qualified(pick, table)}"
    if form == 2:
        return f"ALTER PUBLICATION {name} DROP TABLE {qualified(pick, table)}"
    if form == 3:
        return f"CREATE PUBLICATION {name} FOR TABLES IN SCHEMA {pick.schema()}"
    return f"CREATE PUBLICATION {name} FOR {pick.one([f'TABLE {qualified(pick, table)}', 'ALL TABLES'])}"


KINDS: tuple[Kind, ...] = (create_schema, alter_schema, drop_schema, search_path, comment_on, publication)
