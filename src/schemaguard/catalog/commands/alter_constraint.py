"""ALTER TABLE … ADD, DROP, ALTER, VALIDATE CONSTRAINT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.constraints import add_constraint, constraint_named
from schemaguard.catalog.commands.not_null import constraint_name, drop_not_null_constraint
from schemaguard.catalog.deletion import delete_objects
from schemaguard.catalog.errors import (
    INVALID_TABLE_DEFINITION,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Constraint, Relation, Table
from schemaguard.catalog.relations import current, replace_column

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def add_table_constraint(run: Run, relation: Relation, command: Node) -> None:
    """ADD CONSTRAINT."""
    node = command["def"]["Constraint"]
    table = run.catalog.get(relation.oid, Table)
    has_children = bool(run.catalog.children_of.get(table.oid))
    if (
        command.get("_only")
        and node["contype"] == "CONSTR_CHECK"
        and has_children
        and not node.get("is_no_inherit")
    ):
        raise Refused(INVALID_TABLE_DEFINITION, "constraint must be added to child tables too")
    if command.get("_only") and node["contype"] == "CONSTR_FOREIGN" and table.kind == "p":
        raise Refused(
            WRONG_OBJECT_TYPE,
            f'cannot use ONLY for foreign key on partitioned table "{table.name}" referencing relation '
            f'"{node["pktable"]["relname"]}"',
        )
    add_constraint(run, table, {**node, "_only": True} if command.get("_only") else node)


def drop_constraint(run: Run, table: Table, command: Node) -> None:
    """DROP CONSTRAINT [IF EXISTS] … [CASCADE]."""
    catalog, name = run.catalog, command["name"]
    oid = catalog.constraints_of.get(table.oid, {}).get(name)
    if oid is None:
        if _drop_not_null(run, table, name, only=bool(command.get("_only"))) or command.get("missing_ok"):
            return
        raise Refused(UNDEFINED_OBJECT, f'constraint "{name}" of relation "{table.name}" does not exist')
    constraint = catalog.get(oid, Constraint)
    if constraint.parents and constraint.parent:
        raise Refused(
            INVALID_TABLE_DEFINITION, f'cannot drop inherited constraint "{name}" of relation "{table.name}"'
        )
    if constraint.parents:
        raise Refused(
            INVALID_TABLE_DEFINITION, f'cannot drop inherited constraint "{name}" of relation "{table.name}"'
        )
    cascade = command.get("behavior") == "DROP_CASCADE"
    delete_objects(run, [(oid, 0)], cascade=cascade)
    if constraint.type == "c" and not constraint.no_inherit:
        for child in catalog.children(table.oid):
            _disinherit(run, child, name, remove=not command.get("_only"), cascade=cascade)


def _disinherit(run: Run, child: Table, name: str, *, remove: bool, cascade: bool) -> None:
    """A parent's CHECK went: the child's copy goes with it unless the child defined it, too."""
    catalog = run.catalog
    oid = catalog.constraints_of.get(child.oid, {}).get(name)
    if oid is None:
        return
    own = catalog.get(oid, Constraint)
    if own.parents == 1 and not own.local and remove:
        delete_objects(run, [(oid, 0)], cascade=cascade)
        for grandchild in catalog.children(child.oid):
            _disinherit(run, grandchild, name, remove=remove, cascade=cascade)
    else:
        catalog.store(
            msgspec.structs.replace(own, parents=max(own.parents - 1, 0), local=own.local or not remove)
        )


def _drop_not_null(run: Run, table: Table, name: str, *, only: bool) -> bool:
    """From PostgreSQL 18 a NOT NULL has a name, and can be dropped by it."""
    if run.catalog.version < 18:
        return False
    for column in table.columns:
        if column.not_null and constraint_name(table, column) == name:
            drop_not_null_constraint(run, table, column, only=only)
            return True
    return False


def validate_constraint(run: Run, relation: Relation, command: Node) -> None:
    """VALIDATE CONSTRAINT: of the children, too."""
    table = run.catalog.get(relation.oid, Table)
    name = command["name"]
    if name not in run.catalog.constraints_of.get(table.oid, {}) and _validate_not_null(run, table, name):
        return
    constraint = constraint_named(run, table, name)
    if constraint.type not in "fc":
        raise Refused(
            WRONG_OBJECT_TYPE,
            f'constraint "{name}" of relation "{table.name}" is not a foreign key or check constraint',
        )
    _validate(run, table, constraint)


def _validate_not_null(run: Run, table: Table, name: str) -> bool:
    for column in table.columns:
        if column.not_null and constraint_name(table, column) == name:
            replace_column(
                run.catalog, current(run.catalog, table), msgspec.structs.replace(column, not_null_valid=True)
            )
            return True
    return False


def _validate(run: Run, table: Table, constraint: Constraint) -> None:
    catalog = run.catalog
    if not constraint.validated:
        catalog.store(msgspec.structs.replace(constraint, validated=True, validated_because=run.origin()))
    for child in catalog.children(table.oid):
        for own in catalog.constraints(child.oid):
            inherited = (
                own.name == constraint.name and own.parents
                if constraint.type == "c"
                else own.parent == constraint.oid
            )
            if inherited and not own.validated:
                _validate(run, child, own)


def alter_constraint(run: Run, relation: Relation, command: Node) -> None:
    """ALTER CONSTRAINT … DEFERRABLE and the like."""
    table = run.catalog.get(relation.oid, Table)
    fields = command["def"].get("ATAlterConstraint") or command["def"].get("Constraint")
    constraint = constraint_named(run, table, fields["conname"])
    if constraint.type != "f":
        raise Refused(
            WRONG_OBJECT_TYPE,
            f'constraint "{constraint.name}" of relation "{table.name}" is not a foreign key constraint',
        )
    if constraint.parent:
        raise Refused("55000", f'cannot alter constraint "{constraint.name}" on relation "{table.name}"')
    _set_deferrable(run, constraint, fields)


def _set_deferrable(run: Run, constraint: Constraint, fields: Node) -> None:
    catalog = run.catalog
    changes: dict[str, bool] = {}
    if fields.get("alterDeferrability", True):
        changes = {
            "deferrable": bool(fields.get("deferrable")),
            "initially_deferred": bool(fields.get("initdeferred", fields.get("deferred"))),
        }
    if fields.get("alterEnforceability"):
        enforced = bool(fields.get("is_enforced"))
        changes |= {"enforced": enforced, "validated": enforced}
    catalog.store(msgspec.structs.replace(constraint, **changes))
    for child in catalog.children(constraint.table):
        for own in catalog.constraints(child.oid):
            if own.parent == constraint.oid:
                _set_deferrable(run, own, fields)
