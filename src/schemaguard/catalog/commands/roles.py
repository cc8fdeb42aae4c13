"""CREATE, ALTER and DROP of roles, users and groups (`user.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.commands.memberships import (
    Options,
    add_members,
    remove_members,
    require_membership_authorization,
)
from schemaguard.catalog.commands.nodes import option_value, role_names, truth
from schemaguard.catalog.errors import (
    DEPENDENT_OBJECTS,
    DUPLICATE_OBJECT,
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    INVALID_PARAMETER,
    RESERVED_NAME,
    SYNTAX_ERROR,
    UNDEFINED_OBJECT,
    Refused,
)
from schemaguard.catalog.events import ExternalUsed, PasswordSet
from schemaguard.catalog.model import Membership, Role
from schemaguard.catalog.privileges.dependence import dependence_on_role
from schemaguard.catalog.privileges.membership import (
    GRANT_OPTIONS_SINCE,
    forget_closures,
    is_admin_of,
    put_membership,
    remove_membership,
)
from schemaguard.catalog.privileges.predefined import RESERVED_PREFIX
from schemaguard.catalog.privileges.rolespec import refuse_reserved, resolve_role
from schemaguard.catalog.state import SUPERUSER

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

ATTRIBUTES = {
    "superuser": "superuser",
    "inherit": "inherit",
    "createrole": "createrole",
    "createdb": "createdb",
    "canlogin": "login",
    "isreplication": "replication",
    "bypassrls": "bypassrls",
}
"""What the grammar calls an attribute, and what `Role` calls it."""

OBJECT_IN_USE = "55006"


def create_role(run: Run, node: Node) -> None:
    """CREATE ROLE, CREATE USER, CREATE GROUP."""
    catalog, name = run.catalog, node["role"]
    given = _options(node)
    attributes = {field: truth(given[option]) for option, field in ATTRIBUTES.items() if option in given}
    attributes.setdefault("login", node.get("stmt_type") == "ROLESTMT_USER")
    _require_createrole(run, attributes)
    if name.startswith(RESERVED_PREFIX):
        detail = 'Role names starting with "pg_" are reserved.'
        raise Refused(RESERVED_NAME, f'role name "{name}" is reserved', detail=detail)
    role = _new_role(run, name, attributes)
    _note_password(run, f"role {name}", given)
    groups = [resolve_role(run, spec) for spec in _list(given, "addroleto")]
    for group in groups:
        require_membership_authorization(run, group, is_grant=True)
        add_members(run, group, [role], Options(), run.origin())
    if catalog.version >= GRANT_OPTIONS_SINCE and not run.session.is_superuser:
        _grant_to_creator(run, role)
    # Whoever may create a role may add any members to it. Before 16, admins came first.
    both = (("rolemembers", Options()), ("adminmembers", Options(admin=True)))
    for option, options in both if catalog.version >= GRANT_OPTIONS_SINCE else both[::-1]:
        members = [resolve_role(run, spec) for spec in _list(given, option)]
        if members:
            if catalog.version < GRANT_OPTIONS_SINCE:
                require_membership_authorization(run, role, is_grant=True)
            add_members(run, role, members, options, run.origin())


def _new_role(run: Run, name: str, attributes: dict[str, bool]) -> int:
    """Store a new role, or make known one that was only presumed or declared."""
    catalog, because = run.catalog, run.origin()
    known = catalog.role_named(name)
    if known is not None and not known.external:
        raise Refused(DUPLICATE_OBJECT, f'role "{name}" already exists')
    oid = catalog.new_oid() if known is None else known.oid
    catalog.put(catalog.roles, name, oid)
    role = Role(oid, name, because=because, attributes_because=because)
    catalog.store(msgspec.structs.replace(role, **attributes))
    forget_closures(catalog)
    return oid


def _options(node: Node) -> dict[str, Any]:
    """The statement's options by name; each may be given once."""
    found: dict[str, Any] = {}
    for element in node.get("options", ()):
        option = element["DefElem"]
        if option["defname"] in found:
            raise Refused(SYNTAX_ERROR, "conflicting or redundant options", offset=option.get("location", -1))
        found[option["defname"]] = option.get("arg")
    if "connectionlimit" in found and (limit := int(option_value(found["connectionlimit"]))) < -1:
        raise Refused(INVALID_PARAMETER, f"invalid connection limit: {limit}")
    return found


