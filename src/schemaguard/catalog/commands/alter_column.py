"""ALTER TABLE … ADD, DROP, ALTER COLUMN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.alter_identity import add_identity, drop_identity, set_identity
from schemaguard.catalog.commands.column_type import alter_type, refuse_partition_key
from schemaguard.catalog.commands.columns import (
    ColumnPlan,
    bind_default,
    bind_generated,
    create_sequences,
    depend_default,
    depend_on_types,
    plan_column,
    resolve_column_type,
)
from schemaguard.catalog.commands.constraints import add_constraint
from schemaguard.catalog.commands.inheritance import PARTITIONS_SHARE_IDENTITY_SINCE
from schemaguard.catalog.commands.not_null import NotNull, drop_not_null, set_not_null
from schemaguard.catalog.deletion import delete_objects
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    DUPLICATE_COLUMN,
    FEATURE_NOT_SUPPORTED,
    INVALID_TABLE_DEFINITION,
    OBJECT_NOT_IN_STATE,
    SYNTAX_ERROR,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Column, Relation, Table
from schemaguard.catalog.relations import (
    SYSTEM_COLUMNS,
    current,
    refuse_too_many_columns,
    replace_column,
    require_column,
)
from schemaguard.catalog.seeds import column_added
from schemaguard.catalog.type_records import refuse_self_reference

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


# ADD COLUMN


def add_column(run: Run, relation: Relation, command: Node) -> None:
    """ADD COLUMN [IF NOT EXISTS], to the children, too."""
    table = run.catalog.get(relation.oid, Table)
    definition = command["def"]["ColumnDef"]
    if table.is_partition:
        raise Refused(WRONG_OBJECT_TYPE, "cannot add column to a partition")
    if table.of_type:
        raise Refused(WRONG_OBJECT_TYPE, "cannot add column to typed table")
    if command.get("_only") and run.catalog.children_of.get(table.oid):
        raise Refused(INVALID_TABLE_DEFINITION, "column must be added to child tables too")
    _add(run, table, definition, missing_ok=bool(command.get("missing_ok")), inherited=False)


def _add(
    run: Run,
    table: Table,
    definition: Node,
    *,
    missing_ok: bool,
    inherited: bool,
    serial: Column | None = None,
) -> None:
    """Add a column to a table and its children; `serial` is the parent's, whose sequence the children share."""
    catalog, name = run.catalog, definition["colname"]
    existing = table.column(name)
    if existing is not None:
        if inherited:
            _merge_existing(run, table, existing, definition)
            return
        if missing_ok:
            return
        raise Refused(DUPLICATE_COLUMN, f'column "{name}" of relation "{table.name}" already exists')
    if name in SYSTEM_COLUMNS:
        raise Refused(DUPLICATE_COLUMN, f'column name "{name}" conflicts with a system column name')
    refuse_too_many_columns(table.next_number)
    plan = plan_column(run, definition, table.next_number, table.name)
    refuse_self_reference(catalog, table, plan.column.type)
    if plan.column.identity:
        _plan_identity(run, table, plan, inherited=inherited)
    if inherited:
        _plan_inherited(plan, serial)
    create_sequences(run, table.oid, table.schema, table.name, [plan])
    bind_default(run, plan)
    column = plan.column
    table = msgspec.structs.replace(
        table, columns=(*table.columns, column), next_number=table.next_number + 1
    )
    catalog.store(table)
    column_added(catalog, table, column)
    depend_on_types(run, table.oid, (column,))
    table = bind_generated(run, table, plan)
    depend_default(run, table, plan.column)
    serial = plan.column if plan.sequence is not None and not plan.column.identity else serial
    below = _without_constraints(definition)
    for child in catalog.children(table.oid):
        _add(run, child, below, missing_ok=False, inherited=True, serial=serial)
    if not inherited:
        _add_constraints(run, table, plan)


def _add_constraints(run: Run, table: Table, plan: ColumnPlan) -> None:
    """The constraints of a new column, in the server's order; they reach the children by themselves."""
    for kinds in (
        ("CONSTR_CHECK",),
        ("CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION"),
        ("CONSTR_FOREIGN",),
    ):
        for constraint in plan.constraints:
            if constraint["contype"] in kinds:
                add_constraint(run, current(run.catalog, table), constraint)


