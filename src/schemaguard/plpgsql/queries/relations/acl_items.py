"""Access control lists as values: `relacl` and its like, and what `aclexplode` makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Acl
    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.values.kinds import Value

LETTERS = {
    "INSERT": "a", "SELECT": "r", "UPDATE": "w", "DELETE": "d", "TRUNCATE": "D", "REFERENCES": "x", "TRIGGER": "t",
    "EXECUTE": "X", "USAGE": "U", "CREATE": "C", "CONNECT": "c", "TEMPORARY": "T", "SET": "s", "ALTER SYSTEM": "A",
    "MAINTAIN": "m",
}  # fmt: skip
"""Privileges as aclitem prints them, in the order of their bits."""


class AclEntry(str):
    """An aclitem: its text, and grantee, grantor and privileges (with the grant option or not) as parts."""

    __slots__ = ("grantee", "grantor", "privileges")

    grantee: int
    grantor: int
    privileges: list[tuple[str, bool]]


def acl_value(context: Context, acl: Acl | None) -> Value:
    """The list as an array of aclitems, NULL for the built-in default or an empty column list."""
    if not acl:
        return None if acl is None else []
    entries: dict[tuple[int, int], dict[str, bool]] = {}
    for item in acl:
        privileges = entries.setdefault((item.grantee, item.grantor), {})
        privileges[item.privilege] = privileges.get(item.privilege, False) or item.grantable
    return [_entry(context, grantee, grantor, held) for (grantee, grantor), held in entries.items()]


def _entry(context: Context, grantee: int, grantor: int, held: dict[str, bool]) -> AclEntry:
    from schemaguard.catalog.names import quote_identifier

    letters = "".join(
        letter + ("*" if held[privilege] else "")
        for privilege, letter in LETTERS.items()
        if privilege in held
    )
    name = quote_identifier(context.catalog.owner_name(grantee)) if grantee else ""
    entry = AclEntry(f"{name}={letters}/{quote_identifier(context.catalog.owner_name(grantor))}")
    entry.grantee, entry.grantor = grantee, grantor
    entry.privileges = [(privilege, held[privilege]) for privilege in LETTERS if privilege in held]
    return entry


def explode(acl: Value) -> Iterator[tuple[Value, ...]]:
    """`aclexplode`: grantor, grantee, privilege, grantable."""
    for item in acl or ():
        if not isinstance(item, AclEntry):
            raise Unanswerable("an aclitem written as text is not evaluated here")
        for privilege, grantable in item.privileges:
            yield item.grantor, item.grantee, privilege, grantable
