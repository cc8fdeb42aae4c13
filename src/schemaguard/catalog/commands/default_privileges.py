"""ALTER DEFAULT PRIVILEGES: what a role gives away on the objects that it will create."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.grants import OBJTYPES, grant_of
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import INSUFFICIENT_PRIVILEGE, INVALID_GRANT, SYNTAX_ERROR, Refused
from schemaguard.catalog.events import Revoked
from schemaguard.catalog.model import DefaultAcl
from schemaguard.catalog.privileges.acl import default_acl, rights, same_rights
from schemaguard.catalog.privileges.grant import Place, Powers, merge
from schemaguard.catalog.privileges.membership import GRANT_OPTIONS_SINCE, has_privileges_of, is_member_of
from schemaguard.catalog.privileges.rolespec import resolve_role

if TYPE_CHECKING:
    from schemaguard.catalog.privileges.grant import Grant
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def alter_default_privileges(run: Run, node: Node) -> None:
    """ALTER DEFAULT PRIVILEGES [FOR ROLE …] [IN SCHEMA …] GRANT or REVOKE …."""
    options: dict[str, list[Node]] = {}
    for element in node.get("options", ()):
        option = element["DefElem"]
        if option["defname"] in options:
            raise Refused(SYNTAX_ERROR, "conflicting or redundant options", offset=option.get("location", -1))
        options[option["defname"]] = option["arg"]["List"]["items"]
    action = node["action"]
    statement = grant_of(run, action)
    objtype, _word = OBJTYPES[action["objtype"]]
    for item in options.get("roles", _MYSELF):
        role = resolve_role(run, item["RoleSpec"])
        _require_rights_of(run, role)
        if "schemas" not in options:
            _change(run, statement, role, 0, objtype)
        for name in strings(options.get("schemas")):
            schema = run.session.schema(name)
            if objtype in _NOT_IN_SCHEMA:
                what = _NOT_IN_SCHEMA[objtype]
                raise Refused(INVALID_GRANT, f"cannot use IN SCHEMA clause when using GRANT/REVOKE ON {what}")
            _change(run, statement, role, schema.oid, objtype)


_MYSELF: list[Node] = [{"RoleSpec": {"roletype": "ROLESPEC_CURRENT_USER"}}]
_NOT_IN_SCHEMA = {"n": "SCHEMAS", "L": "LARGE OBJECTS"}

HANDLERS = {"AlterDefaultPrivilegesStmt": alter_default_privileges}


def _require_rights_of(run: Run, role: int) -> None:
    if run.session.is_superuser:
        return
    if run.catalog.version >= GRANT_OPTIONS_SINCE:
        if not has_privileges_of(run.catalog, run.session.role, role):
            raise Refused(INSUFFICIENT_PRIVILEGE, "permission denied to change default privileges")
    elif not is_member_of(run.catalog, run.session.role, role):
        name = run.catalog.owner_name(role)
        raise Refused(INSUFFICIENT_PRIVILEGE, f'must be member of role "{name}"')


def _change(run: Run, statement: Grant, role: int, schema: int, objtype: str) -> None:
    """Change one list: a global one begins as the built-in privileges, that of a schema (to be added) as empty."""
    catalog = run.catalog
    key = (role, schema, objtype)
    base = () if schema else default_acl(catalog, role, objtype)
    known = catalog.default_acls.get(key)
    acl = base if known is None else known.acl
    wanted = rights(catalog.version, objtype) if statement.privileges is None else statement.privileges
    events = len(run.events)
    place = Place(role, 0, objtype, role)
    acl = merge(run, statement, acl, place, Powers(wanted, frozenset(wanted), role))
    run.events[events:] = [_as_default(event, schema) for event in run.events[events:]]
    if same_rights(acl, base):
        catalog.remove(catalog.default_acls, key)
    else:
        catalog.put(catalog.default_acls, key, DefaultAcl(role, schema, objtype, acl, run.origin()))


def _as_default(event: object, schema: int) -> Revoked:
    """The event of a REVOKE as one of ALTER DEFAULT PRIVILEGES; its `object` is the role whose defaults they are."""
    if not isinstance(event, Revoked):
        raise TypeError(event)
    return Revoked(
        object=event.object,
        column=0,
        grantee=event.grantee,
        privilege=event.privilege,
        removed=event.removed,
        default=True,
        objtype=event.objtype,
        schema=schema,
        because=event.because,
    )
