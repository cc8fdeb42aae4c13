"""Inheritance and partitioning: columns, constraints, indexes and triggers that a child has from its parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.columns import ColumnPlan
from schemaguard.catalog.commands.constraints import inherit_check
from schemaguard.catalog.commands.foreign_keys import inherit_foreign_key
from schemaguard.catalog.commands.index_copies import inherit_index
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    DUPLICATE_TABLE,
    INVALID_TABLE_DEFINITION,
    OBJECT_NOT_IN_STATE,
    UNDEFINED_TABLE,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Constraint, Table
from schemaguard.catalog.relations import current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node


def parent_tables(run: Run, node: Node, kind: str) -> list[Table]:
    """The tables that CREATE TABLE inherits from; for PARTITION OF the one partitioned table."""
    partition = bool(node.get("partbound"))
    found: list[Table] = []
    for item in node.get("inhRelations") or ():
        parent = run.session.relation(item["RangeVar"])
        if not isinstance(parent, Table):
            raise Refused(
                WRONG_OBJECT_TYPE, f'inherited relation "{parent.name}" is not a table or foreign table'
            )
        run.session.require_owner(parent)
        if partition and parent.kind != "p":
            raise Refused(WRONG_OBJECT_TYPE, f'table "{parent.name}" is not partitioned')
        if not partition and parent.kind == "p":
            raise Refused(WRONG_OBJECT_TYPE, f'cannot inherit from partitioned table "{parent.name}"')
        if not partition and parent.is_partition:
            raise Refused(WRONG_OBJECT_TYPE, f'cannot inherit from partition "{parent.name}"')
        if parent in found:
            raise Refused(DUPLICATE_TABLE, f'relation "{parent.name}" would be inherited from more than once')
        if partition:
            _check_bound(parent, node["partbound"])
        found.append(parent)
    if found and kind == "p" and not partition:
        raise Refused(INVALID_TABLE_DEFINITION, "cannot create partitioned table as inheritance child")
    return found


PARTITIONS_SHARE_IDENTITY_SINCE = 17
"""The first version in which an identity column of a partitioned table is one of its partitions', too."""

STRATEGIES = {"PARTITION_STRATEGY_LIST": "l", "PARTITION_STRATEGY_RANGE": "r", "PARTITION_STRATEGY_HASH": "h"}


def _check_bound(parent: Table, bound: Node) -> None:
    """Refuse a bound of another strategy than the parent's."""
    strategy = STRATEGIES.get((parent.partition_key or {}).get("strategy", ""), "")
    if bound.get("is_default"):
        if strategy == "h":
            raise Refused(
                INVALID_TABLE_DEFINITION, "a hash-partitioned table may not have a default partition"
            )
        return
    if bound.get("strategy") != strategy:
        words = {"l": "list", "r": "range", "h": "hash"}
        raise Refused(
            INVALID_TABLE_DEFINITION, f"invalid bound specification for a {words[strategy]} partition"
        )
    width = len((parent.partition_key or {}).get("partParams") or ())
    for side, word in (("lowerdatums", "FROM"), ("upperdatums", "TO")):
        if side in bound and len(bound[side]) != width:
            raise Refused(
                INVALID_TABLE_DEFINITION, f"{word} must specify exactly one value per partitioning column"
            )


def partition_parent(parents: list[Table]) -> Table:
    """The partitioned table of a partition: its one parent."""
    return parents[0]


def inherited_columns(
    run: Run, parents: list[Table], plans: list[ColumnPlan], *, partition: bool
) -> list[ColumnPlan]:
    """Merge the parents' columns, in the parents' order, with a child's own (`MergeAttributes`)."""
    from schemaguard.catalog.analysis.types import format_type

    if not parents:
        return plans
    merged: dict[str, ColumnPlan] = {}
    for parent in parents:
        for column in parent.columns:
            known = merged.get(column.name)
            if known is None:
                keep = partition and _shares_identity(run.catalog, parent)
                merged[column.name] = _inherited(column, keep_identity=keep)
                continue
            if known.column.type != column.type:
                raise Refused(
                    DATATYPE_MISMATCH,
                    f'inherited column "{column.name}" has a type conflict',
                    detail=f"{format_type(run.catalog, known.column.type)} versus {format_type(run.catalog, column.type)}",
                )
            known.column = msgspec.structs.replace(
                known.column,
                parents=known.column.parents + 1,
                not_null=known.column.not_null or column.not_null,
                default=known.column.default or column.default,
            )
    for plan in plans:
        known = merged.get(plan.column.name)
        if known is None:
            merged[plan.column.name] = plan
            continue
        if known.column.type != plan.column.type:
            raise Refused(
                DATATYPE_MISMATCH,
                f'column "{plan.column.name}" has a type conflict',
                detail=f"{format_type(run.catalog, known.column.type)} versus {format_type(run.catalog, plan.column.type)}",
            )
        _merge_own(known, plan)
    return list(merged.values())