def _plan_inherited(plan: ColumnPlan, serial: Column | None) -> None:
    """A child's column; where it is serial, the child takes its values from its parent's sequence."""
    column = plan.column
    if serial is not None:
        plan.sequence = None
        column = msgspec.structs.replace(
            column, default=serial.default, default_because=serial.default_because
        )
    plan.column = msgspec.structs.replace(
        column,
        parents=1,
        local=False,
        not_null_parents=int(column.not_null),
        not_null_local=not column.not_null,
    )


def _plan_identity(run: Run, table: Table, plan: ColumnPlan, *, inherited: bool) -> None:
    """An identity column of a partitioned table is its partitions', too; children of other tables can't have it."""
    shared = table.kind == "p" and run.catalog.version >= PARTITIONS_SHARE_IDENTITY_SINCE
    if inherited:
        plan.sequence = None  # the partitioned table's serves them all
    elif run.catalog.children_of.get(table.oid) and not shared:
        message = "cannot recursively add identity column to table that has child tables"
        raise Refused(INVALID_TABLE_DEFINITION, message)


def _without_constraints(definition: Node) -> Node:
    """What a child gets of a new column: type, NOT NULL, default and generation; the other constraints propagate."""
    kept = [
        item
        for item in definition.get("constraints") or ()
        if item["Constraint"]["contype"]
        in ("CONSTR_NOTNULL", "CONSTR_DEFAULT", "CONSTR_GENERATED", "CONSTR_IDENTITY")
    ]
    return {**definition, "constraints": kept}


def _merge_existing(run: Run, table: Table, existing: Column, definition: Node) -> None:
    ref = resolve_column_type(run, definition["typeName"], existing.name)
    if ref != existing.type:
        raise Refused(
            DATATYPE_MISMATCH, f'child table "{table.name}" has different type for column "{existing.name}"'
        )
    replace_column(run.catalog, table, msgspec.structs.replace(existing, parents=existing.parents + 1))


# DROP COLUMN


def drop_column(run: Run, relation: Relation, command: Node) -> None:
    """DROP COLUMN [IF EXISTS] … [CASCADE], from the children, too."""
    table = run.catalog.get(relation.oid, Table)
    name = command["name"]
    column = table.column(name)
    if column is None:
        if command.get("missing_ok"):
            return
        column = require_column(table, name)
    if table.of_type:
        raise Refused(WRONG_OBJECT_TYPE, "cannot drop column from typed table")
    if column.parents:
        raise Refused(INVALID_TABLE_DEFINITION, f'cannot drop inherited column "{name}"')
    refuse_partition_key(table, column, "drop")
    cascade = command.get("behavior") == "DROP_CASCADE"
    targets = [(table.oid, column.number)]
    targets += _dropped_from_children(run, table, name, only=bool(command.get("_only")))
    delete_objects(run, targets, cascade=cascade)


def _dropped_from_children(run: Run, table: Table, name: str, *, only: bool) -> list[tuple[int, int]]:
    """The columns of children that go with a table's; those that are the children's own as well stay theirs."""
    targets = []
    for child in run.catalog.children(table.oid):
        own = child.column(name)
        if own is None:
            continue
        if only:
            if table.kind == "p":
                raise Refused(
                    INVALID_TABLE_DEFINITION,
                    "cannot drop column from only the partitioned table when partitions exist",
                )
            replace_column(
                run.catalog, child, msgspec.structs.replace(own, parents=own.parents - 1, local=True)
            )
        elif own.parents == 1 and not own.local:
            targets.append((child.oid, own.number))
            targets += _dropped_from_children(run, child, name, only=False)
        else:
            replace_column(run.catalog, child, msgspec.structs.replace(own, parents=own.parents - 1))
    return targets


# DEFAULT, NOT NULL, GENERATED, IDENTITY


