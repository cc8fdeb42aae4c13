"""ALTER TABLE … INHERIT, NO INHERIT, ATTACH PARTITION, DETACH PARTITION."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.inheritance import (
    PARTITIONS_SHARE_IDENTITY_SINCE,
    adopt_partition,
    passes_not_null,
    shares_identity,
)
from schemaguard.catalog.commands.not_null import CONSTRAINTS_SINCE as NAMED_CONSTRAINTS_SINCE, disinherited
from schemaguard.catalog.commands.partition_bounds import read_bound, refuse_overlap
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    DUPLICATE_TABLE,
    INVALID_OBJECT_DEFINITION,
    OBJECT_NOT_IN_STATE,
    UNDEFINED_TABLE,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Column, Constraint, Table
from schemaguard.catalog.relations import ancestors_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def attach_partition(run: Run, parent: Table, node: Node) -> None:
    """ALTER TABLE … ATTACH PARTITION."""
    partition = run.session.relation(node["name"])
    for relation, fits in ((parent, parent.kind == "p"), (partition, isinstance(partition, Table))):
        if not fits and relation is parent and run.catalog.version < NAMED_CONSTRAINTS_SINCE:
            raise Refused(INVALID_OBJECT_DEFINITION, f'table "{parent.name}" is not partitioned')
        if not fits:
            message = f'ALTER action ATTACH PARTITION cannot be performed on relation "{relation.name}"'
            raise Refused(WRONG_OBJECT_TYPE, message)
    run.session.require_owner(partition)
    bound = read_bound(run, parent, node["bound"])
    _refuse_unfit_partition(run, parent, partition)
    for column in partition.columns:
        if parent.column(column.name) is None:
            raise Refused(
                DATATYPE_MISMATCH,
                f'table "{partition.name}" contains column "{column.name}" not found in parent "{parent.name}"',
                detail="The new partition may contain only the columns present in parent.",
            )
    _refuse_identity(run, partition)
    refuse_overlap(run, parent, partition.name, bound)
    partition = _link(run, parent, partition)
    partition = msgspec.structs.replace(
        partition, is_partition=True, partition_bound=bound, partition_because=run.origin()
    )
    run.catalog.store(partition)
    run.catalog.depend(partition.oid, parent.oid, "a")
    adopt_partition(run, parent, partition)


def _refuse_unfit_partition(run: Run, parent: Table, partition: Table) -> None:
    catalog = run.catalog
    if partition.is_partition:
        raise Refused(WRONG_OBJECT_TYPE, f'"{partition.name}" is already a partition')
    if partition.of_type:
        raise Refused(WRONG_OBJECT_TYPE, "cannot attach a typed table as partition")
    if partition.parents:
        raise Refused(WRONG_OBJECT_TYPE, "cannot attach inheritance child as partition")
    if catalog.children_of.get(partition.oid) and partition.kind != "p":
        raise Refused(WRONG_OBJECT_TYPE, "cannot attach inheritance parent as partition")
    if partition.oid == parent.oid or partition.oid in ancestors_of(run.catalog, parent):
        raise Refused(DUPLICATE_TABLE, "circular inheritance not allowed")


def _refuse_identity(run: Run, partition: Table) -> None:
    """From PostgreSQL 17 on a partition's identity columns are those of the partitioned table."""
    if run.catalog.version >= PARTITIONS_SHARE_IDENTITY_SINCE:
        for column in partition.columns:
            if column.identity:
                message = (
                    f'table "{partition.name}" being attached contains an identity column "{column.name}"'
                )
                raise Refused(OBJECT_NOT_IN_STATE, message)


