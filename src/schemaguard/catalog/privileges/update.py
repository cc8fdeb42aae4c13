"""Changes to an access control list, one privilege at a time, by PostgreSQL's rules (`acl.c`).

An entry says who gave what to whom. What somebody gave lives only as long as the giver may give it: taking a grant
option away takes what depends on it, or is refused without CASCADE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.errors import DEPENDENT_OBJECTS, INVALID_GRANT, Refused
from schemaguard.catalog.model import PUBLIC, AclItem
from schemaguard.catalog.privileges.membership import has_privileges_of, is_superuser, reached

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from schemaguard.catalog.model import Acl
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Origin


def may_grant(catalog: Catalog, acl: Acl, owner: int, role: int, privilege: str) -> bool:
    """Whether `role` has the grant option for `privilege`: the owner's side always has."""
    if has_privileges_of(catalog, role, owner):
        return True
    return any(
        item.grantable
        and item.privilege == privilege
        and item.grantee != PUBLIC
        and has_privileges_of(catalog, role, item.grantee)
        for item in acl
    )


def holds_any(catalog: Catalog, acl: Acl, owner: int, role: int) -> bool:
    """Whether `role` has any privilege or grant option in the list, PUBLIC's included (`aclmask` with ANY)."""
    return has_privileges_of(catalog, role, owner) or any(
        item.grantee == PUBLIC or has_privileges_of(catalog, role, item.grantee) for item in acl
    )


def best_grantor(
    catalog: Catalog, role: int, privileges: Collection[str], acl: Acl, owner: int
) -> tuple[int, frozenset[str]]:
    """The grantor of record when `role` grants or revokes, and which of the privileges it may (`select_best_grantor`).

    The owner and a superuser act as the owner. Otherwise it is the first role, among `role` and those it inherits from,
    that itself has the grant option for all of them, else the one that has it for the most.
    """
    wanted = frozenset(privileges)
    if role == owner or is_superuser(catalog, role):
        return owner, wanted
    best, available = role, frozenset[str]()
    for candidate in reached(catalog, role, "inherit"):
        if candidate == owner:
            return candidate, wanted
        may = wanted.intersection(
            item.privilege for item in acl if item.grantee == candidate and item.grantable
        )
        if may == wanted:
            return candidate, may
        if len(may) > len(available):
            best, available = candidate, may
    return best, available


def add(catalog: Catalog, acl: Acl, owner: int, new: AclItem) -> Acl:
    """The list with `new` in it.

    Raises:
        Refused: `new` gives a grant option back to one that the grantor has it from.
    """
    if new.grantable and new.grantor != owner:
        _refuse_circle(catalog, acl, owner, new)
    for position, item in enumerate(acl):
        if (item.grantee, item.privilege, item.grantor) == (new.grantee, new.privilege, new.grantor):
            if item.grantable or not new.grantable:
                return acl
            return (*acl[:position], new, *acl[position + 1 :])
    return (*acl, new)


def add_plain(acl: Acl, grantee: int, privileges: Sequence[str], grantor: int, because: Origin | None) -> Acl:
    """The list with several privileges for one grantee in it, without grant option; the same list if it has them.

    What was only presumed (a platform's default) is credited to the first statement that says it.
    """
    known = {item.privilege for item in acl if item.grantee == grantee and item.grantor == grantor}
    if not known.isdisjoint(privileges):
        acl = tuple(
            msgspec.structs.replace(item, because=because)
            if item.grantee == grantee
            and item.grantor == grantor
            and item.privilege in privileges
            and item.because is not None
            and item.because.is_presumed
            else item
            for item in acl
        )
    new = [name for name in privileges if name not in known]
    return (*acl, *(AclItem(grantee, name, grantor, because=because) for name in new)) if new else acl


def _refuse_circle(catalog: Catalog, acl: Acl, owner: int, new: AclItem) -> None:
    """Refuse unless the grantor could grant even if the grantee had no grant option."""
    while theirs := [
        item
        for item in acl
        if item.grantee == new.grantee and item.grantable and item.privilege == new.privilege
    ]:
        acl = remove(catalog, acl, owner, theirs[0], cascade=True)
    if not may_grant(catalog, acl, owner, new.grantor, new.privilege):
        raise Refused(INVALID_GRANT, "grant options cannot be granted back to your own grantor")


def remove(
    catalog: Catalog, acl: Acl, owner: int, old: AclItem, *, option_only: bool = False, cascade: bool = False
) -> Acl:
    """The list without the entry that has `old`'s grantee, privilege and grantor, or without its grant option only.

    What the grantee gave on the strength of that option goes too.

    Raises:
        Refused: there is something that depends on the option, and `cascade` is not set.
    """
    found = find(acl, old.grantee, old.privilege, old.grantor)
    if found is None or (option_only and not found.grantable):
        return acl
    position = acl.index(found)
    kept = (_without_option(found, old.because),) if option_only else ()
    acl = (*acl[:position], *kept, *acl[position + 1 :])
    if not found.grantable or found.grantee == owner:
        return acl
    if may_grant(catalog, acl, owner, found.grantee, found.privilege):
        return acl  # the grantee still has the option from somebody else
    while (dependent := _given_by(acl, found.grantee, found.privilege)) is not None:
        if not cascade:
            raise Refused(
                DEPENDENT_OBJECTS, "dependent privileges exist", hint="Use CASCADE to revoke them too."
            )
        acl = remove(catalog, acl, owner, dependent, cascade=True)
    return acl


def find(acl: Acl, grantee: int, privilege: str, grantor: int) -> AclItem | None:
    """The entry of one grantee, privilege and grantor."""
    for item in acl:
        if item.grantee == grantee and item.privilege == privilege and item.grantor == grantor:
            return item
    return None


def _given_by(acl: Acl, grantor: int, privilege: str) -> AclItem | None:
    return next((item for item in acl if item.grantor == grantor and item.privilege == privilege), None)


def _without_option(item: AclItem, because: Origin | None) -> AclItem:
    return AclItem(item.grantee, item.privilege, item.grantor, because=item.because or because)
