"""NOT NULL: set and dropped, and what children have of it.

From PostgreSQL 18 on a NOT NULL is a constraint with a name, which knows how many parents it comes from and whether it
is the table's own, too; before, it is a flag that goes down the tree whenever it changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.errors import (
    FEATURE_NOT_SUPPORTED,
    INVALID_TABLE_DEFINITION,
    OBJECT_NOT_IN_STATE,
    SYNTAX_ERROR,
    Refused,
)
from schemaguard.catalog.model import Column, Table
from schemaguard.catalog.relations import current, replace_column, require_column
from schemaguard.statements.statement import Origin

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

CONSTRAINTS_SINCE = 18


class NotNull(msgspec.Struct, frozen=True):
    """A NOT NULL to be set: why, its name ("" for the server's choice), and whether children get it, too."""

    because: Origin
    name: str = ""
    no_inherit: bool = False
    valid: bool = True


def set_not_null(run: Run, table: Table, name: str, wanted: NotNull, *, recurse: bool = True) -> None:
    """Make a column NOT NULL, and its children's; without `recurse` they must have no say in it."""
    column = require_column(table, name)
    if column.not_null:
        _own(run, table, column, wanted, recurse=recurse)
        return
    children = run.catalog.children(table.oid)
    if not recurse and children:
        if table.kind == "p":
            raise Refused(INVALID_TABLE_DEFINITION, "constraint must be added to child tables too")
        wanted = msgspec.structs.replace(wanted, no_inherit=run.catalog.version >= CONSTRAINTS_SINCE)
    _set(run, table, column, wanted, parents=0)
    if recurse and not wanted.no_inherit:
        if run.catalog.version >= CONSTRAINTS_SINCE:
            named = require_column(current(run.catalog, table), name)
            wanted = msgspec.structs.replace(wanted, name=constraint_name(table, named))
        for child in children:
            inherit_not_null(run, current(run.catalog, child), name, wanted)


def _set(run: Run, table: Table, column: Column, wanted: NotNull, *, parents: int) -> None:
    changed = msgspec.structs.replace(
        column,
        not_null=True,
        not_null_because=wanted.because,
        not_null_name=wanted.name,
        not_null_valid=wanted.valid,
        not_null_parents=parents,
        not_null_local=not parents,
        not_null_no_inherit=wanted.no_inherit,
    )
    replace_column(run.catalog, table, changed)


def _own(run: Run, table: Table, column: Column, wanted: NotNull, *, recurse: bool) -> None:
    """SET NOT NULL of what is NOT NULL already: it becomes the table's own, too."""
    if run.catalog.version < CONSTRAINTS_SINCE:
        if recurse:
            for child in run.catalog.children(table.oid):
                set_not_null(run, child, column.name, wanted)
        return
    if column.not_null_no_inherit and recurse and not wanted.no_inherit:
        message = (
            f'cannot change NO INHERIT status of NOT NULL constraint "{constraint_name(table, column)}" '
            f'on relation "{table.name}"'
        )
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    if not column.not_null_valid and wanted.valid and wanted.name not in ("", column.not_null_name):
        message = (
            f'incompatible NOT VALID constraint "{constraint_name(table, column)}" on relation "{table.name}"'
        )
        raise Refused(OBJECT_NOT_IN_STATE, message)
    replace_column(
        run.catalog, table, msgspec.structs.replace(column, not_null_local=True, not_null_valid=True)
    )


def inherit_not_null(run: Run, child: Table, name: str, wanted: NotNull) -> None:
    """Give a parent's NOT NULL to a child, and on to its children."""
    column = require_column(child, name)
    if column.not_null:
        counted = msgspec.structs.replace(
            column, not_null_parents=column.not_null_parents + 1, not_null_no_inherit=False
        )
        replace_column(run.catalog, child, counted)
        if run.catalog.version >= CONSTRAINTS_SINCE:
            return
    else:
        _set(run, child, column, wanted, parents=1)
    for grandchild in run.catalog.children(child.oid):
        inherit_not_null(run, grandchild, name, wanted)


def constraint_name(table: Table, column: Column) -> str:
    """The name of a column's NOT NULL from PostgreSQL 18 on."""
    from schemaguard.catalog.names import make_object_name

    return column.not_null_name or make_object_name(table.name, column.name, "not_null")


def not_null_named(catalog: Catalog, table: Table, name: str) -> Column | None:
    """The column whose NOT NULL is the constraint of that name; before PostgreSQL 18 there is none."""
    if catalog.version < CONSTRAINTS_SINCE:
        return None
    for column in table.columns:
        if column.not_null and constraint_name(table, column) == name:
            return column
    return None


def drop_not_null(run: Run, table: Table, command: Node) -> None:
    """ALTER COLUMN … DROP NOT NULL."""
    column = require_column(table, command["name"])
    only = bool(command.get("_only"))
    if run.catalog.version >= CONSTRAINTS_SINCE:
        if not column.not_null:
            return
        _refuse_identity(table, column)
        _refuse_marked_parent(run, table, column)
        drop_not_null_constraint(run, table, column, only=only)
        return
    if only and table.kind == "p" and run.catalog.children_of.get(table.oid):
        message = "cannot remove constraint from only the partitioned table when partitions exist"
        raise Refused(INVALID_TABLE_DEFINITION, message)
    _drop_flag(run, table, column, recurse=not only)


def _drop_flag(run: Run, table: Table, column: Column, *, recurse: bool) -> None:
    """Before PostgreSQL 18: the flag goes, from the whole tree."""
    _refuse_identity(table, column)
    _refuse_key(run, table, column)
    children = run.catalog.children(table.oid) if recurse else []
    if column.not_null:
        _refuse_marked_parent(run, table, column)
        _clear(run, table, column)
    for child in children:
        own = current(run.catalog, child).column(column.name)
        if own is not None:
            _drop_flag(run, child, own, recurse=True)


def drop_not_null_constraint(run: Run, table: Table, column: Column, *, only: bool) -> None:
    """From PostgreSQL 18 on: the constraint goes, and those of children that have it from here alone."""
    if column.not_null_parents:
        message = (
            f'cannot drop inherited constraint "{constraint_name(table, column)}" of relation "{table.name}"'
        )
        raise Refused(INVALID_TABLE_DEFINITION, message)
    _refuse_identity(table, column)
    _drop_constraint(run, table, column, only=only)


def _drop_constraint(run: Run, table: Table, column: Column, *, only: bool) -> None:
    _refuse_key(run, table, column)
    _clear(run, table, column)
    children = [] if column.not_null_no_inherit else run.catalog.children(table.oid)
    for child in children:
        own = require_column(child, column.name)
        if only:
            _count_down(run, child, own, local=True)
        elif own.not_null_parents == 1 and not own.not_null_local:
            _drop_constraint(run, child, own, only=False)
        else:
            _count_down(run, child, own, local=own.not_null_local)


def let_go(run: Run, child: Table, name: str) -> None:
    """A child keeps as its own what it had from a parent that no longer passes it on."""
    _count_down(run, child, require_column(child, name), local=True)


def _count_down(run: Run, table: Table, column: Column, *, local: bool) -> None:
    parents = max(column.not_null_parents - 1, 0)
    changed = msgspec.structs.replace(column, not_null_parents=parents, not_null_local=local or not parents)
    replace_column(run.catalog, table, changed)


def disinherited(column: Column, parent: Column) -> Column:
    """A child's column after its parent has let it go: what NOT NULL it had from there is its own now."""
    if not (parent.not_null and column.not_null_parents):
        return column
    parents = column.not_null_parents - 1
    return msgspec.structs.replace(
        column, not_null_parents=parents, not_null_local=column.not_null_local or not parents
    )


def _clear(run: Run, table: Table, column: Column) -> None:
    changed = msgspec.structs.replace(
        column,
        not_null=False,
        not_null_because=run.origin(),
        not_null_name="",
        not_null_valid=True,
        not_null_parents=0,
        not_null_local=True,
        not_null_no_inherit=False,
    )
    replace_column(run.catalog, current(run.catalog, table), changed)


def _refuse_identity(table: Table, column: Column) -> None:
    if column.identity:
        message = f'column "{column.name}" of relation "{table.name}" is an identity column'
        raise Refused(SYNTAX_ERROR, message)


def _refuse_key(run: Run, table: Table, column: Column) -> None:
    for constraint in run.catalog.constraints(table.oid):
        if constraint.type == "p" and column.number in constraint.columns:
            raise Refused(INVALID_TABLE_DEFINITION, f'column "{column.name}" is in a primary key')


def _refuse_marked_parent(run: Run, table: Table, column: Column) -> None:
    """A partition's column is NOT NULL as long as the partitioned table's is."""
    if not table.is_partition:
        return
    inherited = run.catalog.get(table.parents[0], Table).column(column.name)
    if inherited is not None and inherited.not_null:
        raise Refused(INVALID_TABLE_DEFINITION, f'column "{column.name}" is marked NOT NULL in parent table')
