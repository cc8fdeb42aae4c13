"""ALTER COLUMN … ADD GENERATED AS IDENTITY, SET GENERATED, DROP IDENTITY."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.columns import ColumnPlan, create_sequences, require_identity_type
from schemaguard.catalog.commands.inheritance import PARTITIONS_SHARE_IDENTITY_SINCE
from schemaguard.catalog.deletion import delete_objects
from schemaguard.catalog.errors import INVALID_TABLE_DEFINITION, OBJECT_NOT_IN_STATE, Refused
from schemaguard.catalog.model import Column, Relation, Sequence, Table
from schemaguard.catalog.relations import current, replace_column, require_column

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def add_identity(run: Run, relation: Relation, command: Node) -> None:
    """ADD GENERATED … AS IDENTITY."""
    column = require_column(relation, command["name"])
    place = f'column "{column.name}" of relation "{relation.name}"'
    require_identity_type(run, column.type)
    _refuse_part_of_partitioning(run, relation, command, "add identity to a column")
    if not column.not_null:
        raise Refused(OBJECT_NOT_IN_STATE, f"{place} must be declared NOT NULL before identity can be added")
    if column.identity:
        raise Refused(OBJECT_NOT_IN_STATE, f"{place} is already an identity column")
    if column.default is not None:
        raise Refused(OBJECT_NOT_IN_STATE, f"{place} already has a default value")
    table = run.catalog.get(relation.oid, Table)  # a view's columns are never NOT NULL
    fields = command["def"]["Constraint"]
    plan = ColumnPlan(msgspec.structs.replace(column, identity=fields["generated_when"]))
    plan.sequence = fields.get("options") or []
    create_sequences(run, table.oid, table.schema, table.name, [plan])
    replace_column(run.catalog, current(run.catalog, table), plan.column)
    _set_identity_kind(run, table, plan.column, plan.column.identity)


def _refuse_part_of_partitioning(run: Run, relation: Relation, command: Node, what: str) -> None:
    """From PostgreSQL 17 on an identity is the whole partitioned table's."""
    if run.catalog.version < PARTITIONS_SHARE_IDENTITY_SINCE:
        return
    if relation.kind == "p" and command.get("_only"):
        raise Refused(INVALID_TABLE_DEFINITION, f"cannot {what} of only the partitioned table")
    if isinstance(relation, Table) and relation.is_partition:
        raise Refused(INVALID_TABLE_DEFINITION, f"cannot {what} of a partition")


def set_identity(run: Run, relation: Relation, command: Node) -> None:
    """SET GENERATED …, and the options of the identity's sequence."""
    from schemaguard.catalog.commands.sequences import alter_sequence_parameters

    column = require_column(relation, command["name"])
    _refuse_part_of_partitioning(run, relation, command, "change identity column")
    if not column.identity:
        raise Refused(
            OBJECT_NOT_IN_STATE,
            f'column "{column.name}" of relation "{relation.name}" is not an identity column',
        )
    table = run.catalog.get(relation.oid, Table)
    options = []
    for item in command["def"]["List"]["items"]:
        element = item["DefElem"]
        if element["defname"] == "generated":
            _set_identity_kind(run, table, column, chr(element["arg"]["Integer"]["ival"]))
        else:
            options.append(item)
    if options and (sequence := _identity_sequence(run, table, column)) is not None:
        alter_sequence_parameters(run, sequence, options)


def _set_identity_kind(run: Run, table: Table, column: Column, kind: str) -> None:
    """Change the letter of `pg_attribute.attidentity`, and that of the partitions' columns, which share it."""
    replace_column(run.catalog, current(run.catalog, table), msgspec.structs.replace(column, identity=kind))
    if table.kind != "p" or run.catalog.version < PARTITIONS_SHARE_IDENTITY_SINCE:
        return
    for child in run.catalog.children(table.oid):
        _set_identity_kind(run, child, require_column(child, column.name), kind)


def _identity_sequence(run: Run, table: Table, column: Column) -> Sequence | None:
    for edge in run.catalog.dependents.get(table.oid, ()):
        record = run.catalog.objects.get(edge.oid)
        if isinstance(record, Sequence) and record.owned_by == (table.oid, column.number):
            return record
    return None


def drop_identity(run: Run, relation: Relation, command: Node) -> None:
    """DROP IDENTITY: the sequence goes."""
    column = require_column(relation, command["name"])
    _refuse_part_of_partitioning(run, relation, command, "drop identity from a column")
    if not column.identity:
        if command.get("missing_ok"):
            return
        raise Refused(
            OBJECT_NOT_IN_STATE,
            f'column "{column.name}" of relation "{relation.name}" is not an identity column',
        )
    table = run.catalog.get(relation.oid, Table)
    _set_identity_kind(run, table, column, "")
    if (sequence := _identity_sequence(run, table, column)) is not None:
        delete_objects(run, [(sequence.oid, 0)], cascade=True, quiet=True)
