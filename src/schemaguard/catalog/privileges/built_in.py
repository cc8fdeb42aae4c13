"""PostgreSQL's own tables and types, and an extension's tables, as objects of GRANT and REVOKE.

They have no record of their own; the first statement about one makes an `Other` for its privileges. (Functions are in
`catalog.provided`.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.model import PUBLIC, AclItem, Extension, Other, Schema
from schemaguard.catalog.privileges.acl import default_acl
from schemaguard.catalog.state import PG_CATALOG, SUPERUSER

if TYPE_CHECKING:
    from schemaguard.catalog.model import Acl
    from schemaguard.catalog.session import Session
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node


def _built_in(catalog: Catalog, kind: str, schema: int, name: str, acl: Acl | None = None) -> int:
    oid = catalog.others.get((kind, schema, name))
    if oid is None:
        other = Other(catalog.new_oid(), kind, schema, name, SUPERUSER, acl=acl)
        oid = other.oid
        catalog.put(catalog.others, (kind, schema, name), oid)
        catalog.store(other)
    return oid


def built_in_relation(session: Session, node: Node) -> int | None:
    """The oid that stands for the system table or view that a RangeVar names, if it names one.

    Nearly all of them may be read by everybody, and so this one is taken to be; the few that hold secrets are not told
    apart.
    """
    from schemaguard.catalog.builtin.relations import system_relation

    schema, name = node.get("schemaname", "pg_catalog"), node["relname"]
    if system_relation(schema, name) is None:
        return None
    catalog = session.catalog
    return _built_in(catalog, "pg_class", catalog.schemas[schema], name, _readable_by_all(catalog))


def _readable_by_all(catalog: Catalog) -> Acl:
    return (AclItem(PUBLIC, "SELECT", SUPERUSER), *default_acl(catalog, SUPERUSER, "r"))


def extension_relation(session: Session, node: Node) -> int | None:
    """The oid that stands for the table or view of an installed extension that a RangeVar names, if it names one."""
    from schemaguard.catalog.builtin.extensions import members

    catalog, name = session.catalog, node["relname"]
    schemas = session.lookup_schemas()
    if "schemaname" in node:
        schemas = (catalog.schemas.get(node["schemaname"], -1),)
    for oid in catalog.extensions.values():
        extension = catalog.get(oid, Extension)
        contents = members(extension.name)
        if contents is not None and extension.schema in schemas and name in contents.relations:
            return _built_in(catalog, "pg_class", extension.schema, name, _readable_by_all(catalog))
    return None


def perhaps_provided(session: Session, what: str, schema: str | None) -> None:
    """Do nothing, unless what was not found may exist all the same.

    Raises:
        Opaque: its schema, or one of the search path, is declared in the config and not made by the history, or an
            extension is installed whose contents are not known.
    """
    from schemaguard.catalog.builtin.extensions import members

    catalog = session.catalog
    schemas = [session.schema(schema).oid] if schema else session.lookup_schemas()
    for oid in schemas:
        if catalog.get(oid, Schema).external:
            raise Opaque(
                f"{what} may be in the schema {catalog.schema_name(oid)}, whose contents are not known"
            )
    unknown = [name for name in catalog.extensions if members(name) is None]
    if unknown:
        raise Opaque(f"{what} may belong to an extension whose contents are not known ({', '.join(unknown)})")


def built_in_type(catalog: Catalog, name: str) -> int:
    """The oid that stands for one of PostgreSQL's own types, named as `format_type` names it."""
    return _built_in(catalog, "pg_type", PG_CATALOG, name)