def add_inheritance(run: Run, child: Table, parent_name: Node) -> None:
    """ALTER TABLE … INHERIT."""
    parent = run.session.relation(parent_name)
    if not isinstance(parent, Table):
        raise Refused(
            WRONG_OBJECT_TYPE, f'ALTER action INHERIT cannot be performed on relation "{parent.name}"'
        )
    run.session.require_owner(parent)
    if child.kind == "p":
        raise Refused(WRONG_OBJECT_TYPE, "cannot change inheritance of partitioned table")
    if child.is_partition:
        raise Refused(WRONG_OBJECT_TYPE, "cannot change inheritance of a partition")
    if child.of_type:
        raise Refused(WRONG_OBJECT_TYPE, "cannot change inheritance of typed table")
    if parent.kind == "p":
        raise Refused(WRONG_OBJECT_TYPE, f'cannot inherit from partitioned table "{parent.name}"')
    if parent.persistence == "t" and child.persistence != "t":
        raise Refused(WRONG_OBJECT_TYPE, f'cannot inherit from temporary relation "{parent.name}"')
    if parent.oid in child.parents:
        raise Refused(DUPLICATE_TABLE, f'relation "{parent.name}" would be inherited from more than once')
    if parent.oid == child.oid or child.oid in ancestors_of(run.catalog, parent):
        raise Refused(DUPLICATE_TABLE, "circular inheritance not allowed")
    linked = _link(run, parent, child)
    run.catalog.depend(linked.oid, parent.oid)


# long: one check after the other, in the server's order
def _link(run: Run, parent: Table, child: Table) -> Table:
    """Make `child` a child of `parent`: every column and CHECK of the parent must be there already."""
    from schemaguard.catalog.analysis.binding import for_child, same_expression

    catalog = run.catalog
    columns = list(child.columns)
    for column in parent.columns:
        own = child.column(column.name)
        if own is None:
            raise Refused(DATATYPE_MISMATCH, f'child table is missing column "{column.name}"')
        if own.type != column.type:
            raise Refused(
                DATATYPE_MISMATCH, f'child table "{child.name}" has different type for column "{column.name}"'
            )
        if own.collation != column.collation:
            message = f'child table "{child.name}" has different collation for column "{column.name}"'
            raise Refused("42P21", message)
        if passes_not_null(catalog, column) and not own.not_null:
            named = f' "{child.name}"' if catalog.version >= NAMED_CONSTRAINTS_SINCE else ""
            message = f'column "{column.name}" in child table{named} must be marked NOT NULL'
            raise Refused(DATATYPE_MISMATCH, message)
        columns[columns.index(own)] = msgspec.structs.replace(
            own,
            not_null_parents=own.not_null_parents + passes_not_null(catalog, column),
            not_null_local=own.not_null_local and not (parent.kind == "p" and column.not_null),
            parents=own.parents + 1,
            local=parent.kind != "p" and own.local,
            identity=column.identity if shares_identity(catalog, parent) else own.identity,
        )
    for constraint in catalog.constraints(parent.oid):
        if constraint.type != "c" or constraint.no_inherit or constraint.expression is None:
            continue
        existing = catalog.constraints_of.get(child.oid, {}).get(constraint.name)
        own_constraint = catalog.get(existing, Constraint) if existing is not None else None
        if own_constraint is None or own_constraint.expression is None:
            raise Refused(DATATYPE_MISMATCH, f'child table is missing constraint "{constraint.name}"')
        if own_constraint.no_inherit:
            raise Refused(
                INVALID_OBJECT_DEFINITION,
                f'constraint "{constraint.name}" conflicts with non-inherited constraint '
                f'on child table "{child.name}"',
            )
        expected = for_child(catalog, constraint.expression, parent, child)
        if not same_expression(own_constraint.expression, expected):
            raise Refused(
                DATATYPE_MISMATCH,
                f'child table "{child.name}" has different definition for check constraint "{constraint.name}"',
            )
        catalog.store(
            msgspec.structs.replace(
                own_constraint,
                parents=own_constraint.parents + 1,
                local=parent.kind != "p" and own_constraint.local,
            )
        )
    linked = msgspec.structs.replace(child, columns=tuple(columns), parents=(*child.parents, parent.oid))
    catalog.store(linked)
    catalog.put_in(catalog.children_of, parent.oid, child.oid, child.oid)
    return linked