def _merge_own(known: ColumnPlan, own: ColumnPlan) -> None:
    """A child's own definition of an inherited column: it becomes local, and its options win."""
    known.column = msgspec.structs.replace(
        known.column,
        local=True,
        not_null=known.column.not_null or own.column.not_null,
        not_null_because=known.column.not_null_because or own.column.not_null_because,
        identity=own.column.identity or known.column.identity,
        because=own.column.because,
    )
    if own.default is not None or own.generated is not None:
        known.default, known.generated, known.default_node = own.default, own.generated, own.default_node
        known.column = msgspec.structs.replace(known.column, default=None, generated=own.column.generated)
    known.sequence = own.sequence
    known.constraints = own.constraints


def _inherited(column: object, *, keep_identity: bool) -> ColumnPlan:
    from schemaguard.catalog.model import Column

    assert isinstance(column, Column)  # noqa: S101 - tells the type checker
    plan = ColumnPlan(
        msgspec.structs.replace(
            column,
            parents=1,
            local=False,
            acl=(),
            identity=column.identity if keep_identity else "",
        )
    )
    if column.generated and column.default is not None:
        plan.generated = column.default.node
        plan.column = msgspec.structs.replace(plan.column, default=None)
    return plan


def inherit_constraints(run: Run, table: Table, parents: list[Table]) -> None:
    """Give a new child its parents' CHECK constraints."""
    for parent in parents:
        for constraint in run.catalog.constraints(parent.oid):
            if constraint.type == "c" and not constraint.no_inherit:
                # A new child has no rows that could break what the parent has NOT VALID.
                valid = msgspec.structs.replace(constraint, validated=constraint.enforced)
                inherit_check(run, current(run.catalog, table), valid)


def adopt_partition(run: Run, parent: Table, partition: Table) -> None:
    """Give a partition its parent's indexes, foreign keys and row triggers."""
    from schemaguard.catalog.commands.triggers import clone_triggers

    catalog = run.catalog
    for index in catalog.indexes(parent.oid):
        inherit_index(run, current(catalog, partition), index)
    for constraint in catalog.constraints(parent.oid):
        if constraint.type == "f":
            inherit_foreign_key(run, current(catalog, partition), constraint)
    clone_triggers(run, parent, current(catalog, partition))


# ALTER TABLE … INHERIT, ATTACH PARTITION, DETACH PARTITION


