"""Who can do what, and why: the questions that rules and commands ask of the privileges in the catalog.

`can` and its kin answer with a `Proof` or None, so they also serve as yes or no. They answer for the catalog as it is
now; whether row security then hides rows is another question (see `row_security`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import PUBLIC, Function, Relation, Role, Schema, Sequence
from schemaguard.catalog.privileges.acl import default_acl, effective_acl, objtype_of, rights
from schemaguard.catalog.privileges.membership import has_privileges_of, is_superuser, on_schemas, reached
from schemaguard.catalog.privileges.predefined import PG_READ_ALL_DATA, PG_WRITE_ALL_DATA, data_role
from schemaguard.catalog.privileges.proof import (
    Link,
    Proof,
    grant_link,
    items_by_grantee,
    membership_link,
    membership_links,
    owner_link,
    role_text,
    superuser_link,
)
from schemaguard.catalog.state import SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Acl, AclItem
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Origin

COLUMN_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "REFERENCES")


def can(catalog: Catalog, role: int, privilege: str, oid: int, column: int | None = None) -> Proof | None:
    """The best proof that `role` can use `privilege` (``DELETE``) on relation `oid`, or on its `column`.

    A privilege on some columns only, and one that needs SET ROLE, count too: see `Proof.kind` and `Proof.effective`.
    """
    return next(proofs(catalog, role, privilege, oid, column), None)


def proofs(
    catalog: Catalog, role: int, privilege: str, oid: int, column: int | None = None
) -> Iterator[Proof]:
    """Every way in which `role` comes to `privilege` on relation `oid`, the most direct first.

    Of an object that is no relation: those without SET ROLE.
    """
    if is_superuser(catalog, role):
        yield Proof("superuser", role, privilege, oid, (superuser_link(catalog, role),))
    yield from _granted(catalog, role, privilege, oid)
    if not isinstance(catalog.objects[oid], Relation):
        return
    yield from _predefined(catalog, role, privilege, oid, data_role(catalog.version, privilege))
    yield from _on_columns(catalog, role, privilege, oid, column)
    yield from _after_set_role(catalog, role, privilege, oid, column)


def _granted(catalog: Catalog, role: int, privilege: str, oid: int) -> Iterator[Proof]:
    """Proofs by an entry of the object's list: for the role, for PUBLIC, for a role it inherits from."""
    record = catalog.objects[oid]
    entries = items_by_grantee(effective_acl(catalog, record), privilege)
    if not entries:
        return
    if role in entries:
        link, is_owner = _entry_link(catalog, record, entries[role])
        yield Proof("owner" if is_owner else "direct", role, privilege, oid, (link,))
    if PUBLIC in entries:
        item = entries[PUBLIC]
        yield Proof(
            "public", role, privilege, oid, (_one_of_public(catalog, role), grant_link(catalog, item))
        )
    if len(entries) - (PUBLIC in entries) - (role in entries) == 0:
        return
    for group in reached(catalog, role, "inherit"):
        if group != role and group in entries:
            link, is_owner = _entry_link(catalog, record, entries[group])
            chain = membership_links(catalog, role, group)
            yield Proof("owner" if is_owner else "member", role, privilege, oid, (*chain, link))


def _one_of_public(catalog: Catalog, role: int) -> Link:
    return Link(role_text(catalog, role), "is, like every role, part of PUBLIC")


def _entry_link(catalog: Catalog, record: Any, item: AclItem) -> tuple[Link, bool]:  # noqa: ANN401 - any record
    """An entry as a link; the owner's own is said to come from ownership unless somebody else gave it."""
    if item.grantee == record.owner == item.grantor:
        return _ownership(catalog, record), True
    return grant_link(catalog, item), False


def _ownership(catalog: Catalog, record: Any) -> Link:  # noqa: ANN401 - any record with an owner
    because: Origin | None = getattr(record, "owner_because", None) or record.because
    name = record.name if isinstance(record, Schema) else catalog.qualified(record)
    return owner_link(catalog, record.owner, f"`{name}`", because)


def _predefined(catalog: Catalog, role: int, privilege: str, oid: int, *groups: int) -> Iterator[Proof]:
    """Proofs by membership in a role that has the privilege everywhere, such as pg_write_all_data."""
    for group in groups:
        if group in catalog.objects and group in reached(catalog, role, "inherit"):
            everywhere = Link(role_text(catalog, group), f"has {privilege} everywhere")
            chain = membership_links(catalog, role, group)
            yield Proof("predefined", role, privilege, oid, (*chain, everywhere))


