"""Who can do something with a relation, in which ways, and what still stands between them and its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.model import PUBLIC, Relation, Role, Table
from schemaguard.catalog.privileges.acl import effective_acl
from schemaguard.catalog.privileges.proof import Proof, grant_link, items_by_grantee
from schemaguard.catalog.privileges.query import COLUMN_PRIVILEGES, can_on_schema, proofs
from schemaguard.catalog.privileges.row_security import escapes_row_security
from schemaguard.catalog.privileges.views import WRITES, writable_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.facts.shape import UnknownFact
    from schemaguard.catalog.state import Catalog


class Access(NamedTuple):
    """What lets one role (0: PUBLIC) use a privilege on a relation.

    `ways`: every proof, the most direct first. `uses_schema`: whether it may look into the relation's schema at all,
    without which the privilege is no use. `row_security`: "off", "binds" (policies choose the rows), or "escaped",
    with `escape` the proof.
    """

    role: int
    ways: tuple[Proof, ...]
    uses_schema: bool
    row_security: str
    escape: Proof | None


def who_can(catalog: Catalog, privilege: str, relation: Relation) -> list[Access]:
    """Every role that can use a privilege on a relation, or on some of its columns, in the order of their names.

    PUBLIC comes first if it was granted something; roles that every server has are left out unless they are superusers.
    """
    found = []
    if (public := access(catalog, PUBLIC, privilege, relation)) is not None:
        found.append(public)
    roles = (catalog.get(oid, Role) for oid in catalog.roles.values())
    for role in sorted(roles, key=lambda role: role.name):
        if role.predefined and not role.superuser:
            continue
        if (one := access(catalog, role.oid, privilege, relation)) is not None:
            found.append(one)
    return found


def access(catalog: Catalog, role: int, privilege: str, relation: Relation) -> Access | None:
    """What lets a role use a privilege on a relation; None where nothing does."""
    if role == PUBLIC:
        ways = tuple(_of_public(catalog, privilege, relation))
        return (
            Access(role, ways, _is_open(catalog, relation), _row_security(relation, None), None)
            if ways
            else None
        )
    ways = tuple(proofs(catalog, role, privilege, relation.oid))
    if ways and ways[0].kind == "superuser":
        ways = ways[:1]  # it needs no other
    elif privilege in WRITES and isinstance(relation, Table):
        ways += tuple(proof for _, proof in writable_views(catalog, relation.oid, role, privilege))
    if not ways:
        return None
    escape = escapes_row_security(catalog, role, relation.oid) if isinstance(relation, Table) else None
    uses_schema = can_on_schema(catalog, role, relation.schema, "USAGE") is not None
    return Access(role, ways, uses_schema, _row_security(relation, escape), escape)


def _of_public(catalog: Catalog, privilege: str, relation: Relation) -> Iterator[Proof]:
    item = items_by_grantee(effective_acl(catalog, relation), privilege).get(PUBLIC)
    if item is not None:
        yield Proof("direct", PUBLIC, privilege, relation.oid, (grant_link(catalog, item),))
    if privilege not in COLUMN_PRIVILEGES:
        return
    found = [
        (column.name, items_by_grantee(column.acl, privilege)[PUBLIC])
        for column in relation.columns
        if column.acl and PUBLIC in items_by_grantee(column.acl, privilege)
    ]
    if found:
        names = tuple(name for name, _ in found)
        link = grant_link(catalog, found[0][1], names)
        yield Proof("columns", PUBLIC, privilege, relation.oid, (link,), names)


def _is_open(catalog: Catalog, relation: Relation) -> bool:
    """Whether everybody may look into a relation's schema."""
    acl = effective_acl(catalog, catalog.objects[relation.schema])
    return PUBLIC in items_by_grantee(acl, "USAGE")


def _row_security(relation: Relation, escape: Proof | None) -> str:
    if not isinstance(relation, Table) or not relation.row_security:
        return "off"
    return "binds" if escape is None else "escaped"


def unknown_about(catalog: Catalog, unknown: list[UnknownFact], relation: Relation) -> list[UnknownFact]:
    """The facts that cannot be known and that may give or take a privilege on a relation: its own, and the roles'."""
    name = catalog.qualified(relation)
    relevant = ("roles", "default_privileges")
    found = []
    for fact in unknown:
        kind, _, rest = fact["path"].partition("/")
        own = rest.partition("/")[0] == name
        column = own and rest.count("/") > 1 and "privileges" not in rest
        if kind in relevant or (own and not column):
            found.append(fact)
    return found