def _list(given: dict[str, Any], option: str) -> list[Node]:
    """The RoleSpecs of a list option."""
    return role_names(given[option]["List"].get("items")) if option in given else []


def _note_password(run: Run, where: str, given: dict[str, Any]) -> None:
    if option_value(given.get("password")):
        run.event(PasswordSet(where=where, because=run.origin()))


def _require_createrole(run: Run, attributes: dict[str, bool]) -> None:
    """Refuse unless the role in force may create a role with these attributes."""
    if run.session.is_superuser:
        return
    me = run.catalog.get(run.session.role, Role)
    if run.catalog.version < GRANT_OPTIONS_SINCE:
        for field, word in (
            ("superuser", "superusers"),
            ("replication", "replication users"),
            ("bypassrls", "bypassrls users"),
        ):
            if attributes.get(field):
                raise Refused(INSUFFICIENT_PRIVILEGE, f"must be superuser to create {word}")
        allowed = me.createrole
    else:
        wanted = (
            field for field in ("superuser", "createdb", "replication", "bypassrls") if attributes.get(field)
        )
        allowed = me.createrole and all(getattr(me, field) for field in wanted)
    if not allowed:
        raise Refused(INSUFFICIENT_PRIVILEGE, "permission denied to create role")


def _grant_to_creator(run: Run, role: int) -> None:
    """Who creates a role without being a superuser gets ADMIN OPTION on it, as a grant of the bootstrap superuser."""
    creator, because = run.session.role, run.origin()
    put_membership(
        run.catalog,
        Membership(role, creator, SUPERUSER, admin=True, inherit=False, set=False, because=because),
    )
    words = {
        word.strip().lower() for word in run.session.settings.get("createrole_self_grant", "").split(",")
    }
    if words & {"set", "inherit"}:
        put_membership(
            run.catalog,
            Membership(
                role, creator, creator, inherit="inherit" in words, set="set" in words, because=because
            ),
        )


def alter_role(run: Run, node: Node) -> None:
    """ALTER ROLE … options, ALTER GROUP … ADD or DROP USER."""
    catalog = run.catalog
    refuse_reserved(node["role"], "Cannot alter reserved roles.")
    given = _options(node)
    role = catalog.get(resolve_role(run, node["role"]), Role)
    _require_alter(run, role, given)
    attributes = {field: truth(given[option]) for option, field in ATTRIBUTES.items() if option in given}
    modern = catalog.version >= GRANT_OPTIONS_SINCE
    if modern and role.oid == SUPERUSER and attributes.get("superuser") is False:
        detail = "The bootstrap superuser must have the SUPERUSER attribute."
        raise Refused(FEATURE_NOT_SUPPORTED, "permission denied to alter role", detail=detail)
    if attributes:
        catalog.store(msgspec.structs.replace(role, **attributes, attributes_because=run.origin()))
        forget_closures(catalog)
    _note_password(run, f"role {role.name}", given)
    members = [resolve_role(run, spec) for spec in _list(given, "rolemembers")]
    if not members:
        return
    if not modern:
        require_membership_authorization(run, role.oid, is_grant=node.get("action") == 1)
    if node.get("action") == 1:
        add_members(run, role.oid, members, Options(), run.origin())
    else:
        remove_members(run, role.oid, members, Options())


def _require_alter(run: Run, role: Role, given: dict[str, Any]) -> None:
    """Refuse unless the role in force may make these changes to `role`."""
    if run.session.is_superuser:
        return
    if run.catalog.version < GRANT_OPTIONS_SINCE:
        _require_alter_before_16(run, role, given)
        return
    refusal = Refused(INSUFFICIENT_PRIVILEGE, "permission denied to alter role")
    me = run.catalog.get(run.session.role, Role)
    if role.superuser or "superuser" in given:
        raise refusal
    is_admin = is_admin_of(run.catalog, me.oid, role.oid)
    if not (me.createrole and is_admin):
        if given.keys() & {*ATTRIBUTES, "connectionlimit", "validUntil"}:
            raise refusal
        if "password" in given and role.oid != me.oid:
            raise refusal
    elif any(
        option in given and not getattr(me, ATTRIBUTES[option])
        for option in ("createdb", "isreplication", "bypassrls")
    ):
        raise refusal
    if "rolemembers" in given and not is_admin:
        raise refusal


