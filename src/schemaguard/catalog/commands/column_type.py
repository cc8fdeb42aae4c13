"""ALTER TABLE … ALTER COLUMN … TYPE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.columns import depend_on_types, require_identity_type, resolve_column_type
from schemaguard.catalog.describe import describe_object
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    FEATURE_NOT_SUPPORTED,
    INVALID_TABLE_DEFINITION,
    SYNTAX_ERROR,
    Refused,
)
from schemaguard.catalog.events import TypeChanged
from schemaguard.catalog.model import Column, Function, Policy, Relation, Rule, Sequence, Table, Trigger, View
from schemaguard.catalog.relations import current, replace_column, require_column
from schemaguard.catalog.widening import is_narrowing

if TYPE_CHECKING:
    from schemaguard.catalog.model import TypeRef
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def refuse_partition_key(table: Table, column: Column, verb: str) -> None:
    """Refuse to drop or alter a column of the partition key."""
    if any(number == column.number for _name, number in table.partition_columns):
        raise Refused(
            INVALID_TABLE_DEFINITION,
            f'cannot {verb} column "{column.name}" because it is part of the partition key of relation "{table.name}"',
        )


def alter_type(run: Run, relation: Relation, command: Node) -> None:
    """ALTER COLUMN … TYPE."""
    from schemaguard.catalog.analysis.binding import bind_expression

    table = run.catalog.get(relation.oid, Table)
    column = require_column(table, command["name"])
    definition = command["def"]["ColumnDef"]
    if table.of_type:
        raise Refused("42809", "cannot alter column type of typed table")
    if column.parents:
        raise Refused(INVALID_TABLE_DEFINITION, f'cannot alter inherited column "{column.name}"')
    refuse_partition_key(table, column, "alter")
    ref = resolve_column_type(run, definition["typeName"], column.name)
    using = definition.get("raw_default")
    if using is not None:
        bind_expression(run.session, using, table, run.origin(), context="transform")
    if command.get("_only") and run.catalog.children_of.get(table.oid):
        raise Refused(
            INVALID_TABLE_DEFINITION,
            f'type of inherited column "{column.name}" must be changed in child tables too',
        )
    _set_type(run, table, column, ref, definition, has_using=using is not None)


def _set_type(
    run: Run, table: Table, column: Column, ref: TypeRef, definition: Node, *, has_using: bool
) -> None:
    from schemaguard.catalog.analysis.types import can_assign, format_type

    catalog = run.catalog
    if column.identity:
        require_identity_type(run, ref)
    old_text, new_text = format_type(catalog, column.type), format_type(catalog, ref)
    if not has_using and not can_assign(catalog, column.type, ref):
        raise Refused(
            DATATYPE_MISMATCH,
            f'column "{column.name}" cannot be cast automatically to type {new_text}',
            hint=f'You might need to specify "USING {column.name}::{new_text}".',
        )
    if column.default is not None and not column.generated and not _default_fits(run, column, ref):
        raise Refused(
            DATATYPE_MISMATCH,
            f'default for column "{column.name}" cannot be cast automatically to type {new_text}',
        )
    _refuse_dependents(run, table, column)
    collation = ".".join(
        part["String"]["sval"] for part in (definition.get("collClause") or {}).get("collname", ())
    )
    because = run.origin()
    changed = msgspec.structs.replace(column, type=ref, collation=collation, type_because=because)
    for edge_target, edge in list(catalog.references.get(table.oid, ())):
        if edge.sub == column.number and edge_target == column.type.oid:
            catalog.remove(catalog.dependents.get(edge_target, {}), edge)
            catalog.remove(catalog.references[table.oid], (edge_target, edge))
    table = replace_column(catalog, current(catalog, table), changed)
    depend_on_types(run, table.oid, (changed,))
    if column.identity:
        _retype_sequence(run, table, column, ref)
    run.event(
        TypeChanged(
            because=because,
            table=table.oid,
            column=column.number,
            old=old_text,
            new=new_text,
            narrowing=column.type != ref and is_narrowing(catalog, column.type, ref),
            born=column.because,
        )
    )
    for child in catalog.children(table.oid):
        own = child.column(column.name)
        if own is not None:
            _set_type(run, child, own, ref, definition, has_using=has_using)


def _default_fits(run: Run, column: Column, ref: TypeRef) -> bool:
    """Whether a default can be converted: a literal is taken for fine, else the old type must be assignable."""
    from schemaguard.catalog.analysis.types import can_assign
    from schemaguard.catalog.commands.columns import is_simple

    if column.default is not None and is_simple(column.default) and "A_Const" in column.default.node:
        return can_assign(run.catalog, column.type, ref)
    return can_assign(run.catalog, column.type, ref)


def _retype_sequence(run: Run, table: Table, column: Column, ref: TypeRef) -> None:
    from schemaguard.catalog.commands.sequences import BOUNDS

    catalog = run.catalog
    for edge in list(catalog.dependents.get(table.oid, ())):
        record = catalog.objects.get(edge.oid)
        if isinstance(record, Sequence) and record.owned_by == (table.oid, column.number):
            old = BOUNDS.get(record.type.oid, (0, 0))
            maximum = BOUNDS[ref.oid][1] if record.maximum in (None, old[1]) else record.maximum
            catalog.store(msgspec.structs.replace(record, type=ref, maximum=maximum))


def _refuse_dependents(run: Run, table: Table, column: Column) -> None:
    """Views, rules, policies, triggers, routines and generated columns that use a column hold its type fast."""
    catalog = run.catalog
    for edge in catalog.dependents.get(table.oid, ()):
        if edge.on_sub != column.number:
            continue
        record = catalog.objects.get(edge.oid)
        what = ""
        match record:
            case View() | Rule():
                what = "used by a view or rule"
            case Policy():
                what = "used in a policy definition"
            case Trigger():
                what = "used in a trigger definition"
            case Function():
                what = "used by a function or procedure"
            case Table() if edge.oid == table.oid and edge.sub > 0 and edge.sub != column.number:
                what = "used by a generated column"
        if what:
            raise Refused(
                FEATURE_NOT_SUPPORTED if "generated" not in what else SYNTAX_ERROR,
                f"cannot alter type of a column {what}",
                detail=f'{describe_object(catalog, edge.oid, max(edge.sub, 0))} depends on column "{column.name}"',
            )
