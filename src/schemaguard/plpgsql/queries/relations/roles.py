"""Roles and memberships: `pg_roles`, `pg_authid`, `pg_user`, `pg_group`, `pg_auth_members`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Membership, Role
from schemaguard.plpgsql.queries.relations.provider import Provider, constant, number
from schemaguard.plpgsql.values.kinds import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.plpgsql.context import Context


def _roles(context: Context) -> Iterable[Role]:
    return (context.catalog.get(oid, Role) for oid in context.catalog.roles.values())


def _by_name(context: Context, value: Value) -> Iterable[Role]:
    found = context.catalog.role_named(str(value))
    return () if found is None else (found,)


def _by_oid(context: Context, value: Value) -> Iterable[Role]:
    record = context.catalog.objects.get(number(value) or 0)
    return (record,) if isinstance(record, Role) else ()


_ATTRIBUTES: dict[str, Callable[[Context, Role], Value]] = {
    "oid": lambda _context, role: role.oid,
    "rolname": lambda _context, role: role.name,
    "rolsuper": lambda _context, role: role.superuser,
    "rolinherit": lambda _context, role: role.inherit,
    "rolcreaterole": lambda _context, role: role.createrole,
    "rolcreatedb": lambda _context, role: role.createdb,
    "rolcanlogin": lambda _context, role: role.login,
    "rolreplication": lambda _context, role: role.replication,
    "rolbypassrls": lambda _context, role: role.bypassrls,
    "rolconnlimit": lambda _context, _role: Unknown("connection limits are not modelled"),
    "rolvaliduntil": lambda _context, _role: Unknown("how long a role is valid is not modelled"),
}

_LOOKUPS = {"rolname": _by_name, "oid": _by_oid}


def _login_roles(context: Context) -> Iterable[Role]:
    return (role for role in _roles(context) if role.login)


def _groups(context: Context) -> Iterable[Role]:
    return (role for role in _roles(context) if not role.login)


def _members(context: Context, role: Role) -> Value:
    return [item.member for item in context.catalog.memberships.values() if item.role == role.oid]


def _memberships(context: Context) -> Iterable[Membership]:
    return list(context.catalog.memberships.values())


def _of_member(context: Context, value: Value) -> Iterable[Membership]:
    return context.catalog.memberships_of(number(value) or 0)


PG_CATALOG = {
    "pg_roles": Provider(
        _roles,
        {**_ATTRIBUTES, "rolpassword": constant("********"), "rolconfig": lambda _c, role: list(role.config) or None},
        _LOOKUPS,
    ),
    "pg_authid": Provider(
        _roles, {**_ATTRIBUTES, "rolpassword": constant(Unknown("passwords are not kept"))}, _LOOKUPS
    ),
    "pg_user": Provider(
        _login_roles,
        {
            "usename": lambda _context, role: role.name,
            "usesysid": lambda _context, role: role.oid,
            "usecreatedb": lambda _context, role: role.createdb,
            "usesuper": lambda _context, role: role.superuser,
            "userepl": lambda _context, role: role.replication,
            "usebypassrls": lambda _context, role: role.bypassrls,
            "passwd": constant("********"),
            "useconfig": lambda _context, role: list(role.config) or None,
        },
        {"usename": lambda context, value: (role for role in _by_name(context, value) if role.login)},
    ),
    "pg_group": Provider(
        _groups,
        {
            "groname": lambda _context, role: role.name,
            "grosysid": lambda _context, role: role.oid,
            "grolist": _members,
        },
        {"groname": lambda context, value: (role for role in _by_name(context, value) if not role.login)},
    ),
    "pg_auth_members": Provider(
        _memberships,
        {
            "roleid": lambda _context, item: item.role,
            "member": lambda _context, item: item.member,
            "grantor": lambda _context, item: item.grantor,
            "admin_option": lambda _context, item: item.admin,
            "inherit_option": lambda _context, item: item.inherit,
            "set_option": lambda _context, item: item.set,
        },
        {"member": _of_member},
    ),
}  # fmt: skip
