"""
Roles, memberships, GRANT and REVOKE, default privileges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Sequence
from tests.oracle.pick import ROLES, qualified

if TYPE_CHECKING:
    from tests.oracle.pick import Kind, Pick

TABLE_PRIVILEGES = (
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "TRUNCATE",
    "REFERENCES",
    "TRIGGER",
    "MAINTAIN",
    "ALL",
)
COLUMN_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "REFERENCES", "ALL")
OBJECTS = {
    "TABLES": ("SELECT", "INSERT", "UPDATE", "ALL"),
    "SEQUENCES": ("USAGE", "SELECT", "ALL"),
    "FUNCTIONS": ("EXECUTE",),
}


def _what(pick: Pick, privileges: tuple[str, ...]) -> str:
    chosen = pick.some(privileges, 2)
    return "ALL" if "ALL" in chosen else ", ".join(chosen)


def _grant(pick: Pick, what: str, on: str) -> str:
    grantee = pick.grantee()
    option = pick.maybe(" WITH GRANT OPTION", 20 if grantee != "PUBLIC" else 2)
    by = pick.maybe(" GRANTED BY CURRENT_USER", 3)
    return f"GRANT {what} ON {on} TO {grantee}{option}{by}"


def _revoke(pick: Pick, what: str, on: str) -> str:
    option = pick.maybe("GRANT OPTION FOR ", 15)
    return f"REVOKE {option}{what} ON {on} FROM {pick.grantee()}{pick.one(['', ' CASCADE', ' RESTRICT'])}"


def grant_on_table(pick: Pick) -> str | None:
    name = pick.relation_name()
    return name and _grant(pick, _what(pick, TABLE_PRIVILEGES), name)


def revoke_on_table(pick: Pick) -> str | None:
    name = pick.relation_name()
    return name and _revoke(pick, _what(pick, TABLE_PRIVILEGES), name)


def _columns(pick: Pick) -> tuple[str, str] | None:
    relation = pick.relation()
    if relation is None:
        return None
    columns = ", ".join(dict.fromkeys(pick.column(relation) for _ in range(pick.number(1, 2))))
    return f"{pick.one(COLUMN_PRIVILEGES)} ({columns})", pick.name(relation)


def grant_on_columns(pick: Pick) -> str | None:
    found = _columns(pick)
    return found and _grant(pick, *found)


def revoke_on_columns(pick: Pick) -> str | None:
    found = _columns(pick)
    return found and _revoke(pick, *found)


def grant_on_all(pick: Pick) -> str:
    objects = pick.one([*OBJECTS])
    return _grant(pick, _what(pick, OBJECTS[objects]), f"ALL {objects} IN SCHEMA {pick.schema()}")


def revoke_on_all(pick: Pick) -> str:
    objects = pick.one([*OBJECTS])
    return _revoke(pick, _what(pick, OBJECTS[objects]), f"ALL {objects} IN SCHEMA {pick.schema()}")


def _other(pick: Pick) -> tuple[str, str] | None:
    kind = pick.one(["SCHEMA", "SEQUENCE", "FUNCTION"])
    if kind == "SCHEMA":
        return pick.one(["USAGE", "CREATE", "ALL"]), f"SCHEMA {pick.schema()}"
    if kind == "SEQUENCE":
        found = pick.all(Sequence)
        return (
            (pick.one(["USAGE", "SELECT", "UPDATE", "ALL"]), f"SEQUENCE {pick.name(pick.one(found))}")
            if found
            else None
        )
    function = pick.function()
    if function is None:
        return None
    word = "PROCEDURE" if function.kind == "p" else "FUNCTION"
    return pick.one(["EXECUTE", "ALL"]), f"{word} {qualified(pick, function)}"


def grant_on_other(pick: Pick) -> str | None:
    found = _other(pick)
    return found and _grant(pick, *found)


def revoke_on_other(pick: Pick) -> str | None:
    found = _other(pick)
    return found and _revoke(pick, *found)


def alter_default_privileges(pick: Pick) -> str:
    creator = pick.maybe(f" FOR ROLE {pick.role()}", 40)
    schema = pick.maybe(f" IN SCHEMA {pick.schema()}", 50)
    objects = pick.one([*OBJECTS])
    what = _what(pick, OBJECTS[objects])
    if pick.chance(60):
        return f"ALTER DEFAULT PRIVILEGES{creator}{schema} GRANT {what} ON {objects} TO {pick.grantee()}"
    return f"ALTER DEFAULT PRIVILEGES{creator}{schema} REVOKE {what} ON {objects} FROM {pick.grantee()}"


def grant_role(pick: Pick) -> str:
    options = pick.one(
        [
            "",
            "",
            " WITH ADMIN OPTION",
            " WITH INHERIT FALSE",
            " WITH SET FALSE",
            " WITH INHERIT TRUE, SET FALSE",
        ]
    )
    group = pick.one([pick.role(), pick.role(), "pg_read_all_data", "pg_write_all_data"])
    return f"GRANT {group} TO {pick.role()}{options}"


def revoke_role(pick: Pick) -> str:
    option = pick.one(["", "", "ADMIN OPTION FOR ", "INHERIT OPTION FOR "])
    return f"REVOKE {option}{pick.role()} FROM {pick.role()}{pick.one(['', ' CASCADE'])}"


def create_role(pick: Pick) -> str:
    words = [
        "LOGIN",
        "CREATEROLE",
        "CREATEDB",
        "BYPASSRLS",
        "NOINHERIT",
        f"IN ROLE {pick.role()}",
        f"ROLE {pick.role()}",
    ]
    options = " ".join(pick.some(words, 2)) if pick.chance(60) else ""
    return f"CREATE {pick.one(['ROLE', 'USER'])} {pick.new('x', 2)} {options}"


def alter_role(pick: Pick) -> str:
    words = [
        "LOGIN",
        "NOLOGIN",
        "CREATEROLE",
        "BYPASSRLS",
        "NOBYPASSRLS",
        "NOINHERIT",
        "INHERIT",
        "SUPERUSER",
        "NOSUPERUSER",
    ]
    return f"ALTER ROLE {pick.role()} {' '.join(pick.some(words, 1))}"


def drop_role(pick: Pick) -> str:
    return f"DROP ROLE {pick.maybe('IF EXISTS ')}{pick.one(['x1', 'x2', pick.role()])}"


def set_role(pick: Pick) -> str:
    return f"SET ROLE {pick.one([*ROLES, 'NONE', 'NONE'])}"


def reset_role(_pick: Pick) -> str:
    return "RESET ROLE"


def set_session_authorization(pick: Pick) -> str:
    return f"SET SESSION AUTHORIZATION {pick.one([*ROLES, 'DEFAULT', 'DEFAULT'])}"


def drop_owned(pick: Pick) -> str:
    return f"DROP OWNED BY {pick.role()}{pick.maybe(' CASCADE', 50)}"


def reassign_owned(pick: Pick) -> str:
    return f"REASSIGN OWNED BY {pick.role()} TO {pick.role()}"


KINDS: tuple[Kind, ...] = (
    grant_on_table,
    revoke_on_table,
    grant_on_columns,
    revoke_on_columns,
    grant_on_all,
    revoke_on_all,
    grant_on_other,
    revoke_on_other,
    alter_default_privileges,
    grant_role,
    revoke_role,
    create_role,
    alter_role,
    drop_role,
    set_role,
    reset_role,
    set_session_authorization,
    drop_owned,
    reassign_owned,
)
