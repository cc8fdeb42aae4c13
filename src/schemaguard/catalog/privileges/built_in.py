"""PostgreSQL's own tables, functions and types as objects of GRANT and REVOKE.

They have no record of their own; the first statement about one makes an `Other` in `pg_catalog` for its privileges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import Refused
from schemaguard.catalog.model import PUBLIC, AclItem, Other
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
    everybody = AclItem(PUBLIC, "SELECT", SUPERUSER)
    acl = (everybody, *default_acl(session.catalog, SUPERUSER, "r"))
    return _built_in(session.catalog, "pg_class", session.catalog.schemas[schema], name, acl)


def built_in_routine(session: Session, node: Node) -> int | None:
    """The oid that stands for the function of `pg_catalog` that an ObjectWithArgs names, if it names one."""
    from schemaguard.catalog.analysis.types import resolve_type, type_number
    from schemaguard.catalog.builtin.load import load
    from schemaguard.catalog.routines import signature_text

    names = strings(node["objname"])
    if len(names) > 1 and names[-2] != "pg_catalog":
        return None
    overloads = [row[4] for row in load("functions").get(names[-1], ())]
    try:
        types = [resolve_type(session, argument["TypeName"]) for argument in node.get("objargs", ())]
    except Refused:
        return None
    wanted = [type_number(ref) for ref in types]
    if node.get("args_unspecified"):
        if len(overloads) != 1:
            return None
    elif wanted not in overloads:
        return None
    return _built_in(
        session.catalog, "pg_proc", PG_CATALOG, signature_text(session.catalog, names[-1], types)
    )


def built_in_type(catalog: Catalog, name: str) -> int:
    """The oid that stands for one of PostgreSQL's own types, named as `format_type` names it."""
    return _built_in(catalog, "pg_type", PG_CATALOG, name)