def _on_columns(catalog: Catalog, role: int, privilege: str, oid: int, column: int | None) -> Iterator[Proof]:
    """Proofs for some columns only: one for each grantee that the role is or inherits from."""
    relation = catalog.get(oid, Relation)
    if privilege not in COLUMN_PRIVILEGES:
        return
    found: dict[int, tuple[AclItem, list[str]]] = {}
    for each in relation.columns:
        if each.acl and column in (None, each.number):
            for grantee, item in items_by_grantee(each.acl, privilege).items():
                found.setdefault(grantee, (item, []))[1].append(each.name)
    if not found:
        return
    for grantee in (role, PUBLIC, *reached(catalog, role, "inherit")):
        if grantee in found:
            item, names = found.pop(grantee)
            chain = (
                (_one_of_public(catalog, role),)
                if grantee == PUBLIC
                else membership_links(catalog, role, grantee)
            )
            yield Proof(
                "columns", role, privilege, oid, (*chain, grant_link(catalog, item, names)), tuple(names)
            )


def _after_set_role(
    catalog: Catalog, role: int, privilege: str, oid: int, column: int | None
) -> Iterator[Proof]:
    """Proofs by SET ROLE to a role whose privileges are not inherited."""
    inherited = reached(catalog, role, "inherit")
    for group, grant in reached(catalog, role, "set").items():
        if grant is None or (group in inherited and not is_superuser(catalog, group)):
            continue
        proof = _without_set_role(catalog, group, privilege, oid, column)
        if proof is not None:
            chain = membership_links(catalog, role, grant.member, "set")
            step = membership_link(catalog, grant, "set")
            yield Proof("set role", role, privilege, oid, (*chain, step, *proof.links), proof.columns)


def _without_set_role(
    catalog: Catalog, role: int, privilege: str, oid: int, column: int | None
) -> Proof | None:
    if is_superuser(catalog, role):
        return Proof("superuser", role, privilege, oid, (superuser_link(catalog, role),))
    for found in (
        _granted(catalog, role, privilege, oid),
        _predefined(catalog, role, privilege, oid, data_role(catalog.version, privilege)),
        _on_columns(catalog, role, privilege, oid, column),
    ):
        if (proof := next(found, None)) is not None:
            return proof
    return None


def can_regrant(catalog: Catalog, role: int, oid: int) -> Proof | None:
    """The proof that `role` can give itself any privilege: it owns the object, or reaches its owner or a superuser.

    Revoking from such a role does not hold: what it lost it can take back.
    """
    record = catalog.objects[oid]
    if is_superuser(catalog, role):
        return Proof("superuser", role, "", oid, (superuser_link(catalog, role),))
    if record.owner in reached(catalog, role, "inherit"):
        chain = membership_links(catalog, role, record.owner)
        return Proof("owner", role, "", oid, (*chain, _ownership(catalog, record)))
    for group, grant in reached(catalog, role, "set").items():
        if grant is not None and (group == record.owner or is_superuser(catalog, group)):
            last = superuser_link(catalog, group) if group != record.owner else _ownership(catalog, record)
            return Proof("set role", role, "", oid, (*membership_links(catalog, role, group, "set"), last))
    return None


def can_on_schema(catalog: Catalog, role: int, schema: int, privilege: str) -> Proof | None:
    """The proof that `role` has USAGE or CREATE on a schema, without SET ROLE."""
    if is_superuser(catalog, role):
        return Proof("superuser", role, privilege, schema, (superuser_link(catalog, role),))
    everywhere = (PG_READ_ALL_DATA, PG_WRITE_ALL_DATA) if privilege == "USAGE" else ()
    return next(_granted(catalog, role, privilege, schema), None) or next(
        _predefined(catalog, role, privilege, schema, *everywhere), None
    )


def can_execute(catalog: Catalog, role: int, function: int) -> Proof | None:
    """The proof that `role` may call a function or procedure, without SET ROLE."""
    return _can_on(catalog, role, "EXECUTE", function, Function)


def can_use_sequence(catalog: Catalog, role: int, sequence: int, privilege: str = "USAGE") -> Proof | None:
    """The proof that `role` may use a sequence (USAGE or UPDATE for nextval), without SET ROLE."""
    return _can_on(catalog, role, privilege, sequence, Sequence)


