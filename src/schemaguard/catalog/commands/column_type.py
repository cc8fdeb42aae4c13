"""ALTER TABLE … ALTER COLUMN … TYPE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.columns import (
    depend_on_types,
    named_collation,
    require_identity_type,
    resolve_column_type,
)
from schemaguard.catalog.describe import describe_object
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    FEATURE_NOT_SUPPORTED,
    INVALID_TABLE_DEFINITION,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.events import TypeChanged
from schemaguard.catalog.model import (
    Column,
    Constraint,
    Function,
    Policy,
    Relation,
    Rule,
    Sequence,
    Table,
    Trigger,
    View,
)
from schemaguard.catalog.relations import current, descendants, replace_column, require_column
from schemaguard.catalog.seeds import column_rewritten
from schemaguard.catalog.type_records import refuse_self_reference
from schemaguard.catalog.widening import is_narrowing

if TYPE_CHECKING:
    from schemaguard.catalog.model import Expression, TypeRef
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def refuse_partition_key(table: Table, column: Column, verb: str) -> None:
    """Refuse to drop or alter a column of the partition key."""
    if any(number == column.number for _name, number in table.partition_columns):
        raise Refused(
            INVALID_TABLE_DEFINITION,
            f'cannot {verb} column "{column.name}" because it is part of the partition key of relation "{table.name}"',
        )


def prepare_alter_type(run: Run, relation: Relation, command: Node) -> None:
    """Refuse what the server refuses of ALTER COLUMN … TYPE before any action of its statement has run."""
    table = run.catalog.get(relation.oid, Table)
    column = require_column(table, command["name"])
    definition = command["def"]["ColumnDef"]
    using = definition.get("raw_default")
    if column.identity:
        require_identity_type(run, resolve_column_type(run, definition["typeName"], column.name))
    if table.of_type:
        raise Refused(WRONG_OBJECT_TYPE, "cannot alter column type of typed table")
    if column.generated and using is not None:
        raise Refused("42611", "cannot specify USING when altering type of generated column")
    if column.parents:
        raise Refused(INVALID_TABLE_DEFINITION, f'cannot alter inherited column "{column.name}"')
    for member in (table, *descendants(run.catalog, table.oid)):
        if (own := member.column(column.name)) is not None:
            refuse_partition_key(member, own, "alter")
    ref = resolve_column_type(run, definition["typeName"], column.name)
    refuse_self_reference(run.catalog, relation, ref)
    _refuse_without_cast(run, table, column, ref, using)
    if command.get("_only") and run.catalog.children_of.get(table.oid):
        raise Refused(
            INVALID_TABLE_DEFINITION,
            f'type of inherited column "{column.name}" must be changed in child tables too',
        )


def _refuse_without_cast(run: Run, table: Table, column: Column, ref: TypeRef, using: Node | None) -> None:
    """Refuse where what USING says, or the old value itself, can't be assigned to the new type."""
    from schemaguard.catalog.analysis.binding import bind_expression
    from schemaguard.catalog.analysis.types import format_type

    node = using or {"ColumnRef": {"fields": [{"String": {"sval": column.name}}]}}
    if column.generated:
        return
    try:
        bind_expression(
            run.session, node, table, run.origin(), context="transform", target=ref, name=column.name
        )
    except Refused as refused:
        if refused.sqlstate != DATATYPE_MISMATCH:
            raise
        new_text = format_type(run.catalog, ref)
        what = 'result of USING clause for column "{}"' if using else 'column "{}"'
        raise Refused(
            DATATYPE_MISMATCH,
            f"{what.format(column.name)} cannot be cast automatically to type {new_text}",
            hint=f'You might need to specify "USING {column.name}::{new_text}".' if not using else "",
        ) from None


def alter_type(run: Run, relation: Relation, command: Node) -> None:
    """ALTER COLUMN … TYPE."""
    table = run.catalog.get(relation.oid, Table)
    column = require_column(table, command["name"])
    definition = command["def"]["ColumnDef"]
    ref = resolve_column_type(run, definition["typeName"], column.name)
    _set_type(run, table, column, ref, definition)


