"""Privileges and roles, as far as they concern the roles that the role in force is a member of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import PUBLIC, AclItem, Column, Function, Membership, Relation, Role
from schemaguard.plpgsql.queries.relations.classes import relations, relations_named
from schemaguard.plpgsql.queries.relations.provider import Provider, constant
from schemaguard.plpgsql.queries.relations.standard.common import database, schema_of, yes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.values.kinds import Value

_TABLE = frozenset(("INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"))
_COLUMN = frozenset(("INSERT", "SELECT", "UPDATE", "REFERENCES"))

TableRow = tuple[Relation, AclItem]
ColumnRow = tuple[Relation, Column, AclItem]


def _enabled(context: Context, role: int) -> bool:
    """Whether the role in force has the rights of a role."""
    return role != PUBLIC and context.session.owns(role)


def _of_relation(context: Context, record: Relation) -> Iterator[TableRow]:
    from schemaguard.catalog.privileges.acl import effective_acl

    if record.kind not in "rvfp" or record.oid not in context.catalog.objects:
        return
    for item in effective_acl(context.catalog, record):
        known = _enabled(context, item.grantor) or _enabled(context, item.grantee) or item.grantee == PUBLIC
        if item.privilege in _TABLE and known:
            yield record, item


def _table_privileges(context: Context) -> Iterator[TableRow]:
    for record in relations(context):
        yield from _of_relation(context, record)


def _privileges_of(context: Context, value: Value) -> Iterator[TableRow]:
    for record in relations_named(context, value):
        yield from _of_relation(context, record)


def _grantable(context: Context, owner: int, item: AclItem) -> str:
    from schemaguard.catalog.privileges.membership import has_privileges_of

    owns = item.grantee != PUBLIC and has_privileges_of(context.catalog, item.grantee, owner)
    return yes(item.grantable or owns)


_TABLE_PRIVILEGES: dict[str, Callable[[Context, Any], Value]] = {
    "grantor": lambda context, row: context.catalog.owner_name(row[1].grantor),
    "grantee": lambda context, row: context.catalog.owner_name(row[1].grantee),
    "table_catalog": database,
    "table_schema": lambda context, row: schema_of(context, row[0]),
    "table_name": lambda _context, row: row[0].name,
    "privilege_type": lambda _context, row: row[1].privilege,
    "is_grantable": lambda context, row: _grantable(context, row[0].owner, row[1]),
    "with_hierarchy": lambda _context, row: yes(row[1].privilege == "SELECT"),
}


def _not_public(find: Callable[..., Iterator[TableRow]]) -> Callable[..., Iterator[TableRow]]:
    """`role_table_grants` leaves out what is granted to PUBLIC."""
    return lambda *arguments: (row for row in find(*arguments) if row[1].grantee != PUBLIC)


def _columns_of_relation(context: Context, record: Relation) -> Iterator[ColumnRow]:
    """Each privilege on a column: those of the table first, then the column's own."""
    from schemaguard.catalog.privileges.acl import effective_acl

    if record.kind not in "rvfp" or record.oid not in context.catalog.objects:
        return
    of_table = [item for item in effective_acl(context.catalog, record) if item.privilege in _COLUMN]
    for column in record.columns:
        seen: set[tuple[int, int, str, str]] = set()
        for item in (*of_table, *column.acl):
            known = (
                _enabled(context, item.grantor) or _enabled(context, item.grantee) or item.grantee == PUBLIC
            )
            key = (item.grantor, item.grantee, item.privilege, _grantable(context, record.owner, item))
            if known and key not in seen:
                seen.add(key)
                yield record, column, item


def _column_privileges(context: Context) -> Iterator[ColumnRow]:
    for record in relations(context):
        yield from _columns_of_relation(context, record)


def _column_privileges_of(context: Context, value: Value) -> Iterator[ColumnRow]:
    for record in relations_named(context, value):
        yield from _columns_of_relation(context, record)


_COLUMN_PRIVILEGES: dict[str, Callable[[Context, Any], Value]] = {
    "grantor": lambda context, row: context.catalog.owner_name(row[2].grantor),
    "grantee": lambda context, row: context.catalog.owner_name(row[2].grantee),
    "table_catalog": database,
    "table_schema": lambda context, row: schema_of(context, row[0]),
    "table_name": lambda _context, row: row[0].name,
    "column_name": lambda _context, row: row[1].name,
    "privilege_type": lambda _context, row: row[2].privilege,
    "is_grantable": lambda context, row: _grantable(context, row[0].owner, row[2]),
}


def _routine_privileges(context: Context) -> Iterator[tuple[Function, AclItem]]:
    from schemaguard.catalog.privileges.acl import effective_acl

    for record in context.catalog.all(Function):
        for item in effective_acl(context.catalog, record):
            if _enabled(context, item.grantor) or _enabled(context, item.grantee) or item.grantee == PUBLIC:
                yield record, item


def _specific_name(record: Function) -> str:
    return f"{record.name}_{record.oid}"


def _enabled_roles(context: Context) -> Iterator[Role]:
    for oid in context.catalog.roles.values():
        if _enabled(context, oid):
            yield context.catalog.get(oid, Role)


def _applicable(context: Context) -> Iterator[Membership]:
    for item in context.catalog.memberships.values():
        if _enabled(context, item.member):
            yield item


INFORMATION_SCHEMA = {
    "table_privileges": Provider(_table_privileges, _TABLE_PRIVILEGES, {"table_name": _privileges_of}),
    "role_table_grants": Provider(
        _not_public(_table_privileges), _TABLE_PRIVILEGES, {"table_name": _not_public(_privileges_of)}
    ),
    "column_privileges": Provider(
        _column_privileges, _COLUMN_PRIVILEGES, {"table_name": _column_privileges_of}
    ),
    "routine_privileges": Provider(
        _routine_privileges,
        {
            "grantor": lambda context, row: context.catalog.owner_name(row[1].grantor),
            "grantee": lambda context, row: context.catalog.owner_name(row[1].grantee),
            "specific_catalog": database,
            "specific_schema": lambda context, row: schema_of(context, row[0]),
            "specific_name": lambda _context, row: _specific_name(row[0]),
            "routine_catalog": database,
            "routine_schema": lambda context, row: schema_of(context, row[0]),
            "routine_name": lambda _context, row: row[0].name,
            "privilege_type": constant("EXECUTE"),
            "is_grantable": lambda context, row: _grantable(context, row[0].owner, row[1]),
        },
        {},
    ),
    "enabled_roles": Provider(_enabled_roles, {"role_name": lambda _context, role: role.name}, {}),
    "applicable_roles": Provider(
        _applicable,
        {
            "grantee": lambda context, item: context.catalog.owner_name(item.member),
            "role_name": lambda context, item: context.catalog.owner_name(item.role),
            "is_grantable": lambda _context, item: yes(item.admin),
        },
        {},
    ),
}
