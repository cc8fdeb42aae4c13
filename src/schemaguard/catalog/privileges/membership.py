"""Role membership: who has whose rights, and through which grants.

Three relations, as in PostgreSQL's acl.c: *inherit* (the member has the role's privileges at all times), *set* (it can
`SET ROLE` to it) and *any*. From PostgreSQL 16 each grant carries its INHERIT and SET options; before, a member
inherits if its own `rolinherit` says so and can always SET ROLE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from schemaguard.catalog.model import Membership, Role
from schemaguard.catalog.privileges.predefined import PG_DATABASE_OWNER
from schemaguard.catalog.state import SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Schema
    from schemaguard.catalog.state import Catalog

GRANT_OPTIONS_SINCE = 16
"""The first version with INHERIT and SET options on grants, several grantors, and ADMIN for who creates a role."""

How = Literal["inherit", "set", "any"]
Closure = dict[int, Membership | None]
"""Every role that a role reaches, nearest first, itself included, with the grant by which it was reached."""


class _Closures:
    """What has been worked out about the present memberships.

    One lives in `catalog.facts` and is replaced, through the journal, with every change: rewinding brings back the one
    that belongs to the older state. All compare equal, for none is a fact of its own.
    """

    __slots__ = ("database_owner", "found", "on_schemas")

    def __init__(self, database_owner: int) -> None:
        self.database_owner = database_owner
        self.found: dict[tuple[int, How], Closure] = {}
        self.on_schemas: dict[tuple[int, str, int], tuple[Role, Schema, bool]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Closures)

    def __hash__(self) -> int:
        return 0


_FACT = "membership_closures"


def put_membership(catalog: Catalog, membership: Membership) -> None:
    """Add a grant of membership, or change the options of the one with the same role, member and grantor."""
    key = (membership.role, membership.member, membership.grantor)
    catalog.put(catalog.memberships, key, membership)
    catalog.put_in(catalog.groups_of, membership.member, key, value=True)
    forget_closures(catalog)


def remove_membership(catalog: Catalog, membership: Membership) -> None:
    """Take a grant of membership away."""
    key = (membership.role, membership.member, membership.grantor)
    catalog.remove(catalog.memberships, key)
    catalog.remove(catalog.groups_of.get(membership.member, {}), key)
    forget_closures(catalog)


def forget_closures(catalog: Catalog) -> None:
    """Say that a membership, or a role's `inherit`, has changed."""
    catalog.put(catalog.facts, _FACT, _Closures(catalog.facts["database_owner"]))


def members_of(catalog: Catalog, role: int) -> list[Membership]:
    """The grants of membership in a role, ordered as the server lists them: by member, then by grantor."""
    return [catalog.memberships[key] for key in sorted(key for key in catalog.memberships if key[0] == role)]


def reached(catalog: Catalog, member: int, how: How) -> Closure:
    """The roles that `member` reaches (`roles_is_member_of`), breadth first and in the server's order."""
    closures = _closures(catalog)
    found = closures.found.get((member, how))
    if found is None:
        found = closures.found[member, how] = _walk(catalog, member, how)
    return found


def on_schemas(catalog: Catalog) -> dict[tuple[int, str, int], tuple[Role, Schema, bool]]:
    """Answers of `has_schema_privilege` under the present memberships: role, privilege, schema; see there."""
    return _closures(catalog).on_schemas


def _closures(catalog: Catalog) -> _Closures:
    owner = catalog.facts["database_owner"]
    closures: _Closures | None = catalog.facts.get(_FACT)
    if closures is None or closures.database_owner != owner:
        closures = _Closures(owner)
        catalog.put(catalog.facts, _FACT, closures)
    return closures


def _walk(catalog: Catalog, member: int, how: How) -> Closure:
    found: Closure = {member: None}
    waiting = [member]
    for role in waiting:
        for membership in _groups(catalog, role, how):
            if membership.role not in found:
                found[membership.role] = membership
                waiting.append(membership.role)
    return found


def _groups(catalog: Catalog, member: int, how: How) -> Iterator[Membership]:
    """The grants that lead one step up from `member`."""
    if catalog.version < GRANT_OPTIONS_SINCE and how == "inherit" and not catalog.get(member, Role).inherit:
        return
    for key in sorted(catalog.groups_of.get(member, ())):
        membership = catalog.memberships[key]
        option = membership.inherit if how == "inherit" else membership.set
        if option or how == "any" or catalog.version < GRANT_OPTIONS_SINCE:
            yield membership
    if member == catalog.facts["database_owner"] and PG_DATABASE_OWNER in catalog.objects:
        yield Membership(PG_DATABASE_OWNER, member, SUPERUSER)


def path(catalog: Catalog, member: int, role: int, how: How) -> list[Membership] | None:
    """The shortest chain of grants from `member` up to `role`; None where there is none, empty for itself."""
    closure = reached(catalog, member, how)
    if role not in closure:
        return None
    chain: list[Membership] = []
    while (step := closure[role]) is not None:
        chain.append(step)
        role = step.member
    return chain[::-1]


def is_superuser(catalog: Catalog, role: int) -> bool:
    """Whether a role has the SUPERUSER attribute itself."""
    return catalog.get(role, Role).superuser


def has_privileges_of(catalog: Catalog, member: int, role: int) -> bool:
    """Whether `member` has the privileges of `role` without SET ROLE: is it, inherits from it, or is a superuser."""
    return member == role or is_superuser(catalog, member) or role in reached(catalog, member, "inherit")


def is_member_of(catalog: Catalog, member: int, role: int) -> bool:
    """Whether `member` is in `role` by any chain of grants; a superuser is in every role."""
    return member == role or is_superuser(catalog, member) or role in reached(catalog, member, "any")


def can_set_role(catalog: Catalog, member: int, role: int) -> bool:
    """Whether `member` may `SET ROLE` to `role`; a superuser may to every role."""
    return member == role or is_superuser(catalog, member) or role in reached(catalog, member, "set")


def is_admin_of(catalog: Catalog, member: int, role: int) -> bool:
    """Whether `member` may grant `role` to others: it, or a role it is in, has ADMIN OPTION; a superuser always may."""
    if is_superuser(catalog, member):
        return True
    return member != role and best_admin(catalog, member, role, how="any") != 0


def best_admin(catalog: Catalog, member: int, role: int, *, how: How = "inherit") -> int:
    """The nearest role among those that `member` reaches with ADMIN OPTION on `role` itself, 0 where there is none.

    It becomes the grantor of a membership that `member` grants (`select_best_admin`).
    """
    if member == role:
        return 0
    for candidate in reached(catalog, member, how):
        for membership in catalog.memberships_of(candidate):
            if membership.role == role and membership.admin:
                return candidate
    return 0
