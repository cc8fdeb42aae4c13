"""CREATE PUBLICATION and ALTER PUBLICATION."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.nodes import option_value, strings, truth
from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    INSUFFICIENT_PRIVILEGE,
    INVALID_PARAMETER,
    OBJECT_NOT_IN_STATE,
    SYNTAX_ERROR,
    UNDEFINED_COLUMN,
    UNDEFINED_OBJECT,
    UNDEFINED_SCHEMA,
    Refused,
)
from schemaguard.catalog.model import FIRST_USER_OID, Publication, Relation, Table
from schemaguard.catalog.relations import descendants

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

_ACTIONS = frozenset(("insert", "update", "delete", "truncate"))
_PARAMETERS = {"publish": 0, "publish_via_partition_root": 13, "publish_generated_columns": 18}
"""The parameters of a publication and the version that brought them."""

_UNSUPPORTED = {
    "v": "This operation is not supported for views.",
    "m": "This operation is not supported for materialized views.",
    "f": "This operation is not supported for foreign tables.",
    "S": "This operation is not supported for sequences.",
    "i": "This operation is not supported for indexes.",
    "I": "This operation is not supported for partitioned indexes.",
    "c": "This operation is not supported for composite types.",
}

Members = tuple[list[int], list[int]]
"""Oids of tables and of schemas."""


def create_publication(run: Run, node: Node) -> None:
    """CREATE PUBLICATION."""
    from schemaguard.catalog.privileges.query import can_on_database

    catalog, session, name = run.catalog, run.session, node["pubname"]
    if not can_on_database(catalog, session.role, "CREATE"):
        message = f"permission denied for database {catalog.facts['database']}"
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    if node.get("for_all_tables") and not session.is_superuser:
        message = "must be superuser to create FOR ALL TABLES publication"
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    if name in catalog.publications:
        raise Refused(DUPLICATE_OBJECT, f'publication "{name}" already exists')
    _check_parameters(run, node)
    tables, schemas = _members(run, node, name)
    _refuse_parts_of_partitioned(run, node, name)
    if schemas and not session.is_superuser:
        message = "must be superuser to create FOR TABLES IN SCHEMA publication"
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    publication = Publication(
        catalog.new_oid(),
        name,
        session.role,
        all_tables=bool(node.get("for_all_tables")),
        because=run.origin(),
    )
    catalog.put(catalog.publications, name, publication.oid)
    _store(run, publication, tables, schemas)


def alter_publication(run: Run, node: Node) -> None:
    """ALTER PUBLICATION … ADD, SET or DROP."""
    catalog, name = run.catalog, node["pubname"]
    oid = catalog.publications.get(name)
    if oid is None:
        raise Refused(UNDEFINED_OBJECT, f'publication "{name}" does not exist')
    publication = catalog.get(oid, Publication)
    if not run.session.owns(publication.owner):
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of publication {name}")
    if "pubobjects" not in node:
        _check_parameters(run, node)
        return
    action = node.get("action", "AP_AddObjects")
    kinds = {element["PublicationObjSpec"]["pubobjtype"] for element in node["pubobjects"]}
    named = "PUBLICATIONOBJ_TABLE" in kinds
    _refuse_for_all_tables(publication, tables=named, schemas=bool(kinds - {"PUBLICATIONOBJ_TABLE"}))
    tables, schemas = _members(run, node, name, dropping=action == "AP_DropObjects")
    if schemas and action != "AP_DropObjects" and not run.session.is_superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, "must be superuser to add or set schemas")
    match action:
        case "AP_SetObjects":
            _store(run, publication, tables, schemas)
        case "AP_DropObjects":
            _drop_members(run, publication, node, tables, schemas)
        case _:
            _refuse_present(run, publication, tables, schemas)
            _store(run, publication, [*publication.tables, *tables], [*publication.schemas, *schemas])


def _refuse_for_all_tables(publication: Publication, *, tables: bool, schemas: bool) -> None:
    if not publication.all_tables:
        return
    what = "Schemas" if schemas and not tables else "Tables"
    detail = f"{what} cannot be added to or dropped from FOR ALL TABLES publications."
    message = f'publication "{publication.name}" is defined as FOR ALL TABLES'
    raise Refused(OBJECT_NOT_IN_STATE, message, detail=detail)


def _refuse_present(run: Run, publication: Publication, tables: list[int], schemas: list[int]) -> None:
    for oid in tables:
        if oid in publication.tables:
            relation = run.catalog.get(oid, Relation).name
            message = f'relation "{relation}" is already member of publication "{publication.name}"'
            raise Refused(DUPLICATE_OBJECT, message)
    for oid in schemas:
        if oid in publication.schemas:
            schema = run.catalog.schema_name(oid)
            message = f'schema "{schema}" is already member of publication "{publication.name}"'
            raise Refused(DUPLICATE_OBJECT, message)


def _drop_members(
    run: Run, publication: Publication, node: Node, tables: list[int], schemas: list[int]
) -> None:
    for oid in tables:
        if oid not in publication.tables:
            relation = run.catalog.get(oid, Relation).name
            raise Refused(UNDEFINED_OBJECT, f'relation "{relation}" is not part of the publication')
    if any(
        "whereClause" in element["PublicationObjSpec"].get("pubtable", {}) for element in node["pubobjects"]
    ):
        message = "cannot use a WHERE clause when removing a table from a publication"
        raise Refused(SYNTAX_ERROR, message)
    for oid in schemas:
        if oid not in publication.schemas:
            schema = run.catalog.schema_name(oid)
            raise Refused(UNDEFINED_OBJECT, f'tables from schema "{schema}" are not part of the publication')
    _store(
        run,
        publication,
        [oid for oid in publication.tables if oid not in tables],
        [oid for oid in publication.schemas if oid not in schemas],
    )


def _store(run: Run, publication: Publication, tables: list[int], schemas: list[int]) -> None:
    changed = msgspec.structs.replace(
        publication, tables=tuple(dict.fromkeys(tables)), schemas=tuple(dict.fromkeys(schemas))
    )
    run.catalog.store(changed)


def _check_parameters(run: Run, node: Node) -> None:
    """Refuse parameters that publications do not have, or not with that value."""
    for element in node.get("options") or ():
        option = element["DefElem"]
        name, value = option["defname"], option_value(option.get("arg"))
        if _PARAMETERS.get(name, run.catalog.version + 1) > run.catalog.version:
            raise Refused(SYNTAX_ERROR, f'unrecognized publication parameter: "{name}"')
        if name == "publish":
            for action in str(value).split(","):
                if action.strip() and action.strip() not in _ACTIONS:
                    message = f'unrecognized value for publication option "publish": "{action.strip()}"'
                    raise Refused(SYNTAX_ERROR, message)


def _members(run: Run, node: Node, publication: str, *, dropping: bool = False) -> Members:
    """The tables and schemas that the object list names."""
    tables: list[int] = []
    schemas: list[int] = []
    columns: list[Relation] = []
    for element in node.get("pubobjects") or ():
        spec = element["PublicationObjSpec"]
        match spec["pubobjtype"]:
            case "PUBLICATIONOBJ_TABLE":
                relation = _table(run, spec["pubtable"], dropping=dropping)
                tables.append(relation.oid)
                if "columns" in spec["pubtable"]:
                    columns.append(relation)
                if (
                    spec["pubtable"]["relation"].get("inh")
                    and isinstance(relation, Table)
                    and relation.kind == "r"
                ):
                    tables.extend(child.oid for child in descendants(run.catalog, relation.oid))
            case "PUBLICATIONOBJ_TABLES_IN_SCHEMA":
                schemas.append(_publishable_schema(run, spec["name"]))
            case _:
                path = run.session.schema_oids()
                if not path:
                    raise Refused(UNDEFINED_SCHEMA, "no schema has been selected for CURRENT_SCHEMA")
                schemas.append(path[0])
    if schemas and columns:
        table = columns[0]
        text = f"{run.catalog.schema_name(table.schema)}.{table.name}"
        message = f'cannot use column list for relation "{text}" in publication "{publication}"'
        raise Refused(INVALID_PARAMETER, message)
    return tables, schemas


def _refuse_parts_of_partitioned(run: Run, node: Node, publication: str) -> None:
    """A partitioned table is published by its partitions, in whole, unless the root is what is published."""
    options = {
        element["DefElem"]["defname"]: element["DefElem"].get("arg") for element in node.get("options") or ()
    }
    if "publish_via_partition_root" in options and truth(options["publish_via_partition_root"]):
        return
    for element in node.get("pubobjects") or ():
        table = element["PublicationObjSpec"].get("pubtable")
        if table is None or not ("columns" in table or "whereClause" in table):
            continue
        relation = run.session.relation(table["relation"])
        if relation.kind != "p":
            continue
        if "whereClause" in table:
            message = f'cannot use publication WHERE clause for relation "{relation.name}"'
        else:
            text = f"{run.catalog.schema_name(relation.schema)}.{relation.name}"
            message = f'cannot use column list for relation "{text}" in publication "{publication}"'
        raise Refused(INVALID_PARAMETER, message)


def _publishable_schema(run: Run, name: str) -> int:
    schema = run.session.schema(name)
    if schema.oid < FIRST_USER_OID and schema.name != "public":
        raise Refused(
            INVALID_PARAMETER,
            f'cannot add schema "{name}" to publication',
            detail="This operation is not supported for system schemas.",
        )
    return schema.oid


def _table(run: Run, spec: Node, *, dropping: bool) -> Relation:
    """A table of the list, fit to be published."""
    relation: Relation = run.session.relation(spec["relation"])
    if dropping:
        if "columns" in spec:
            message = "column list must not be specified in ALTER PUBLICATION ... DROP"
            raise Refused(SYNTAX_ERROR, message)
        return relation
    run.session.require_owner(relation)
    detail = _UNSUPPORTED.get(relation.kind, "")
    if relation.oid < FIRST_USER_OID:
        detail = "This operation is not supported for system tables."
    elif relation.persistence == "t":
        detail = "This operation is not supported for temporary tables."
    elif relation.persistence == "u":
        detail = "This operation is not supported for unlogged tables."
    if detail:
        message = f'cannot add relation "{relation.name}" to publication'
        raise Refused(INVALID_PARAMETER, message, detail=detail)
    _check_columns(relation, strings(spec.get("columns")))
    if "whereClause" in spec:
        from schemaguard.catalog.analysis.binding import bind_expression

        bind_expression(run.session, spec["whereClause"], relation, run.origin(), context="publication")
    return relation


def _check_columns(relation: Relation, names: list[str]) -> None:
    for number, name in enumerate(names):
        if relation.column(name) is None:
            message = f'column "{name}" of relation "{relation.name}" does not exist'
            raise Refused(UNDEFINED_COLUMN, message)
        if name in names[:number]:
            raise Refused(DUPLICATE_OBJECT, f'duplicate column "{name}" in publication column list')


HANDLERS = {"CreatePublicationStmt": create_publication, "AlterPublicationStmt": alter_publication}
