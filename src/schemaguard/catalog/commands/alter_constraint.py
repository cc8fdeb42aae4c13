"""ALTER TABLE … ADD, DROP, ALTER, VALIDATE CONSTRAINT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.constraints import add_constraint, constraint_named
from schemaguard.catalog.commands.not_null import (
    CONSTRAINTS_SINCE as NOT_NULL_CONSTRAINTS_SINCE,
    NotNull,
    drop_not_null_constraint,
    inherit_not_null,
    let_go,
    not_null_named,
)
from schemaguard.catalog.deletion import delete_objects
from schemaguard.catalog.errors import (
    INVALID_TABLE_DEFINITION,
    OBJECT_NOT_IN_STATE,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Constraint, Relation, Table
from schemaguard.catalog.relations import replace_column

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        if (column := not_null_named(catalog, table, name)) is not None:
            drop_not_null_constraint(run, table, column, only=bool(command.get("_only")))
            return
        if command.get("missing_ok"):
            return
        raise Refused(UNDEFINED_OBJECT, f'constraint "{name}" of relation "{table.name}" does not exist')
    constraint = catalog.get(oid, Constraint)
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


def validate_constraint(run: Run, relation: Relation, command: Node) -> None:
    """VALIDATE CONSTRAINT: of the children, too."""
    table = run.catalog.get(relation.oid, Table)
    name = command["name"]
    if (column := not_null_named(run.catalog, table, name)) is not None:
        replace_column(run.catalog, table, msgspec.structs.replace(column, not_null_valid=True))
        return
    constraint = constraint_named(run, table, name)
    if constraint.type not in "fc":
        message = f'constraint "{name}" of relation "{table.name}" is not a foreign key or check constraint'
        if run.catalog.version >= NOT_NULL_CONSTRAINTS_SINCE:
            message = f'cannot validate constraint "{name}" of relation "{table.name}"'
        raise Refused(WRONG_OBJECT_TYPE, message)
    if not constraint.enforced:
        raise Refused(OBJECT_NOT_IN_STATE, "cannot validate NOT ENFORCED constraint")
    _validate(run, table, constraint)


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
    if fields.get("alterInheritability"):
        _alter_inheritability(run, table, fields)
        return
    constraint = constraint_named(run, table, fields["conname"])
    place = f'constraint "{constraint.name}" of relation "{table.name}"'
    if constraint.type != "f":
        if fields.get("alterEnforceability"):
            raise Refused(WRONG_OBJECT_TYPE, f"cannot alter enforceability of {place}")
        raise Refused(WRONG_OBJECT_TYPE, f"{place} is not a foreign key constraint")
    if constraint.parent:
        message = f'cannot alter constraint "{constraint.name}" on relation "{table.name}"'
        # Until PostgreSQL 17 this was left to an internal check.
        raise Refused(OBJECT_NOT_IN_STATE if run.catalog.version >= 18 else "XX000", message)
    if command.get("_only") and table.kind == "p" and run.catalog.version >= NOT_NULL_CONSTRAINTS_SINCE:
        raise Refused(INVALID_TABLE_DEFINITION, "constraint must be altered in child tables too")
    _set_deferrable(run, constraint, fields)


def _alter_inheritability(run: Run, table: Table, fields: Node) -> None:
    """ALTER CONSTRAINT … INHERIT, NO INHERIT: of a NOT NULL only."""
    name = fields["conname"]
    place = f'constraint "{name}" of relation "{table.name}"'
    column = not_null_named(run.catalog, table, name)
    if column is None:
        constraint_named(run, table, name)
        raise Refused(WRONG_OBJECT_TYPE, f"{place} is not a not-null constraint")
    if column.not_null_parents:
        raise Refused(INVALID_TABLE_DEFINITION, f"cannot alter inherited {place}")
    no_inherit = bool(fields.get("noinherit"))
    if column.not_null_no_inherit == no_inherit:
        return
    replace_column(run.catalog, table, msgspec.structs.replace(column, not_null_no_inherit=no_inherit))
    wanted = NotNull(run.origin(), name)
    for child in run.catalog.children(table.oid):
        if no_inherit:
            let_go(run, child, column.name)
        else:
            inherit_not_null(run, child, column.name, wanted)


def _copies(run: Run, constraint: Constraint) -> Iterator[Constraint]:
    """The copies of a partitioned table's constraint that its partitions have."""
    for child in run.catalog.children(constraint.table):
        for own in run.catalog.constraints(child.oid):
            if own.parent == constraint.oid:
                yield own


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
    for own in _copies(run, constraint):
        _set_deferrable(run, own, fields)
