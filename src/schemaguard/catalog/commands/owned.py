"""DROP OWNED and REASSIGN OWNED: everything that a role has, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.move import change_relation_owner, give
from schemaguard.catalog.commands.nodes import role_names
from schemaguard.catalog.errors import DEPENDENT_OBJECTS, INSUFFICIENT_PRIVILEGE, Refused
from schemaguard.catalog.model import DefaultAcl, Other, Policy, Relation, Role
from schemaguard.catalog.privileges.acl import default_acl, rights, same_rights
from schemaguard.catalog.privileges.dependence import depending_on
from schemaguard.catalog.privileges.grant import (
    Grant,
    Place,
    Powers,
    apply_to_object,
    apply_to_relation,
    merge,
)
from schemaguard.catalog.privileges.membership import (
    GRANT_OPTIONS_SINCE,
    remove_membership,
)
from schemaguard.catalog.privileges.rolespec import resolve_role
from schemaguard.catalog.state import SUPERUSER

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


SHARED = frozenset(("pg_database", "pg_tablespace"))
"""What belongs to the server and not to this database: DROP OWNED leaves it alone."""


def drop_owned(run: Run, node: Node) -> None:
    """DROP OWNED BY: drop what the roles own here, and take away what they were granted."""
    from schemaguard.catalog.deletion import delete_objects

    roles = [resolve_role(run, spec) for spec in role_names(node["roles"])]
    for role in roles:
        _require_rights_of(run, role, "permission denied to drop objects")
    doomed: list[tuple[int, int]] = []
    for role in roles:
        _refuse_system_role(
            run, role, "cannot drop objects owned by {} because they are required by the database system"
        )
        for kind, record in depending_on(run.catalog, role):
            if kind == "owner":
                if not (isinstance(record, Other) and record.catalog in SHARED):
                    doomed.append((record.oid, 0))
            elif kind == "policy":
                doomed.extend(_leave_policy(run, record, role))
            else:
                _take_away(run, record.oid, role)
        _drop_default_privileges(run, role)
        if run.catalog.version >= GRANT_OPTIONS_SINCE:
            for membership in list(run.catalog.memberships.values()):
                if membership.grantor == role:
                    remove_membership(run.catalog, membership)
    if doomed:
        delete_objects(run, doomed, cascade=node.get("behavior") == "DROP_CASCADE")


def _require_rights_of(run: Run, role: int, message: str) -> None:
    if not run.session.owns(role):
        raise Refused(INSUFFICIENT_PRIVILEGE, message)


def _refuse_system_role(run: Run, role: int, message: str) -> None:
    record = run.catalog.get(role, Role)
    if record.predefined or role == SUPERUSER:
        raise Refused(DEPENDENT_OBJECTS, message.format(f"role {record.name}"))


def _take_away(run: Run, oid: int, role: int) -> None:
    """REVOKE ALL … FROM role CASCADE, without the events: nobody said it of this object."""
    statement = Grant(is_grant=False, privileges=None, grantees=(role,), cascade=True)
    events = len(run.events)
    if isinstance(run.catalog.objects[oid], Relation):
        apply_to_relation(run, statement, oid)
    else:
        apply_to_object(run, statement, oid)
    del run.events[events:]


def _leave_policy(run: Run, policy: Policy, role: int) -> list[tuple[int, int]]:
    """Take the role from the policy's TO list; the policy itself goes where there is nobody left on it."""
    others = tuple(oid for oid in policy.roles if oid != role)
    if not others:
        return [(policy.oid, 0)]
    run.catalog.store(msgspec.structs.replace(policy, roles=others, roles_because=run.origin()))
    return []


def _drop_default_privileges(run: Run, role: int) -> None:
    """Drop the role's own default privileges, and what others' give to it."""
    catalog = run.catalog
    for key, default in list(catalog.default_acls.items()):
        if default.role == role:
            catalog.remove(catalog.default_acls, key)
        elif any(item.grantee == role for item in default.acl):
            statement = Grant(is_grant=False, privileges=None, grantees=(role,), cascade=True)
            owner, objtype = default.role, default.objtype
            every = rights(catalog.version, objtype)
            events = len(run.events)
            powers = Powers(every, frozenset(every), owner)
            acl = merge(run, statement, default.acl, Place(owner, 0, objtype, owner), powers)
            del run.events[events:]
            base = () if default.schema else default_acl(catalog, owner, objtype)
            if same_rights(acl, base):
                catalog.remove(catalog.default_acls, key)
            else:
                changed = DefaultAcl(owner, default.schema, objtype, acl, run.origin())
                catalog.put(catalog.default_acls, key, changed)


def reassign_owned(run: Run, node: Node) -> None:
    """REASSIGN OWNED BY: make another role the owner of what the roles own here."""
    message = "permission denied to reassign objects"
    roles = [resolve_role(run, spec) for spec in role_names(node["roles"])]
    for role in roles:
        _require_rights_of(run, role, message)
    new = resolve_role(run, node["newrole"])
    _require_rights_of(run, new, message)
    for role in roles:
        _refuse_system_role(
            run,
            role,
            "cannot reassign ownership of objects owned by {} because they are required by the database system",
        )
        for kind, record in depending_on(run.catalog, role):
            if kind == "owner":
                _reassign(run, record.oid, new)
        if run.catalog.facts["database_owner"] == role:
            run.catalog.put(run.catalog.facts, "database_owner", new)


def _reassign(run: Run, oid: int, new: int) -> None:
    record = run.catalog.objects[oid]  # as it is by now: a sequence may have gone with its table
    if isinstance(record, Relation):
        change_relation_owner(run, record, new, recursing=True)
        return
    give(run, record, new)
    relation = run.catalog.objects.get(getattr(record, "relation", 0))
    if relation is not None:
        give(run, relation, new)


HANDLERS = {"DropOwnedStmt": drop_owned, "ReassignOwnedStmt": reassign_owned}
