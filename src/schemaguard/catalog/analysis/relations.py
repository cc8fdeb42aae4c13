"""Relations by name, system relations and those of extensions included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.builtin.relations import SCHEMAS, system_relation
from schemaguard.catalog.errors import UNDEFINED_TABLE, Refused
from schemaguard.catalog.model import Relation
from schemaguard.catalog.state import PG_CATALOG

if TYPE_CHECKING:
    from schemaguard.catalog.session import Session
    from schemaguard.statements.statement import Node


def find_relation(session: Session, node: Node) -> Relation | None:
    """The relation that a RangeVar names, or None: the history's own, or one of `pg_catalog`'s."""
    name = node["relname"]
    schema = node.get("schemaname")
    if schema in SCHEMAS:
        return system_relation(schema, name)
    if schema is None and PG_CATALOG in (path := session.lookup_schemas()):
        before = path[: path.index(PG_CATALOG)]
        if not any((other, name) in session.catalog.relations for other in before):
            system = system_relation("pg_catalog", name) if name.startswith("pg_") else None
            if system is not None:
                return system
    found = session.find_relation(node)
    return found if isinstance(found, Relation) else None


def require_relation(session: Session, node: Node) -> Relation:
    """The relation that a RangeVar names.

    Raises:
        Refused: there is none.
    """
    found = find_relation(session, node)
    if found is not None:
        return found
    offset = node.get("location", -1)
    name, schema = node["relname"], node.get("schemaname")
    shown = f"{schema}.{name}" if schema else name
    raise Refused(UNDEFINED_TABLE, f'relation "{shown}" does not exist', offset=offset)