def detach(run: Run, parent: Table, child_name: Node) -> None:
    """ALTER TABLE … DETACH PARTITION: the table stands alone again; what it had from the parent becomes its own."""
    child = run.session.relation(child_name)
    if not isinstance(child, Table) or parent.oid not in child.parents or not child.is_partition:
        raise Refused(
            UNDEFINED_TABLE, f'relation "{child.name}" is not a partition of relation "{parent.name}"'
        )
    catalog = run.catalog
    child = _unlink(run, parent, child)
    catalog.store(
        msgspec.structs.replace(
            child, is_partition=False, partition_bound=None, partition_because=run.origin(),
            columns=tuple(msgspec.structs.replace(column, identity="") for column in child.columns),
        )
    )  # fmt: skip
    _detach_parts(run, child)


def _detach_parts(run: Run, child: Table) -> None:
    """Indexes, foreign keys and cloned triggers of a detached partition: the first two stay, the last go."""
    from schemaguard.catalog.deletion import delete_objects

    catalog = run.catalog
    for index in list(catalog.indexes(child.oid)):
        if index.parent:
            catalog.store(msgspec.structs.replace(index, parent=0))
            _forget_edge(run, index.oid, index.parent)
    for constraint in list(catalog.constraints(child.oid)):
        if constraint.parent:
            catalog.store(msgspec.structs.replace(constraint, parent=0, parents=0, local=True))
            _forget_edge(run, constraint.oid, constraint.parent)
    for trigger in list(catalog.triggers(child.oid)):
        if trigger.parent:
            _forget_edge(run, trigger.oid, trigger.parent)
            delete_objects(run, [(trigger.oid, 0)], cascade=True, quiet=True)


def _forget_edge(run: Run, oid: int, on: int) -> None:
    catalog = run.catalog
    for target, edge in list(catalog.references.get(oid, ())):
        if target == on:
            catalog.remove(catalog.dependents.get(on, {}), edge)
            catalog.remove(catalog.references[oid], (target, edge))


def remove_inheritance(run: Run, child: Table, parent_name: Node) -> None:
    """ALTER TABLE … NO INHERIT."""
    parent = run.session.relation(parent_name)
    if child.kind == "p":
        raise Refused(WRONG_OBJECT_TYPE, "cannot change inheritance of partitioned table")
    if child.is_partition:
        raise Refused(WRONG_OBJECT_TYPE, "cannot change inheritance of a partition")
    if child.of_type:
        raise Refused(WRONG_OBJECT_TYPE, "cannot change inheritance of typed table")
    if parent.oid not in child.parents:
        raise Refused(UNDEFINED_TABLE, f'relation "{parent.name}" is not a parent of relation "{child.name}"')
    _unlink(run, parent, child)


def _unlink(run: Run, parent: Table, child: Table) -> Table:
    catalog = run.catalog
    columns = tuple(_released(column, parent.column(column.name)) for column in child.columns)
    for constraint in _inherited_checks(run, parent, child):
        catalog.store(
            msgspec.structs.replace(
                constraint, parents=constraint.parents - 1, local=constraint.local or constraint.parents == 1
            )
        )
    unlinked = msgspec.structs.replace(
        child, columns=columns, parents=tuple(oid for oid in child.parents if oid != parent.oid)
    )
    catalog.store(unlinked)
    catalog.remove(catalog.children_of.get(parent.oid, {}), child.oid)
    _forget_edge(run, child.oid, parent.oid)
    return unlinked


def _released(column: Column, parent: Column | None) -> Column:
    """A child's column after its parent has let it go."""
    if not column.parents or parent is None:
        return column
    own = msgspec.structs.replace(
        column, parents=column.parents - 1, local=column.local or column.parents == 1
    )
    return disinherited(own, parent)


def _inherited_checks(run: Run, parent: Table, child: Table) -> Iterator[Constraint]:
    for constraint in run.catalog.constraints(parent.oid):
        oid = run.catalog.constraints_of.get(child.oid, {}).get(constraint.name)
        own = run.catalog.get(oid, Constraint) if oid is not None else None
        if constraint.type == "c" and own is not None and own.type == "c" and own.parents:
            yield own