def attach_partition(run: Run, parent: Table, node: Node) -> None:
    """ALTER TABLE … ATTACH PARTITION."""
    if parent.kind != "p":
        raise Refused(WRONG_OBJECT_TYPE, f'"{parent.name}" is not a partitioned table')
    partition = run.session.relation(node["name"])
    if not isinstance(partition, Table):
        raise Refused(WRONG_OBJECT_TYPE, f'"{partition.name}" is not a table')
    run.session.require_owner(partition)
    _check_bound(parent, node["bound"])
    _refuse_unfit_partition(run, parent, partition)
    for column in partition.columns:
        if parent.column(column.name) is None:
            raise Refused(
                DATATYPE_MISMATCH,
                f'table "{partition.name}" contains column "{column.name}" not found in parent "{parent.name}"',
                detail="The new partition may contain only the columns present in parent.",
            )
    partition = _link(run, parent, partition)
    partition = msgspec.structs.replace(
        partition, is_partition=True, partition_bound=node["bound"], partition_because=run.origin()
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
    if partition.oid == parent.oid or partition.oid in _ancestors(run, parent):
        raise Refused(DUPLICATE_TABLE, "circular inheritance not allowed")
    if catalog.version >= PARTITIONS_SHARE_IDENTITY_SINCE:
        for column in partition.columns:
            if column.identity:
                message = f'table "{partition.name}" being attached contains an identity column "{column.name}"'
                raise Refused(OBJECT_NOT_IN_STATE, message)


def add_inheritance(run: Run, child: Table, parent_name: Node) -> None:
    """ALTER TABLE … INHERIT."""
    parent = run.session.relation(parent_name)
    if not isinstance(parent, Table):
        raise Refused(WRONG_OBJECT_TYPE, f'"{parent.name}" is not a table')
    run.session.require_owner(parent)
    if child.kind == "p":
        raise Refused(WRONG_OBJECT_TYPE, "cannot change inheritance of partitioned table")
    if child.is_partition:
        raise Refused(WRONG_OBJECT_TYPE, "cannot change inheritance of a partition")
    if child.of_type:
        raise Refused(WRONG_OBJECT_TYPE, "cannot change inheritance of typed table")
    if parent.kind == "p":
        raise Refused(WRONG_OBJECT_TYPE, f'cannot inherit from partitioned table "{parent.name}"')
    if parent.oid in child.parents:
        raise Refused(DUPLICATE_TABLE, f'relation "{parent.name}" would be inherited from more than once')
    if parent.oid == child.oid or child.oid in _ancestors(run, parent):
        raise Refused(DUPLICATE_TABLE, "circular inheritance not allowed")
    linked = _link(run, parent, child)
    run.catalog.depend(linked.oid, parent.oid)


def _ancestors(run: Run, table: Table) -> set[int]:
    found: set[int] = set()
    pending = list(table.parents)
    while pending:
        oid = pending.pop()
        if oid not in found:
            found.add(oid)
            pending.extend(run.catalog.get(oid, Table).parents)
    return found


def _link(run: Run, parent: Table, child: Table) -> Table:
    """Make `child` a child of `parent`: every column and CHECK of the parent must be there already."""
    from schemaguard.catalog.analysis.binding import rebind, same_expression

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
        if column.not_null and not own.not_null:
            if parent.kind == "p" and parent.column(column.name) in _key_columns(run, parent):
                pass
            raise Refused(
                DATATYPE_MISMATCH,
                f'column "{column.name}" in child table "{child.name}" must be marked NOT NULL',
            )
        columns[columns.index(own)] = msgspec.structs.replace(
            own,
            parents=own.parents + 1,
            local=parent.kind != "p" and own.local,
            identity=column.identity if _shares_identity(catalog, parent) else own.identity,
        )
    for constraint in catalog.constraints(parent.oid):
        if constraint.type != "c" or constraint.no_inherit or constraint.expression is None:
            continue
        existing = catalog.constraints_of.get(child.oid, {}).get(constraint.name)
        own_constraint = catalog.get(existing, Constraint) if existing is not None else None
        if own_constraint is None or own_constraint.expression is None:
            raise Refused(DATATYPE_MISMATCH, f'child table is missing constraint "{constraint.name}"')
        expected = rebind(catalog, constraint.expression, parent, child)
        if not same_expression(catalog, own_constraint.expression, expected):
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


def _shares_identity(catalog: Catalog, parent: Table) -> bool:
    return parent.kind == "p" and catalog.version >= PARTITIONS_SHARE_IDENTITY_SINCE


def _key_columns(run: Run, table: Table) -> list[object]:
    return [
        table.column_at(number)
        for constraint in run.catalog.constraints(table.oid)
        if constraint.type == "p"
        for number in constraint.columns
    ]


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
    _detach_parts(run, parent, child)


def _detach_parts(run: Run, parent: Table, child: Table) -> None:
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
    columns = tuple(
        msgspec.structs.replace(column, parents=column.parents - 1, local=column.local or column.parents == 1)
        if column.parents and parent.column(column.name) is not None
        else column
        for column in child.columns
    )
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


def _inherited_checks(run: Run, parent: Table, child: Table) -> Iterator[Constraint]:
    for constraint in run.catalog.constraints(parent.oid):
        oid = run.catalog.constraints_of.get(child.oid, {}).get(constraint.name)
        own = run.catalog.get(oid, Constraint) if oid is not None else None
        if constraint.type == "c" and own is not None and own.type == "c" and own.parents:
            yield own