def can_on(catalog: Catalog, role: int, privilege: str, oid: int) -> Proof | None:
    """The proof that `role` has a privilege on any object with an access control list, without SET ROLE."""
    return _can_on(catalog, role, privilege, oid, object)


def _can_on(catalog: Catalog, role: int, privilege: str, oid: int, kind: type[object]) -> Proof | None:
    record = catalog.get(oid, kind)
    if is_superuser(catalog, role):
        return Proof("superuser", role, privilege, oid, (superuser_link(catalog, role),))
    found = next(_granted(catalog, role, privilege, oid), None)
    if found is None and isinstance(record, Relation):
        found = next(_predefined(catalog, role, privilege, oid, data_role(catalog.version, privilege)), None)
    return found


def can_on_database(catalog: Catalog, role: int, privilege: str) -> bool:
    """Whether `role` has CREATE, CONNECT or TEMPORARY on the database that the history runs in.

    Its name is not known for sure (migrations name it, or not), so a grant on any database counts as one on it.
    """
    if is_superuser(catalog, role):
        return True
    lists = [effective_acl(catalog, record) for record in _databases(catalog)]
    if not lists:
        lists = [default_acl(catalog, catalog.facts["database_owner"], "d")]
    return any(_holds(catalog, acl, role, privilege) for acl in lists)


def _databases(catalog: Catalog) -> Iterator[Any]:
    for (kind, _schema, _name), oid in catalog.others.items():
        if kind == "pg_database":
            yield catalog.objects[oid]


def _holds(catalog: Catalog, acl: Acl, role: int, privilege: str) -> bool:
    return any(
        item.privilege == privilege
        and (item.grantee == PUBLIC or has_privileges_of(catalog, role, item.grantee))
        for item in acl
    )


def has_privilege(catalog: Catalog, role: int, privilege: str, oid: int) -> bool:
    """What `has_table_privilege`, `has_schema_privilege` … answer for a role, without building a proof."""
    record = catalog.objects[oid]
    if is_superuser(catalog, role) or _holds(catalog, effective_acl(catalog, record), role, privilege):
        return True
    groups: tuple[int, ...] = ()
    if isinstance(record, Relation):
        groups = (data_role(catalog.version, privilege),)
    elif isinstance(record, Schema) and privilege == "USAGE":
        groups = (PG_READ_ALL_DATA, PG_WRITE_ALL_DATA)
    inherited = reached(catalog, role, "inherit")
    return any(group in inherited for group in groups)


def has_schema_privilege(catalog: Catalog, role: int, privilege: str, schema: int) -> bool:
    """What `has_schema_privilege` answers; every name that is looked up asks, so the answers are kept.

    One holds for as long as the memberships and both records stay what they are.
    """
    answers = on_schemas(catalog)
    asked = (role, privilege, schema)
    role_record, schema_record = catalog.objects[role], catalog.objects[schema]
    known = answers.get(asked)
    if known is not None and known[0] is role_record and known[1] is schema_record:
        return known[2]
    answer = has_privilege(catalog, role, privilege, schema)
    answers[asked] = (role_record, schema_record, answer)
    return answer


def has_column_privilege(catalog: Catalog, role: int, privilege: str, oid: int, column: int) -> bool:
    """What `has_column_privilege` answers: the table's privilege, or the column's."""
    found = catalog.get(oid, Relation).column_at(column)
    if found is None:
        return False
    return has_privilege(catalog, role, privilege, oid) or _holds(catalog, found.acl, role, privilege)


def effective_privileges(catalog: Catalog, oid: int) -> dict[int, list[str]]:
    """What each role that is neither a superuser nor predefined has on a relation, as `has_table_privilege` answers.

    In PostgreSQL's order of privileges; roles with none are left out.
    """
    record = catalog.objects[oid]
    acl = effective_acl(catalog, record)
    known = rights(catalog.version, objtype_of(record))
    everybody = {item.privilege for item in acl if item.grantee == PUBLIC}
    found: dict[int, list[str]] = {}
    for role in _ordinary_roles(catalog):
        inherited = reached(catalog, role, "inherit")
        has = everybody.union(item.privilege for item in acl if item.grantee in inherited)
        privileges = [name for name in known if name in has or data_role(catalog.version, name) in inherited]
        if privileges:
            found[role] = privileges
    return found


def _ordinary_roles(catalog: Catalog) -> Iterator[int]:
    for oid in catalog.roles.values():
        role = catalog.get(oid, Role)
        if not role.superuser and (not role.predefined or oid == SUPERUSER):
            yield oid