def _require_alter_before_16(run: Run, role: Role, given: dict[str, Any]) -> None:
    me = run.catalog.get(run.session.role, Role)
    if role.superuser or "superuser" in given:
        message = "must be superuser to alter superuser roles or change superuser attribute"
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    if role.replication or "isreplication" in given:
        message = "must be superuser to alter replication roles or change replication attribute"
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    if "bypassrls" in given:
        raise Refused(INSUFFICIENT_PRIVILEGE, "must be superuser to change bypassrls attribute")
    if not me.createrole and (given.keys() != {"password"} or role.oid != me.oid):
        raise Refused(INSUFFICIENT_PRIVILEGE, "permission denied")


def alter_role_set(run: Run, node: Node) -> None:
    """ALTER ROLE … SET and RESET: settings that the role's sessions begin with."""
    if "role" not in node:
        _require_alter_all(run, node)
        return
    refuse_reserved(node["role"], "Cannot alter reserved roles.")
    role = run.catalog.get(resolve_role(run, node["role"]), Role)
    _require_alter_settings(run, role)
    if "database" in node:
        return  # for one database's sessions only; `config` is what holds in all of them
    statement = node["setstmt"]
    name = statement.get("name", "")
    kept = tuple(setting for setting in role.config if name and setting.partition("=")[0] != name)
    if statement["kind"] in ("VAR_SET_VALUE", "VAR_SET_CURRENT"):
        kept = (*kept, f"{name}={_setting_text(run, statement)}")
    run.catalog.store(msgspec.structs.replace(role, config=kept))


def _setting_text(run: Run, statement: Node) -> str:
    if statement["kind"] == "VAR_SET_CURRENT":
        return run.session.settings.get(statement["name"], "")
    return ", ".join(str(option_value(argument)) for argument in statement.get("args", ()))


def _require_alter_all(run: Run, node: Node) -> None:
    if "database" not in node and not run.session.is_superuser:
        modern = run.catalog.version >= GRANT_OPTIONS_SINCE
        message = (
            "permission denied to alter setting" if modern else "must be superuser to alter settings globally"
        )
        raise Refused(INSUFFICIENT_PRIVILEGE, message)


def _require_alter_settings(run: Run, role: Role) -> None:
    if run.session.is_superuser or (role.oid == run.session.role and not role.superuser):
        return
    me = run.catalog.get(run.session.role, Role)
    if run.catalog.version < GRANT_OPTIONS_SINCE:
        if role.superuser:
            raise Refused(INSUFFICIENT_PRIVILEGE, "must be superuser to alter superusers")
        if not me.createrole:
            raise Refused(INSUFFICIENT_PRIVILEGE, "permission denied")
    elif role.superuser or not (me.createrole and is_admin_of(run.catalog, me.oid, role.oid)):
        raise Refused(INSUFFICIENT_PRIVILEGE, "permission denied to alter role")


def drop_role(run: Run, node: Node) -> None:
    """DROP ROLE, DROP USER, DROP GROUP."""
    catalog = run.catalog
    if not (run.session.is_superuser or catalog.get(run.session.role, Role).createrole):
        raise Refused(INSUFFICIENT_PRIVILEGE, "permission denied to drop role")
    dropped: list[Role] = []
    for spec in role_names(node["roles"]):
        role = _role_to_drop(run, spec, missing_ok=bool(node.get("missing_ok")))
        if role is None or role in dropped:
            continue
        for membership in list(catalog.memberships.values()):
            if role.oid in (membership.role, membership.member):
                remove_membership(catalog, membership)
        dropped.append(role)
        if catalog.version < GRANT_OPTIONS_SINCE:
            _forget_role(catalog, role)
    if catalog.version >= GRANT_OPTIONS_SINCE:
        # A second pass: one of the roles may have granted what went with another.
        for role in dropped:
            _forget_role(catalog, role)


