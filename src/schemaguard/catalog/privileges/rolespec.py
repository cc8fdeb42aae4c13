"""Roles as statements name them: by name, CURRENT_USER, SESSION_USER, PUBLIC; and roles that are presumed to exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import RESERVED_NAME, UNDEFINED_OBJECT, Refused
from schemaguard.catalog.events import ExternalUsed
from schemaguard.catalog.model import PUBLIC, Role
from schemaguard.catalog.privileges.predefined import RESERVED_PREFIX
from schemaguard.statements.statement import Origin

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def resolve_role(run: Run, spec: Node) -> int:
    """The oid of the role that a RoleSpec names.

    A role that the history has not created is presumed to exist: it gets a record, and an `ExternalUsed` event. With
    the catalog's fact `strict` it is refused instead, as a server does.

    Raises:
        Refused: PUBLIC, where only a role will do; an unknown role (only if strict).
    """
    match spec.get("roletype", "ROLESPEC_CSTRING"):
        case "ROLESPEC_CURRENT_USER" | "ROLESPEC_CURRENT_ROLE":
            return run.session.role
        case "ROLESPEC_SESSION_USER":
            return run.session.session_user
        case "ROLESPEC_PUBLIC":
            raise Refused(UNDEFINED_OBJECT, 'role "public" does not exist', offset=spec.get("location", -1))
    return resolve_role_name(run, spec["rolename"], spec.get("location", -1))


def resolve_grantee(run: Run, spec: Node) -> int:
    """The oid of a role that privileges are given to, 0 for PUBLIC."""
    if spec.get("roletype") == "ROLESPEC_PUBLIC":
        return PUBLIC
    return resolve_role(run, spec)


def resolve_role_name(run: Run, name: str, offset: int = -1) -> int:
    """The oid of the role of that name, presumed to exist where the history has not created it."""
    oid = run.catalog.roles.get(name)
    if oid is not None:
        return oid
    if run.catalog.facts.get("strict") or name.startswith(RESERVED_PREFIX):
        raise Refused(UNDEFINED_OBJECT, f'role "{name}" does not exist', offset=offset)
    because = Origin(run.statement, offset)
    role = Role(run.catalog.new_oid(), name, because=because, external=True)
    run.catalog.put(run.catalog.roles, name, role.oid)
    run.catalog.store(role)
    run.event(ExternalUsed(kind="role", name=name, because=because))
    return role.oid


def refuse_reserved(spec: Node, detail: str) -> None:
    """Refuse a statement about a predefined role, by its name (`check_rolespec_name`)."""
    name = spec.get("rolename", "")
    if spec.get("roletype", "ROLESPEC_CSTRING") == "ROLESPEC_CSTRING" and name.startswith(RESERVED_PREFIX):
        raise Refused(
            RESERVED_NAME, f'role name "{name}" is reserved', detail=detail, offset=spec.get("location", -1)
        )