def _set_type(run: Run, table: Table, column: Column, ref: TypeRef, definition: Node) -> None:
    from schemaguard.catalog.analysis.binding import retarget_default
    from schemaguard.catalog.analysis.types import format_type

    catalog = run.catalog
    old_text, new_text = format_type(catalog, column.type), format_type(catalog, ref)
    default = column.default
    if default is not None:
        default = retarget_default(run.session, default, ref, column.name)
    _refuse_dependents(run, table, column)
    clause = definition.get("collClause")
    collation = named_collation(run, clause, ref) if clause else ""
    because = run.origin()
    changed = msgspec.structs.replace(
        column, type=ref, default=default, collation=collation, type_because=because
    )
    for edge_target, edge in list(catalog.references.get(table.oid, ())):
        if edge.sub == column.number and edge_target == column.type.oid:
            catalog.remove(catalog.dependents.get(edge_target, {}), edge)
            catalog.remove(catalog.references[table.oid], (edge_target, edge))
    table = replace_column(catalog, current(catalog, table), changed)
    column_rewritten(catalog, table, column.number)
    depend_on_types(run, table.oid, (changed,))
    if column.identity:
        _retype_sequence(run, table, column, ref)
    run.event(
        TypeChanged(
            because=because,
            table=table.oid,
            column=column.number,
            name=f"{table.name}.{column.name}",
            old=old_text,
            new=new_text,
            narrowing=column.type != ref and is_narrowing(catalog, column.type, ref),
            born=column.because,
        )
    )
    for child in catalog.children(table.oid):
        own = child.column(column.name)
        if own is not None:
            _set_type(run, child, own, ref, definition)


def read_again(run: Run, relation: Relation, names: set[str]) -> None:
    """Make anew what uses columns that have new types, once all of a statement have them; in the children, too."""
    for table in (current(run.catalog, relation), *descendants(run.catalog, relation.oid)):
        if isinstance(table, Table):
            _read_again(run, table, {column.number for column in table.columns if column.name in names})


def _read_again(run: Run, table: Table, numbers: set[int]) -> None:
    """CHECKs, keys and predicates of indexes, foreign keys."""
    from schemaguard.catalog.commands.foreign_keys import refuse_mismatched_types

    catalog = run.catalog
    for constraint in catalog.constraints(table.oid):
        if constraint.type == "c" and not numbers.isdisjoint(constraint.columns):
            expression = _rebound(run, constraint.expression, table, numbers)
            catalog.store(msgspec.structs.replace(constraint, expression=expression))
        elif constraint.type == "f" and not numbers.isdisjoint(constraint.columns):
            refuse_mismatched_types(run, constraint)
    for edge in list(catalog.dependents.get(table.oid, ())):
        other = catalog.objects.get(edge.oid)
        if not isinstance(other, Constraint) or other.ref_table != table.oid:
            continue
        if not numbers.isdisjoint(other.ref_columns):
            refuse_mismatched_types(run, other)
    for index in catalog.indexes(table.oid):
        keys = tuple(
            msgspec.structs.replace(key, expression=_rebound(run, key.expression, table, numbers))
            for key in index.keys
        )
        predicate = _rebound(run, index.predicate, table, numbers)
        catalog.store(msgspec.structs.replace(index, keys=keys, predicate=predicate))


def _rebound(run: Run, expression: Expression | None, table: Table, numbers: set[int]) -> Expression | None:
    from schemaguard.catalog.analysis.binding import rebind

    if expression is None or numbers.isdisjoint(used for _name, used in expression.columns):
        return expression
    return rebind(run.session, expression, table)


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
                FEATURE_NOT_SUPPORTED,
                f"cannot alter type of a column {what}",
                detail=f'{describe_object(catalog, edge.oid, max(edge.sub, 0))} depends on column "{column.name}"',
            )