def _role_to_drop(run: Run, spec: Node, *, missing_ok: bool) -> Role | None:
    """The role, if it is there and the role in force may drop it."""
    catalog, session = run.catalog, run.session
    if spec.get("roletype", "ROLESPEC_CSTRING") != "ROLESPEC_CSTRING":
        raise Refused(INVALID_PARAMETER, "cannot use special role specifier in DROP ROLE")
    name = spec["rolename"]
    role = catalog.role_named(name)
    if role is None:
        if not missing_ok and catalog.facts.get("strict"):
            raise Refused(UNDEFINED_OBJECT, f'role "{name}" does not exist')
        if not missing_ok:
            run.event(ExternalUsed(kind="role", name=name, because=run.origin()))
        return None
    if role.oid == session.role:
        raise Refused(OBJECT_IN_USE, "current user cannot be dropped")
    if role.oid in (session.session_user, session.authenticated_user):
        raise Refused(OBJECT_IN_USE, "session user cannot be dropped")
    modern = catalog.version >= GRANT_OPTIONS_SINCE
    if role.superuser and not session.is_superuser:
        message = "permission denied to drop role" if modern else "must be superuser to drop superusers"
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    if modern and not (session.is_superuser or is_admin_of(catalog, session.role, role.oid)):
        raise Refused(INSUFFICIENT_PRIVILEGE, "permission denied to drop role")
    return role


def _forget_role(catalog: Catalog, role: Role) -> None:
    """Take a role's record away, unless something depends on the role."""
    depending = dependence_on_role(catalog, role.oid)
    if role.predefined or depending:
        if role.predefined:
            message = f"cannot drop role {role.name} because it is required by the database system"
            raise Refused(DEPENDENT_OBJECTS, message)
        message = f'role "{role.name}" cannot be dropped because some objects depend on it'
        raise Refused(DEPENDENT_OBJECTS, message, detail="\n".join(depending))
    catalog.remove(catalog.roles, role.name)
    catalog.remove(catalog.objects, role.oid)
    catalog.remove(catalog.comments, (role.oid, 0))
    forget_closures(catalog)


def rename_role(run: Run, old: str, new: str) -> None:
    """ALTER ROLE … RENAME TO: everything refers to a role by oid, so only the name changes.

    Raises:
        Refused: the old name is not there, the new one is, one is reserved, or the role in force may not.
    """
    catalog, session = run.catalog, run.session
    oid = resolve_role(run, {"rolename": old})
    role = catalog.get(oid, Role)
    if oid == session.session_user:
        raise Refused(FEATURE_NOT_SUPPORTED, "session user cannot be renamed")
    if oid == session.role:
        raise Refused(FEATURE_NOT_SUPPORTED, "current user cannot be renamed")
    for name in (old, new):
        if name.startswith(RESERVED_PREFIX):
            raise Refused(RESERVED_NAME, f'role name "{name}" is reserved')
    if new in catalog.roles:
        raise Refused(DUPLICATE_OBJECT, f'role "{new}" already exists')
    if not session.is_superuser:
        me = catalog.get(session.role, Role)
        if role.superuser and catalog.version < GRANT_OPTIONS_SINCE:
            raise Refused(INSUFFICIENT_PRIVILEGE, "must be superuser to rename superusers")
        may = me.createrole and (
            catalog.version < GRANT_OPTIONS_SINCE or is_admin_of(catalog, session.role, oid)
        )
        if role.superuser or not may:
            raise Refused(INSUFFICIENT_PRIVILEGE, "permission denied to rename role")
    catalog.remove(catalog.roles, role.name)
    catalog.put(catalog.roles, new, oid)
    catalog.store(msgspec.structs.replace(role, name=new))


HANDLERS = {
    "CreateRoleStmt": create_role,
    "AlterRoleStmt": alter_role,
    "AlterRoleSetStmt": alter_role_set,
    "DropRoleStmt": drop_role,
}
