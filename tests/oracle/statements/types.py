"""
Types, domains and sequences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Sequence
from tests.oracle.pick import TYPES, qualified
from tests.oracle.statements.expressions import default

if TYPE_CHECKING:
    from tests.oracle.pick import Kind, Pick


def create_enum(pick: Pick) -> str:
    labels = pick.some(["'new'", "'open'", "'closed'"])
    return f"CREATE TYPE {pick.new_name('e', 2)} AS ENUM ({', '.join(labels)})"


def add_enum_value(pick: Pick) -> str | None:
    found = pick.user_type("e")
    if found is None:
        return None
    place = (
        f" {pick.one(['BEFORE', 'AFTER'])} '{pick.one(found.labels)}'"
        if found.labels and pick.chance(50)
        else ""
    )
    exists = pick.maybe("IF NOT EXISTS ", 20)
    return f"ALTER TYPE {pick.name(found)} ADD VALUE {exists}'{pick.one(['new', 'later', 'void'])}'{place}"


def rename_enum_value(pick: Pick) -> str | None:
    found = pick.user_type("e")
    if found is None or not found.labels:
        return None
    return f"ALTER TYPE {pick.name(found)} RENAME VALUE '{pick.one(found.labels)}' TO '{pick.one(['done', 'new'])}'"


def create_domain(pick: Pick) -> str:
    base = pick.one(TYPES[:8])
    parts = [
        pick.maybe(f"DEFAULT {default(pick, base)}"),
        pick.maybe("NOT NULL"),
        pick.maybe(f"{pick.maybe('CONSTRAINT k1 ')}CHECK (VALUE IS NOT NULL)", 40),
    ]
    return f"CREATE DOMAIN {pick.new_name('d', 2)} AS {base} {' '.join(filter(None, parts))}"


def alter_domain(pick: Pick) -> str | None:
    found = pick.user_type("d")
    if found is None:
        return None
    action = pick.one(
        [
            "SET NOT NULL", "DROP NOT NULL", "DROP DEFAULT", "SET DEFAULT NULL", "ADD CHECK (VALUE IS NOT NULL)",
            "ADD CONSTRAINT k2 CHECK (VALUE IS NULL OR true) NOT VALID", "DROP CONSTRAINT k1",
            "DROP CONSTRAINT IF EXISTS k2", "VALIDATE CONSTRAINT k2", "RENAME CONSTRAINT k1 TO k3",
            f"RENAME TO {pick.new('d', 2)}", f"OWNER TO {pick.role()}", f"SET SCHEMA {pick.schema()}",
        ]
    )  # fmt: skip
    return f"ALTER DOMAIN {pick.name(found)} {action}"


def create_composite(pick: Pick) -> str:
    return f"CREATE TYPE {pick.new_name('w', 2)} AS (x {pick.one(TYPES[:4])}, y {pick.type_name()})"


def create_range(pick: Pick) -> str:
    return (
        f"CREATE TYPE {pick.new_name('r', 2)} AS RANGE (SUBTYPE = {pick.one(['double precision', 'time'])})"
    )


def alter_composite(pick: Pick) -> str | None:
    found = pick.user_type("c")
    if found is None:
        return None
    action = pick.one(
        [
            f"ADD ATTRIBUTE z {pick.one(TYPES)}", "DROP ATTRIBUTE y", "DROP ATTRIBUTE IF EXISTS z CASCADE",
            "ALTER ATTRIBUTE x TYPE text", "RENAME ATTRIBUTE x TO u", f"RENAME TO {pick.new('w', 2)}",
            f"OWNER TO {pick.role()}", f"SET SCHEMA {pick.schema()}",
        ]
    )  # fmt: skip
    return f"ALTER TYPE {pick.name(found)} {action}"


def alter_enum(pick: Pick) -> str | None:
    found = pick.user_type("e", "r")
    if found is None:
        return None
    action = pick.one(
        [f"RENAME TO {pick.new('e', 2)}", f"OWNER TO {pick.role()}", f"SET SCHEMA {pick.schema()}"]
    )
    return f"ALTER TYPE {pick.name(found)} {action}"


def drop_type(pick: Pick) -> str | None:
    found = pick.user_type("e", "d", "c", "r")
    if found is None:
        return None
    word = "DOMAIN" if (found.kind == "d") != pick.chance(4) else "TYPE"
    return f"DROP {word} {pick.maybe('IF EXISTS ')}{pick.name(found)}{pick.one(['', ' CASCADE'])}"


def create_sequence(pick: Pick) -> str:
    owned = ""
    if pick.chance(25) and (table := pick.table("r", "p")):
        owned = f" OWNED BY {qualified(pick, table)}.{pick.column(table)}"
    return f"CREATE SEQUENCE {pick.maybe('IF NOT EXISTS ', 10)}{pick.new_name('n', 3)}{pick.maybe(' START 10')}{owned}"


def alter_sequence(pick: Pick) -> str | None:
    found = pick.all(Sequence)
    if not found:
        return None
    table = pick.table("r", "p")
    owned = f"OWNED BY {qualified(pick, table)}.{pick.column(table)}" if table else "OWNED BY NONE"
    action = pick.one(
        ["OWNED BY NONE", owned, owned, "RESTART", f"RENAME TO {pick.new('n', 3)}", f"OWNER TO {pick.role()}",
         f"SET SCHEMA {pick.schema()}"]
    )  # fmt: skip
    return f"ALTER SEQUENCE {pick.name(pick.one(found))} {action}"


def drop_sequence(pick: Pick) -> str | None:
    found = pick.all(Sequence)
    return f"DROP SEQUENCE {pick.name(pick.one(found))}{pick.one(['', ' CASCADE'])}" if found else None


def default_from_sequence(pick: Pick) -> str | None:
    found, table = pick.all(Sequence), pick.table()
    if not found or table is None:
        return None
    name = qualified(pick, pick.one(found))
    call = pick.one([f"nextval('{name}')", f"nextval('{name}'::regclass)", f"nextval('{name}'::text)"])
    return f"ALTER TABLE {pick.name(table)} ALTER {pick.column(table)} SET DEFAULT {call}"


KINDS: tuple[Kind, ...] = (
    create_enum,
    add_enum_value,
    rename_enum_value,
    create_domain,
    alter_domain,
    create_composite,
    create_range,
    alter_composite,
    alter_enum,
    drop_type,
    create_sequence,
    alter_sequence,
    drop_sequence,
    default_from_sequence,
)
