"""ALTER … SET SCHEMA and ALTER … OWNER TO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.commands.drop import find_object, require_ownership
from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    DUPLICATE_TABLE,
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import (
    CompositeType,
    Constraint,
    EventTrigger,
    Extension,
    Function,
    Index,
    Relation,
    Role,
    Schema,
    Sequence,
    Table,
    Type,
)
from schemaguard.catalog.session import TEMPORARY_SCHEMA
from schemaguard.catalog.state import PG_TOAST

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

RELATIONS = frozenset(
    ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE")
)


# SET SCHEMA


def set_schema(run: Run, node: Node) -> None:
    """ALTER … SET SCHEMA."""
    kind = node["objectType"]
    if kind in RELATIONS:
        relation = run.session.find_relation(node["relation"])
        if relation is None:
            if node.get("missing_ok"):
                return
            relation = run.session.relation(node["relation"])
        run.session.require_owner(relation)
        if relation.kind in "iI":
            raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is an index')
        if isinstance(relation, Sequence) and relation.owned_by:
            raise Refused(FEATURE_NOT_SUPPORTED, "cannot move an owned sequence into another schema")
        move_relation(run, relation, _new_schema(run, node))
        return
    if kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        _move_type(run, node)
        return
    schema = _new_schema(run, node)
    if kind == "OBJECT_EXTENSION":
        oid = run.catalog.extensions.get(_plain_name(node))
        if oid is None:
            raise Refused(UNDEFINED_OBJECT, f'extension "{_plain_name(node)}" does not exist')
        run.catalog.store(msgspec.structs.replace(run.catalog.get(oid, Extension), schema=schema.oid))
    else:
        _move_other(run, node, schema)


def _new_schema(run: Run, node: Node) -> Schema:
    """The schema that something is to be moved to."""
    name = node["newschema"]
    if name == TEMPORARY_SCHEMA:
        raise Refused(FEATURE_NOT_SUPPORTED, "cannot move objects into or out of temporary schemas")
    schema = run.session.schema(name)
    run.session.require_create(schema)
    if schema.oid == PG_TOAST:
        raise Refused(FEATURE_NOT_SUPPORTED, "cannot move objects into or out of TOAST schema")
    return schema


def _plain_name(node: Node) -> str:
    _tag, fields = only(node["object"])
    return str(fields.get("sval", ""))


def move_relation(run: Run, relation: Relation, schema: Schema) -> None:
    """Move a relation with its row type, indexes, constraints and owned sequences."""
    catalog = run.catalog
    if relation.schema == schema.oid:
        return
    if (schema.oid, relation.name) in catalog.relations:
        raise Refused(DUPLICATE_TABLE, f'relation "{relation.name}" already exists in schema "{schema.name}"')
    _rehome(run, relation, schema)
    for constraint in catalog.constraints(relation.oid):
        _rehome_constraint(run, constraint, relation.schema, schema.oid)
    for index in catalog.indexes(relation.oid):
        _rehome(run, index, schema)
    for edge in list(catalog.dependents.get(relation.oid, ())):
        sequence = catalog.objects.get(edge.oid)
        if isinstance(sequence, Sequence) and sequence.owned_by and sequence.owned_by[0] == relation.oid:
            _rehome(run, sequence, schema)


def _rehome(run: Run, relation: Relation, schema: Schema) -> None:
    catalog = run.catalog
    key = (relation.schema, relation.name)
    if (schema.oid, relation.name) in catalog.relations:
        raise Refused(DUPLICATE_TABLE, f'relation "{relation.name}" already exists in schema "{schema.name}"')
    catalog.remove(catalog.relations, key)
    catalog.put(catalog.relations, (schema.oid, relation.name), relation.oid)
    catalog.store(msgspec.structs.replace(catalog.get(relation.oid, Relation), schema=schema.oid))
    _move_edge(run, relation.oid, relation.schema, schema.oid)
    if relation.kind in "rpfvmc":
        _rehome_type(run, catalog.get(catalog.types[key], Type), schema)


def _rehome_type(run: Run, record: Type, schema: Schema) -> None:
    catalog = run.catalog
    if (schema.oid, record.name) in catalog.types:
        raise Refused(DUPLICATE_OBJECT, f'type "{record.name}" already exists in schema "{schema.name}"')
    catalog.remove(catalog.types, (record.schema, record.name))
    catalog.put(catalog.types, (schema.oid, record.name), record.oid)
    catalog.store(msgspec.structs.replace(record, schema=schema.oid))
    _move_edge(run, record.oid, record.schema, schema.oid)


def _rehome_constraint(run: Run, constraint: Constraint, old: int, new: int) -> None:
    catalog = run.catalog
    for key, step in (((old, constraint.name), -1), ((new, constraint.name), 1)):
        catalog.put(catalog.constraint_names, key, catalog.constraint_names.get(key, 0) + step)


def _move_edge(run: Run, oid: int, old: int, new: int) -> None:
    """Let the object depend on its new schema instead of the old one."""
    catalog = run.catalog
    for target, edge in list(catalog.references.get(oid, ())):
        if target == old:
            catalog.remove(catalog.dependents.get(old, {}), edge)
            catalog.remove(catalog.references[oid], (target, edge))
    catalog.depend(oid, new)


def _move_type(run: Run, node: Node) -> None:
    tag, fields = only(node["object"])
    names = strings(fields["items"] if tag == "List" else fields["names"])
    oid = next(run.session.names_in_path(run.catalog.types, names), None)
    if oid is None:
        raise Refused(UNDEFINED_OBJECT, f'type "{".".join(names)}" does not exist')
    schema = _new_schema(run, node)
    record = run.catalog.get(oid, Type)
    require_ownership(run, oid)
    relation = run.catalog.objects.get(record.relation)
    if relation is not None and not isinstance(relation, CompositeType):
        raise Refused(WRONG_OBJECT_TYPE, f"{record.name} is a table's row type")
    if record.schema == schema.oid:
        return
    if isinstance(relation, CompositeType):
        move_relation(run, relation, schema)
        return
    _rehome_type(run, record, schema)
    for constraint in run.catalog.constraints(oid):
        _rehome_constraint(run, constraint, record.schema, schema.oid)


def _move_other(run: Run, node: Node, schema: Schema) -> None:
    """Functions and the objects that are known by name."""
    from schemaguard.catalog.commands.routine_names import move_routine, refuse_same_signature

    catalog = run.catalog
    target = find_object(run, node["objectType"], node["object"])
    if target is None:
        return
    record: Any = catalog.objects[target[0]]
    if record.schema == schema.oid:
        return
    require_ownership(run, record.oid)
    moved = msgspec.structs.replace(record, schema=schema.oid)
    if isinstance(record, Function):
        refuse_same_signature(run, moved)
        move_routine(run, record, moved)
    else:
        catalog.remove(catalog.others, (record.catalog, record.schema, record.name))
        catalog.put(catalog.others, (record.catalog, schema.oid, record.name), record.oid)
        catalog.store(moved)
    _move_edge(run, record.oid, record.schema, schema.oid)


# OWNER TO


def alter_owner(run: Run, node: Node) -> None:
    """ALTER … OWNER TO of what is not a relation."""
    from schemaguard.catalog.privileges.rolespec import resolve_role

    owner = resolve_role(run, node["newowner"])
    kind = node["objectType"]
    if kind in ("OBJECT_DATABASE", "OBJECT_LARGEOBJECT", "OBJECT_TABLESPACE", "OBJECT_SUBSCRIPTION"):
        if kind == "OBJECT_DATABASE":
            run.catalog.put(run.catalog.facts, "database_owner", owner)
            for (catalog_name, _schema, _name), oid in list(run.catalog.others.items()):
                if catalog_name == "pg_database":  # what a GRANT ON DATABASE has left
                    give(run, run.catalog.objects[oid], owner)
        return
    if kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        tag, fields = only(node["object"])
        names = strings(fields["items"] if tag == "List" else fields["names"])
        target = find_object(
            run, kind, {"TypeName": {"names": [{"String": {"sval": name}} for name in names]}}
        )
    else:
        target = find_object(run, kind, node["object"])
    if target is None:
        return
    record: Any = run.catalog.objects[target[0]]
    if not hasattr(record, "owner") or record.owner == owner:
        return  # to the server, too, it is done already, whoever asks
    require_ownership(run, record.oid)
    require_new_owner(run, owner, getattr(record, "schema", 0))
    if isinstance(record, Schema):
        run.session.require_create_on_database()
    if isinstance(record, EventTrigger) and not run.catalog.get(owner, Role).superuser:
        message = f'permission denied to change owner of event trigger "{record.name}"'
        raise Refused(
            INSUFFICIENT_PRIVILEGE, message, hint="The owner of an event trigger must be a superuser."
        )
    if isinstance(record, Type) and record.relation:
        relation = run.catalog.objects[record.relation]
        if not isinstance(relation, CompositeType):
            raise Refused(WRONG_OBJECT_TYPE, f"{record.name} is a table's row type")
        give(run, relation, owner)
    give(run, record, owner)


def require_new_owner(run: Run, owner: int, schema: int) -> None:
    """Refuse unless the role in force may hand the object over: SET ROLE to the new owner, who may create there."""
    session, catalog = run.session, run.catalog
    if session.is_superuser:
        return
    from schemaguard.catalog.privileges.membership import can_set_role
    from schemaguard.catalog.privileges.query import can_on_schema

    name = catalog.owner_name(owner)
    if not can_set_role(catalog, session.role, owner):
        word = "SET ROLE" if catalog.version >= 16 else ""
        message = f'must be able to {word} "{name}"' if word else f'must be member of role "{name}"'
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    if schema and not can_on_schema(catalog, owner, schema, "CREATE"):
        raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for schema {catalog.schema_name(schema)}")


def give(run: Run, record: Any, owner: int) -> None:  # noqa: ANN401 - any record with an owner
    """Make `owner` the owner of one record; what the old owner granted and had, the new one granted and has."""
    from schemaguard.catalog.privileges.acl import change_owner

    changes: dict[str, Any] = {"owner": owner}
    if getattr(record, "acl", None) is not None:
        changes["acl"] = change_owner(record.acl, record.owner, owner)
    if isinstance(record, (Relation, Function)):
        changes["owner_because"] = run.origin()
    run.catalog.store(msgspec.structs.replace(record, **changes))


def change_relation_owner(run: Run, relation: Relation, owner: int, *, recursing: bool = False) -> None:
    """ALTER TABLE … OWNER TO: the table, its row type, indexes, column privileges and owned sequences.

    `recursing`: part of a larger change (REASSIGN OWNED), so without the checks of the statement.
    """
    from schemaguard.catalog.privileges.acl import change_owner

    catalog = run.catalog
    if relation.owner == owner:
        return
    if isinstance(relation, Sequence) and relation.owned_by and not recursing:
        table = catalog.get(relation.owned_by[0], Table)
        raise Refused(
            FEATURE_NOT_SUPPORTED,
            f'cannot change owner of sequence "{relation.name}"',
            detail=f'Sequence "{relation.name}" is linked to table "{table.name}".',
        )
    old = relation.owner
    if not recursing:
        require_new_owner(run, owner, relation.schema)
    give(run, relation, owner)
    present = catalog.get(relation.oid, Relation)
    if any(column.acl for column in present.columns):
        columns = tuple(
            msgspec.structs.replace(column, acl=change_owner(column.acl, old, owner) or ())
            for column in present.columns
        )
        catalog.store(msgspec.structs.replace(present, columns=columns))
    if relation.kind in "rpfvmc":
        give(run, catalog.get(catalog.types[relation.schema, relation.name], Type), owner)
    for index in catalog.indexes(relation.oid):
        catalog.store(msgspec.structs.replace(catalog.get(index.oid, Index), owner=owner))
    for edge in list(catalog.dependents.get(relation.oid, ())):
        sequence = catalog.objects.get(edge.oid)
        if isinstance(sequence, Sequence) and sequence.owned_by and sequence.owned_by[0] == relation.oid:
            give(run, sequence, owner)


HANDLERS = {"AlterObjectSchemaStmt": set_schema, "AlterOwnerStmt": alter_owner}
