"""Indexes made after another one: those of partitions, and of LIKE … INCLUDING INDEXES."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.indexes import IndexPlan, create_index
from schemaguard.catalog.errors import (
    INVALID_OBJECT_DEFINITION,
    OBJECT_NOT_IN_STATE,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Constraint, Index, IndexKey, Table

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def inherit_index(run: Run, partition: Table, parent: Index) -> Index | None:
    """Give a partitioned table's index to a partition: attach an equal one, else create it."""
    catalog = run.catalog
    if partition.kind == "f":
        if parent.unique:
            raise Refused(
                WRONG_OBJECT_TYPE, f'cannot create unique index on partitioned table "{partition.name}"',
            )  # fmt: skip
        return None
    owner = catalog.get(parent.table, Table)
    keys = tuple(_translated(run, key, owner, partition) for key in parent.keys)
    for own in catalog.indexes(partition.oid):
        if _equal(run, own, parent, keys, owner, partition):
            return _attach(run, own, parent)
    return create_index(run, _copy_plan(run, parent, owner, partition, inherited=True))


def copy_index(run: Run, index: Index, source: Table, table: Table) -> Index:
    """An index like `index` on another table with columns of the same names (LIKE … INCLUDING INDEXES)."""
    return create_index(run, _copy_plan(run, index, source, table, inherited=False))


def _copy_plan(run: Run, index: Index, source: Table, table: Table, *, inherited: bool) -> IndexPlan:
    plan = IndexPlan(table, (index.because if inherited else None) or run.origin())
    plan.primary, plan.unique, plan.method = index.primary, index.unique, index.method
    plan.nulls_not_distinct = index.nulls_not_distinct
    if inherited:
        plan.parent = index.oid
    if index.constraint:
        constraint = run.catalog.get(index.constraint, Constraint)
        plan.constraint, plan.parent_constraint = True, constraint.oid if inherited else 0
        plan.operators = constraint.operators
        plan.deferrable, plan.initially_deferred = constraint.deferrable, constraint.initially_deferred
    plan.elements = [_element(table, _translated(run, key, source, table)) for key in index.keys]
    plan.include = [_name_at(table, _translate(source, table, number)) for number in index.include]
    if index.predicate is not None:
        from schemaguard.catalog.analysis.binding import for_child

        plan.bound_predicate = for_child(run.catalog, index.predicate, source, table)
    return plan


def _translate(owner: Table, partition: Table, number: int) -> int:
    column = owner.column_at(number)
    own = partition.column(column.name) if column is not None else None
    if own is None:
        raise Refused(
            INVALID_OBJECT_DEFINITION, f'column {number} of "{owner.name}" has no match in "{partition.name}"'
        )
    return own.number


def _translated(run: Run, key: IndexKey, owner: Table, partition: Table) -> IndexKey:
    from schemaguard.catalog.analysis.binding import for_child

    if key.number:
        return msgspec.structs.replace(key, number=_translate(owner, partition, key.number))
    if key.expression is None:
        return key
    return msgspec.structs.replace(key, expression=for_child(run.catalog, key.expression, owner, partition))


def _name_at(table: Table, number: int) -> str:
    column = table.column_at(number)
    return column.name if column is not None else ""


def _element(partition: Table, key: IndexKey) -> Node:
    element: Node = {
        "ordering": "SORTBY_DESC" if key.descending else "SORTBY_DEFAULT",
        "nulls_ordering": "SORTBY_NULLS_FIRST" if key.nulls_first else "SORTBY_NULLS_LAST",
        "indexcolname": key.name,
    }
    if key.opclass:
        element["opclass"] = [{"String": {"sval": part}} for part in key.opclass.split(".")]
    if key.collation:
        element["collation"] = [{"String": {"sval": part}} for part in key.collation.split(".")]
    if key.number:
        element["name"] = _name_at(partition, key.number)
    elif key.expression is not None:
        element["_expression"] = key.expression
    return element


def _equal(
    run: Run, own: Index, parent: Index, keys: tuple[IndexKey, ...], owner: Table, partition: Table
) -> bool:
    """Whether a partition's own index can be attached to the parent's (`CompareIndexInfo`)."""
    from schemaguard.catalog.analysis.binding import for_child, same_expression

    if own.parent or (own.unique, own.method, len(own.keys), bool(own.constraint)) != (
        parent.unique, parent.method, len(keys), bool(parent.constraint),
    ):  # fmt: skip
        return False
    if parent.constraint and own.primary != parent.primary:
        return False
    for mine, theirs in zip(own.keys, keys, strict=True):
        if mine.number != theirs.number or (mine.expression is None) != (theirs.expression is None):
            return False
        if (mine.opclass, mine.collation) != (theirs.opclass, theirs.collation):
            return False
        if (
            mine.expression is not None
            and theirs.expression is not None
            and not same_expression(mine.expression, theirs.expression)
        ):
            return False
    if own.predicate is None or parent.predicate is None:
        return own.predicate is parent.predicate
    return same_expression(own.predicate, for_child(run.catalog, parent.predicate, owner, partition))


def _attach(run: Run, own: Index, parent: Index) -> Index:
    """Make a partition's index a part of the partitioned one."""
    catalog = run.catalog
    attached = msgspec.structs.replace(own, parent=parent.oid)
    catalog.store(attached)
    catalog.depend(own.oid, parent.oid, "i")
    if own.constraint and parent.constraint:
        constraint = catalog.get(own.constraint, Constraint)
        catalog.store(msgspec.structs.replace(constraint, parent=parent.constraint, parents=1, local=False))
        catalog.depend(own.constraint, parent.constraint, "i")
    return attached


def attach_index_partition(run: Run, parent: Index, name: Node) -> None:
    """ALTER INDEX … ATTACH PARTITION."""
    own = run.session.relation(name)
    if not isinstance(own, Index):
        raise Refused(WRONG_OBJECT_TYPE, f'"{own.name}" is not an index')
    owner, partition = run.catalog.get(parent.table, Table), run.catalog.get(own.table, Table)
    message = f'cannot attach index "{own.name}" as a partition of index "{parent.name}"'
    if own.parent == parent.oid:
        return
    if own.parent or owner.oid not in partition.parents:
        raise Refused(OBJECT_NOT_IN_STATE, message)
    if any(each.parent == parent.oid for each in run.catalog.indexes(partition.oid)):
        raise Refused(
            OBJECT_NOT_IN_STATE,
            message,
            detail=f'Another index is already attached for partition "{partition.name}".',
        )
    keys = tuple(_translated(run, key, owner, partition) for key in parent.keys)
    if not _equal(run, own, parent, keys, owner, partition):
        raise Refused(INVALID_OBJECT_DEFINITION, message, detail="The index definitions do not match.")
    _attach(run, own, parent)