def column_default(run: Run, relation: Relation, command: Node) -> None:
    """SET DEFAULT and DROP DEFAULT, of the children, too."""
    column = require_column(relation, command["name"])
    if column.identity:
        raise Refused(
            SYNTAX_ERROR, f'column "{column.name}" of relation "{relation.name}" is an identity column'
        )
    if column.generated:
        raise Refused(
            SYNTAX_ERROR, f'column "{column.name}" of relation "{relation.name}" is a generated column'
        )
    node = command.get("def")
    plan = ColumnPlan(msgspec.structs.replace(column, default=None, default_because=run.origin()))
    if node is not None:
        plan.default, plan.default_node = node, None
        bind_default(run, plan)
    run.catalog.forget_dependencies(relation.oid, sub=-column.number)
    changed = replace_column(run.catalog, relation, plan.column)
    if isinstance(changed, Table):
        depend_default(run, changed, plan.column)
        if not command.get("_only"):
            for child in run.catalog.children(changed.oid):
                column_default(run, child, command)


def set_column_not_null(run: Run, relation: Relation, command: Node) -> None:
    """SET NOT NULL."""
    table = run.catalog.get(relation.oid, Table)
    set_not_null(run, table, command["name"], NotNull(run.origin()), recurse=not command.get("_only"))


def drop_column_not_null(run: Run, relation: Relation, command: Node) -> None:
    """DROP NOT NULL."""
    drop_not_null(run, run.catalog.get(relation.oid, Table), command)


def drop_expression(run: Run, relation: Relation, command: Node) -> None:
    """DROP EXPRESSION: the column stays, an ordinary one."""
    if command.get("_only") and run.catalog.children_of.get(relation.oid):
        message = "ALTER TABLE / DROP EXPRESSION must be applied to child tables too"
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    column = require_column(relation, command["name"])
    if column.parents:
        raise Refused(INVALID_TABLE_DEFINITION, "cannot drop generation expression from inherited column")
    if not column.generated:
        if command.get("missing_ok"):
            return
        raise Refused(
            OBJECT_NOT_IN_STATE,
            f'column "{column.name}" of relation "{relation.name}" is not a {_stored(run)}generated column',
        )
    _remove_expression(run, relation, column)


def _stored(run: Run) -> str:
    """Before there were virtual ones, messages said of a generated column that it is stored."""
    return "" if run.catalog.version >= 18 else "stored "


def _remove_expression(run: Run, relation: Relation, column: Column) -> None:
    catalog = run.catalog
    for target, edge in list(catalog.references.get(relation.oid, ())):
        if edge.sub in (column.number, -column.number) and target == relation.oid:
            catalog.remove(catalog.dependents.get(target, {}), edge)
            catalog.remove(catalog.references[relation.oid], (target, edge))
    catalog.forget_dependencies(relation.oid, sub=-column.number)
    replace_column(catalog, relation, msgspec.structs.replace(column, generated="", default=None))
    for child in catalog.children(relation.oid):
        own = child.column(column.name)
        if own is not None and own.generated:
            _remove_expression(run, child, own)


def set_expression(run: Run, relation: Relation, command: Node) -> None:
    """SET EXPRESSION (PostgreSQL 17)."""
    column = require_column(relation, command["name"])
    table = run.catalog.get(relation.oid, Table)
    if not column.generated:
        raise Refused(
            OBJECT_NOT_IN_STATE,
            f'column "{column.name}" of relation "{relation.name}" is not a generated column',
        )
    kind = column.generated
    _remove_expression(run, relation, column)
    plan = ColumnPlan(msgspec.structs.replace(column, default=None, generated=kind))
    plan.generated = command["def"]
    changed = bind_generated(run, current(run.catalog, table), plan)
    depend_default(run, changed, plan.column)


ACTIONS = {
    "AT_AddColumn": add_column,
    "AT_DropColumn": drop_column,
    "AT_AlterColumnType": alter_type,
    "AT_ColumnDefault": column_default,
    "AT_SetNotNull": set_column_not_null,
    "AT_DropNotNull": drop_column_not_null,
    "AT_DropExpression": drop_expression,
    "AT_SetExpression": set_expression,
    "AT_AddIdentity": add_identity,
    "AT_SetIdentity": set_identity,
    "AT_DropIdentity": drop_identity,
}
