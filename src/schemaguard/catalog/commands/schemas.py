"""CREATE SCHEMA, with the elements that may stand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only
from schemaguard.catalog.errors import (
    DUPLICATE_SCHEMA,
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    RESERVED_NAME,
    Refused,
)
from schemaguard.catalog.model import Schema
from schemaguard.catalog.privileges.acl import acl_for_new_object
from schemaguard.catalog.privileges.membership import GRANT_OPTIONS_SINCE, can_set_role, is_member_of
from schemaguard.catalog.privileges.predefined import RESERVED_PREFIX
from schemaguard.catalog.privileges.query import can_on_database
from schemaguard.catalog.privileges.rolespec import resolve_role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

INVALID_SCHEMA_DEFINITION = "42P15"


def create_schema(run: Run, node: Node) -> None:
    """CREATE SCHEMA [IF NOT EXISTS] [name] [AUTHORIZATION role] [element …]."""
    catalog, session = run.catalog, run.session
    owner = resolve_role(run, node["authrole"]) if "authrole" in node else session.role
    name = node.get("schemaname") or catalog.owner_name(owner)
    _require_rights(run, owner, name)
    known = catalog.schema_named(name)
    if known is not None and not (known.external and "schemaElts" not in node):
        if node.get("if_not_exists"):
            return
        raise Refused(DUPLICATE_SCHEMA, f'schema "{name}" already exists')
    acl = acl_for_new_object(catalog, owner, 0, "n", run.origin())
    schema = Schema(
        catalog.new_oid() if known is None else known.oid, name, owner, acl=acl, because=run.origin()
    )
    catalog.put(catalog.schemas, name, schema.oid)
    catalog.store(schema)
    elements = node.get("schemaElts", ())
    if elements:
        _create_elements(run, schema, elements)


HANDLERS = {"CreateSchemaStmt": create_schema}


def _require_rights(run: Run, owner: int, name: str) -> None:
    """Refuse unless the role in force may create a schema here for `owner`."""
    catalog, role = run.catalog, run.session.role
    if run.session.is_superuser:
        _refuse_reserved(name)
        return
    if not can_on_database(catalog, role, "CREATE"):
        database = catalog.facts["database"]
        raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for database {database}")
    if catalog.version >= GRANT_OPTIONS_SINCE:
        if not can_set_role(catalog, role, owner):
            message = f'must be able to SET ROLE "{catalog.owner_name(owner)}"'
            raise Refused(INSUFFICIENT_PRIVILEGE, message)
    elif not is_member_of(catalog, role, owner):
        raise Refused(INSUFFICIENT_PRIVILEGE, f'must be member of role "{catalog.owner_name(owner)}"')
    _refuse_reserved(name)


def _refuse_reserved(name: str) -> None:
    if name.startswith(RESERVED_PREFIX):
        detail = 'The prefix "pg_" is reserved for system schemas.'
        raise Refused(RESERVED_NAME, f'unacceptable schema name "{name}"', detail=detail)


_ORDER = ("CreateSeqStmt", "CreateStmt", "ViewStmt", "IndexStmt", "CreateTrigStmt", "GrantStmt")
"""The kinds of elements, in the order in which the server runs them."""


def _create_elements(run: Run, schema: Schema, elements: list[Node]) -> None:
    """Run the elements as the schema's owner, with the schema first in the search path."""
    session = run.session
    role, search_path = session.role, session.search_path
    session.role, session.search_path = schema.owner, (schema.name, *search_path)
    try:
        for element in _in_order(schema.name, elements):
            session.execute_nested(element, run.statement)
    finally:
        session.role, session.search_path = role, search_path


def _in_order(schema: str, elements: list[Node]) -> Iterator[Node]:
    def rank(element: Node) -> int:
        kind, _fields = only(element)
        if kind not in _ORDER:
            raise Refused(FEATURE_NOT_SUPPORTED, f"{kind} is no element of CREATE SCHEMA")
        return _ORDER.index(kind)

    for element in sorted(elements, key=rank):
        kind, fields = only(element)
        yield {kind: _in_schema(kind, fields, schema)}


_NAME_FIELD = {
    "CreateSeqStmt": "sequence",
    "CreateStmt": "relation",
    "ViewStmt": "view",
    "IndexStmt": "relation",
    "CreateTrigStmt": "relation",
}


def _in_schema(kind: str, fields: Node, schema: str) -> Node:
    """The element with its relation's name qualified by the schema.

    Raises:
        Refused: it names another schema.
    """
    field = _NAME_FIELD.get(kind)
    if field is None:
        return fields
    named = fields[field].get("schemaname", schema)
    if named != schema:
        message = f"CREATE specifies a schema ({named}) different from the one being created ({schema})"
        raise Refused(INVALID_SCHEMA_DEFINITION, message)
    return {**fields, field: {**fields[field], "schemaname": schema}}
