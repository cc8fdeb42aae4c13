"""What stands in the way of dropping a role: `pg_shdepend`, worked out from the records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.model import CompositeType, Function, Index, Policy, Relation, Role, Schema, Type
from schemaguard.catalog.privileges.membership import GRANT_OPTIONS_SINCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Acl
    from schemaguard.catalog.state import Catalog

_KINDS = {
    "r": "table", "p": "table", "f": "foreign table", "v": "view", "m": "materialized view", "S": "sequence",
    "c": "composite type",
}  # fmt: skip


class Dependence(NamedTuple):
    """One way in which an object depends on a role: it owns it ("owner"), is in its ACL, or in the policy's TO list."""

    kind: str
    record: Any


def depending_on(catalog: Catalog, role: int) -> Iterator[Dependence]:
    """Every object that the role owns, has or gave a privilege on, or is named in a policy of.

    Indexes are left out: they go with their table. So are default privileges and memberships, which have no record
    under an oid (see `dependence_on_role`).
    """
    for record in list(catalog.objects.values()):
        if isinstance(record, Policy):
            if role in record.roles:
                yield Dependence("policy", record)
            continue
        if isinstance(record, (Role, Index)):
            continue
        if getattr(record, "owner", None) == role and not _goes_along(catalog, record):
            yield Dependence("owner", record)
        elif _in_acl(getattr(record, "acl", None), role) or (
            isinstance(record, Relation) and any(_in_acl(column.acl, role) for column in record.columns)
        ):
            yield Dependence("acl", record)


def _goes_along(catalog: Catalog, record: Any) -> bool:  # noqa: ANN401 - any record with an owner
    """Whether a record is owned only because something else is: a row type, the relation behind a composite type."""
    if isinstance(record, Type) and record.relation:
        return not isinstance(catalog.objects.get(record.relation), CompositeType)
    return isinstance(record, CompositeType)


def _in_acl(acl: Acl | None, role: int) -> bool:
    return acl is not None and any(role in (item.grantee, item.grantor) for item in acl)


def dependence_on_role(catalog: Catalog, role: int) -> list[str]:
    """Why the role cannot be dropped, one line for each object that depends on it, as the server's DETAIL words it."""
    found = [_sentence(catalog, dependence) for dependence in depending_on(catalog, role)]
    if catalog.facts["database_owner"] == role:
        found.append(f"owner of database {catalog.facts['database']}")
    for default in catalog.default_acls.values():
        if default.role == role:
            found.append(
                f"owner of default privileges on new objects belonging to role {catalog.owner_name(role)}"
            )
        elif _in_acl(default.acl, role):
            owner = catalog.owner_name(default.role)
            found.append(f"privileges for default privileges on new objects belonging to role {owner}")
    if catalog.version >= GRANT_OPTIONS_SINCE:
        found.extend(
            f"privileges for membership of role {catalog.owner_name(grant.member)} "
            f"in role {catalog.owner_name(grant.role)}"
            for grant in catalog.memberships.values()
            if grant.grantor == role
        )
    return found


def _sentence(catalog: Catalog, dependence: Dependence) -> str:
    record = dependence.record
    if dependence.kind == "policy":
        return f"target of policy {record.name} on table {catalog.objects[record.table].name}"
    words = "owner of" if dependence.kind == "owner" else "privileges for"
    if isinstance(record, Relation):
        return f"{words} {_KINDS[record.kind]} {record.name}"
    if isinstance(record, Schema):
        return f"{words} schema {record.name}"
    if isinstance(record, Function):
        return f"{words} {'procedure' if record.kind == 'p' else 'function'} {record.name}"
    return f"{words} {type(record).__name__.lower()} {record.name}"
