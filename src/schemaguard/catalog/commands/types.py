"""CREATE TYPE … AS ENUM or composite, and ALTER TYPE on them (ranges, domains, base types have own modules)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import (
    DUPLICATE_COLUMN,
    DUPLICATE_OBJECT,
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    INVALID_PARAMETER,
    UNDEFINED_COLUMN,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Column, CompositeType, Relation, Table, Type, TypeRef
from schemaguard.catalog.names import NAME_BYTES
from schemaguard.catalog.other_objects import depend_on_collation
from schemaguard.catalog.relations import add_relation, current
from schemaguard.catalog.type_records import (
    add_type,
    depend_on_type,
    refuse_self_reference,
    require_type_owner,
    target_of,
    type_record,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.catalog.model import Acl
    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node


def type_acl(run: Run, schema: int) -> Acl | None:
    """What default privileges give on a type that the role in force creates."""
    from schemaguard.catalog.privileges.acl import acl_for_new_object

    return acl_for_new_object(run.catalog, run.session.role, schema, "T", run.origin())


# Enums


def create_enum(run: Run, node: Node) -> None:
    """CREATE TYPE … AS ENUM."""
    schema, name = target_of(run, strings(node["typeName"]))
    labels = strings(node.get("vals"))
    record = Type(
        oid=run.catalog.new_oid(),
        schema=schema.oid,
        name=name,
        kind="e",
        owner=run.session.role,
        labels=tuple(labels),
        acl=type_acl(run, schema.oid),
        because=run.origin(),
    )
    add_type(run.catalog, record)
    for number, label in enumerate(labels):
        _refuse_long_label(label)
        if label in labels[:number]:
            constraint = "pg_enum_typid_label_index"
            raise Refused("23505", f'duplicate key value violates unique constraint "{constraint}"')


def alter_enum(run: Run, node: Node) -> None:
    """ALTER TYPE … ADD VALUE or RENAME VALUE."""
    from schemaguard.catalog.analysis.types import format_type

    names = strings(node["typeName"])
    record = type_record(run.session, names)
    if record is not None and not run.session.owns(record.owner):
        require_type_owner(run, record)
    if record is None or record.kind != "e":
        shown = ".".join(names) if record is None else format_type(run.catalog, TypeRef(record.oid))
        raise Refused(WRONG_OBJECT_TYPE, f"{shown} is not an enum")
    labels = list(record.labels)
    new = node.get("newVal", "")
    if "oldVal" in node:
        _rename_value(labels, node["oldVal"], new)
        # Constants of the type that expressions hold follow the rename: they are kept by the label they had.
        fact = f"renamed labels of {record.oid}"
        renamed = (*run.catalog.facts.get(fact, ()), (node["oldVal"], new))
        run.catalog.put(run.catalog.facts, fact, renamed)
    else:
        _refuse_long_label(new)
        if new in labels:
            if node.get("skipIfNewValExists"):
                return
            raise Refused(DUPLICATE_OBJECT, f'enum label "{new}" already exists')
        labels.insert(_place(labels, node), new)
    run.catalog.store(msgspec.structs.replace(record, labels=tuple(labels)))


def _refuse_long_label(label: str) -> None:
    if len(label.encode()) > NAME_BYTES:
        raise Refused(
            "42602", f'invalid enum label "{label}"', detail=f"Labels must be {NAME_BYTES} bytes or less."
        )


def _rename_value(labels: list[str], old: str, new: str) -> None:
    _refuse_long_label(new)
    if old not in labels:
        raise Refused(INVALID_PARAMETER, f'"{old}" is not an existing enum label')
    if new in labels:
        raise Refused(DUPLICATE_OBJECT, f'enum label "{new}" already exists')
    labels[labels.index(old)] = new


def _place(labels: list[str], node: Node) -> int:
    """Where ADD VALUE puts the new label."""
    neighbour = node.get("newValNeighbor")
    if neighbour is None:
        return len(labels)
    if neighbour not in labels:
        raise Refused(INVALID_PARAMETER, f'"{neighbour}" is not an existing enum label')
    return labels.index(neighbour) + (1 if node.get("newValIsAfter") else 0)


# Composite types


def create_composite(run: Run, node: Node) -> None:
    """CREATE TYPE … AS (attributes)."""
    typevar = node["typevar"]
    names = type_names(typevar)
    schema, name = target_of(run, names)
    columns: list[Column] = []
    for number, element in enumerate(node.get("coldeflist") or (), 1):
        column = _attribute(run, element["ColumnDef"], number)
        if any(column.name == other.name for other in columns):
            raise Refused(DUPLICATE_COLUMN, f'column "{column.name}" specified more than once')
        columns.append(column)
    if (schema.oid, name) in run.catalog.types:
        raise Refused(DUPLICATE_OBJECT, f'type "{name}" already exists')
    relation = CompositeType(
        oid=run.catalog.new_oid(),
        schema=schema.oid,
        name=name,
        kind="c",
        owner=run.session.role,
        columns=tuple(columns),
        because=run.origin(),
    )
    add_relation(run.catalog, relation)
    row_type = run.catalog.get(run.catalog.types[schema.oid, name], Type)
    run.catalog.store(msgspec.structs.replace(row_type, acl=type_acl(run, schema.oid)))
    for column in columns:
        depend_on_type(run.catalog, relation.oid, column.type, sub=column.number)
        depend_on_collation(run, relation.oid, column.collation, sub=column.number)


def _attribute(run: Run, definition: Node, number: int) -> Column:
    from schemaguard.catalog.commands.columns import named_collation, resolve_column_type

    name = definition["colname"]
    type_ = resolve_column_type(run, definition["typeName"], name)
    clause = definition.get("collClause")
    collation = named_collation(run, clause, type_) if clause else ""
    return Column(number, name, type_, collation=collation, because=run.origin(definition))


def alter_composite(run: Run, node: Node) -> None:
    """ALTER TYPE … ADD, DROP or ALTER ATTRIBUTE: an AlterTableStmt whose objtype is OBJECT_TYPE."""
    range_var = node["relation"]
    names = type_names(range_var)
    relation = run.session.find_relation(range_var)
    if relation is None:
        raise Refused("42P01", f'relation "{".".join(names)}" does not exist')
    if not run.session.owns(relation.owner):
        word = "table" if relation.kind == "c" else run.session.describe(relation).split(' "')[0]
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of {word} {relation.name}")
    if not isinstance(relation, CompositeType):
        raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is not a composite type')
    for element in node["cmds"]:
        command = element["AlterTableCmd"]
        relation = current(run.catalog, relation)
        match command["subtype"]:
            case "AT_AddColumn":
                _add_attribute(run, relation, command)
            case "AT_DropColumn":
                _drop_attribute(run, relation, command)
            case "AT_AlterColumnType":
                _alter_attribute(run, relation, command)
            case subtype:
                raise Refused(WRONG_OBJECT_TYPE, f"{subtype} cannot be performed on a composite type")


def typed_tables(run: Run, relation: CompositeType, command: Node) -> list[Table]:
    """The tables OF this type, which follow it with CASCADE and forbid the change without."""
    type_oid = run.catalog.types[relation.schema, relation.name]
    tables = [
        table
        for edge in run.catalog.dependents.get(type_oid, ())
        if isinstance(table := run.catalog.objects.get(edge.oid), Table) and table.of_type == type_oid
    ]
    if tables and command.get("behavior") != "DROP_CASCADE":
        raise Refused(
            "2BP01",
            f'cannot alter type "{relation.name}" because it is the type of a typed table',
            hint="Use ALTER ... CASCADE to alter the typed tables too.",
        )
    return list({table.oid: table for table in tables}.values())


def _targets(run: Run, relation: CompositeType, command: Node) -> Iterator[Relation]:
    yield relation
    yield from typed_tables(run, relation, command)


def _add_attribute(run: Run, relation: CompositeType, command: Node) -> None:
    definition = command["def"]["ColumnDef"]
    for target in list(_targets(run, relation, command)):
        taken = target.column(definition["colname"])
        if taken is not None:
            message = f'column "{taken.name}" of relation "{target.name}" already exists'
            raise Refused(DUPLICATE_COLUMN, message)
        number = _next_number(target)
        column = _attribute(run, definition, number)
        if target is relation:
            refuse_self_reference(run.catalog, relation, column.type)
        changed = msgspec.structs.replace(target, columns=(*target.columns, column))
        if isinstance(changed, Table):
            changed = msgspec.structs.replace(changed, next_number=number + 1)
        run.catalog.store(changed)
        depend_on_type(run.catalog, target.oid, column.type, sub=number)
        depend_on_collation(run, target.oid, column.collation, sub=number)


def _next_number(relation: Relation) -> int:
    if isinstance(relation, Table):
        return relation.next_number
    return max((column.number for column in relation.columns), default=0) + 1


def _drop_attribute(run: Run, relation: CompositeType, command: Node) -> None:
    from schemaguard.catalog.deletion import delete_objects

    name = command["name"]
    if relation.column(name) is None:
        if command.get("missing_ok"):
            return
        raise Refused(UNDEFINED_COLUMN, f'column "{name}" of relation "{relation.name}" does not exist')
    for target in list(_targets(run, relation, command)):
        column = target.column(name)
        if column is not None:
            cascade = command.get("behavior") == "DROP_CASCADE"
            delete_objects(run, [(target.oid, column.number)], cascade=cascade)


def _alter_attribute(run: Run, relation: CompositeType, command: Node) -> None:
    name = command["name"]
    old = relation.column(name)
    if old is None:
        raise Refused(UNDEFINED_COLUMN, f'column "{name}" of relation "{relation.name}" does not exist')
    targets = list(_targets(run, relation, command))
    user = _column_using(run.catalog, run.catalog.types[relation.schema, relation.name], set())
    if user is not None:
        message = f'cannot alter type "{relation.name}" because column "{user[0]}.{user[1]}" uses it'
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    definition = {**command["def"]["ColumnDef"], "colname": name}
    for target in targets:
        present = target.column(name)
        if present is None:
            continue
        column = _attribute(run, definition, present.number)
        run.catalog.forget_dependencies(target.oid, sub=present.number)
        depend_on_type(run.catalog, target.oid, column.type, sub=present.number)
        depend_on_collation(run, target.oid, column.collation, sub=present.number)
        changed = msgspec.structs.replace(
            present, type=column.type, collation=column.collation, type_because=run.origin()
        )
        columns = tuple(changed if one.number == present.number else one for one in target.columns)
        run.catalog.store(msgspec.structs.replace(target, columns=columns))


def _column_using(catalog: Catalog, type_oid: int, seen: set[int]) -> tuple[str, str] | None:
    """A stored column of the type, directly or inside another type (`find_composite_type_dependencies`)."""
    if type_oid in seen:
        return None
    seen.add(type_oid)
    for edge in catalog.dependents.get(type_oid, ()):
        user = catalog.objects.get(edge.oid)
        if isinstance(user, Relation) and edge.sub > 0:
            column = user.column_at(edge.sub)
            if user.kind in "rmp" and column is not None:
                return user.name, column.name
            if user.kind == "c":
                found = _column_using(catalog, catalog.types[user.schema, user.name], seen)
                if found is not None:
                    return found
        elif isinstance(user, Type) and (user.base is not None or user.subtype is not None):
            found = _column_using(catalog, user.oid, seen)
            if found is not None:
                return found
    return None


def alter_base_type(run: Run, node: Node) -> None:
    """ALTER TYPE … SET (property = value): how a base type is stored is not modelled, only who may say it."""
    record = type_record(run.session, strings(node["typeName"]))
    if record is None or not run.session.is_superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, "must be superuser to alter a type")
    if record.kind != "b":
        raise Refused(WRONG_OBJECT_TYPE, f"{record.name} is not a base type")


def type_names(range_var: Node) -> Sequence[str]:
    """The parts of a type's name that the grammar reads as a relation's."""
    return [*([range_var["schemaname"]] if "schemaname" in range_var else []), range_var["relname"]]


HANDLERS = {
    "CreateEnumStmt": create_enum,
    "AlterEnumStmt": alter_enum,
    "AlterTypeStmt": alter_base_type,
    "CompositeTypeStmt": create_composite,
}
