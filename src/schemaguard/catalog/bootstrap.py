"""The catalog before the first migration: what initdb makes, and what the config says is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import PUBLIC, AclItem, Comment, Membership, Role, Schema
from schemaguard.catalog.state import (
    INFORMATION_SCHEMA,
    PG_CATALOG,
    PG_TOAST,
    PUBLIC_SCHEMA,
    SUPERUSER,
    Catalog,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATABASE_OWNER_ROLE_SINCE = 14
PUBLIC_CREATE_UNTIL = 15


def new_catalog(version: int = 16, superuser: str = "postgres") -> Catalog:
    """A fresh database of PostgreSQL major `version`, with its predefined roles and schemas."""
    from schemaguard.catalog.privileges.membership import put_membership
    from schemaguard.catalog.privileges.predefined import predefined_memberships, predefined_roles

    catalog = Catalog(version)
    catalog.put(catalog.roles, superuser, SUPERUSER)
    catalog.store(
        Role(SUPERUSER, superuser, superuser=True, createrole=True, createdb=True, login=True, replication=True,
             bypassrls=True, predefined=True)
    )  # fmt: skip
    for oid, name in predefined_roles(version):
        catalog.put(catalog.roles, name, oid)
        catalog.store(Role(oid, name, predefined=True))
    for role, member in predefined_memberships(version):
        put_membership(catalog, Membership(role, member, SUPERUSER))
    _add_schemas(catalog)
    return catalog


def declare_role(catalog: Catalog, name: str, attributes: Mapping[str, bool] | None = None) -> Role:
    """Make a role that the config declares, or change the attributes of one that is there."""
    import msgspec

    known = catalog.role_named(name)
    if known is None:
        known = Role(catalog.new_oid(), name, external=True)
        catalog.put(catalog.roles, name, known.oid)
    role = msgspec.structs.replace(known, **(attributes or {}))
    catalog.store(role)
    return role


def declare_schemas(catalog: Catalog, names: Iterable[str], owner: int = SUPERUSER) -> None:
    """Make the schemas that the config says exist; their contents are not known."""
    for name in names:
        if name not in catalog.schemas:
            oid = catalog.new_oid()
            catalog.put(catalog.schemas, name, oid)
            catalog.store(Schema(oid, name, owner, external=True))


def _add_schemas(catalog: Catalog) -> None:
    owner = catalog.roles.get("pg_database_owner", SUPERUSER)
    usage = [AclItem(PUBLIC, "USAGE", owner)]
    if catalog.version < PUBLIC_CREATE_UNTIL:
        owner = SUPERUSER
        usage = [AclItem(PUBLIC, "CREATE", owner), AclItem(PUBLIC, "USAGE", owner)]
    own = [AclItem(owner, "CREATE", owner), AclItem(owner, "USAGE", owner)]
    system = (AclItem(PUBLIC, "USAGE", SUPERUSER), AclItem(SUPERUSER, "CREATE", SUPERUSER),
              AclItem(SUPERUSER, "USAGE", SUPERUSER))  # fmt: skip
    for schema in (
        Schema(PG_CATALOG, "pg_catalog", SUPERUSER, acl=system),
        Schema(PG_TOAST, "pg_toast", SUPERUSER),
        Schema(INFORMATION_SCHEMA, "information_schema", SUPERUSER, acl=system),
        Schema(PUBLIC_SCHEMA, "public", owner, acl=(*usage, *own)),
    ):
        catalog.put(catalog.schemas, schema.name, schema.oid)
        catalog.store(schema)
    catalog.put(catalog.comments, (PUBLIC_SCHEMA, 0), Comment("standard public schema"))
