"""
What objects may grant, and grant at birth: the server's own tables, type by type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.model import AclItem
from schemaguard.catalog.privileges.acl import built_in_acl, change_owner, merged, same_rights
from schemaguard.catalog.state import SUPERUSER

if TYPE_CHECKING:
    from tests.catalog.privileges.support import Judge

SERVERS_LETTERS = {
    "c": "c",
    "r": "r",
    "S": "s",
    "d": "d",
    "f": "f",
    "l": "l",
    "L": "L",
    "n": "n",
    "t": "t",
    "F": "F",
    "s": "S",
    "T": "T",
    "p": "p",
}
"""Our letter of an object type (pg_default_acl's) and the one that acldefault() takes."""


@pytest.mark.postgres
@pytest.mark.parametrize("objtype", SERVERS_LETTERS)
def test_built_in_privileges_are_the_servers(judge: Judge, objtype: str) -> None:
    theirs = set(
        judge.connection.execute(
            "SELECT grantee::int, privilege_type, grantor::int, is_grantable "
            'FROM aclexplode(acldefault(%s::"char", 10))',
            [SERVERS_LETTERS[objtype]],
        )
    )

    ours = {
        (item.grantee, item.privilege, item.grantor, item.grantable)
        for item in built_in_acl(judge.version, SUPERUSER, objtype)
    }

    assert ours == theirs


def test_change_of_owner_joins_what_both_had() -> None:
    """P9: the old owner's entries become the new owner's; a grant to the new owner is its own now."""
    old, new, other = 20001, 20002, 20003
    acl = (
        AclItem(old, "SELECT", old),
        AclItem(new, "SELECT", old, grantable=True),
        AclItem(other, "SELECT", new),
        AclItem(other, "SELECT", old),
    )

    assert same_rights(
        change_owner(acl, old, new) or (),
        (AclItem(new, "SELECT", new, grantable=True), AclItem(other, "SELECT", new)),
    )


def test_a_list_that_is_built_in_stays_built_in() -> None:
    assert change_owner(None, 20001, 20002) is None


def test_merged_keeps_the_grant_option() -> None:
    plain, grantable = AclItem(1, "SELECT", 2), AclItem(1, "SELECT", 2, grantable=True)

    assert merged((plain, grantable)) == (grantable,)
