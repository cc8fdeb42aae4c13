"""Inheritance and partitioning: columns, constraints, indexes and triggers that a child has from its parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.columns import ColumnPlan
from schemaguard.catalog.commands.constraints import inherit_check
from schemaguard.catalog.commands.foreign_keys import inherit_foreign_key
from schemaguard.catalog.commands.index_copies import inherit_index
from schemaguard.catalog.commands.not_null import CONSTRAINTS_SINCE
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    DUPLICATE_TABLE,
    INVALID_OBJECT_DEFINITION,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Column, Table
from schemaguard.catalog.relations import current

if TYPE_CHECKING:
    from schemaguard.catalog.model import TypeRef
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
            raise Refused(INVALID_OBJECT_DEFINITION, f'"{parent.name}" is not partitioned')
        if not partition and parent.kind == "p":
            raise Refused(WRONG_OBJECT_TYPE, f'cannot inherit from partitioned table "{parent.name}"')
        if not partition and parent.is_partition:
            raise Refused(WRONG_OBJECT_TYPE, f'cannot inherit from partition "{parent.name}"')
        if parent in found:
            raise Refused(DUPLICATE_TABLE, f'relation "{parent.name}" would be inherited from more than once')
        found.append(parent)
    if found and kind == "p" and not partition:
        raise Refused(INVALID_OBJECT_DEFINITION, "cannot create partitioned table as inheritance child")
    return found


INVALID_COLUMN_DEFINITION = "42611"

PARTITIONS_SHARE_IDENTITY_SINCE = 17
"""The first version in which an identity column of a partitioned table is one of its partitions', too."""


def shares_identity(catalog: Catalog, parent: Table) -> bool:
    """Whether the identity columns of `parent` are its children's, too."""
    return parent.kind == "p" and catalog.version >= PARTITIONS_SHARE_IDENTITY_SINCE


def partition_parent(parents: list[Table]) -> Table:
    """The partitioned table of a partition: its one parent."""
    return parents[0]


def inherited_columns(
    run: Run, parents: list[Table], plans: list[ColumnPlan], *, partition: bool
) -> list[ColumnPlan]:
    """Merge the parents' columns, in the parents' order, with a child's own (`MergeAttributes`)."""
    if not parents:
        return plans
    merged: dict[str, ColumnPlan] = {}
    conflicting: set[str] = set()
    for parent in parents:
        for column in parent.columns:
            known = merged.get(column.name)
            if known is None:
                keep = partition and shares_identity(run.catalog, parent)
                merged[column.name] = _inherited(run.catalog, parent, column, keep_identity=keep)
                continue
            if known.column.type != column.type:
                raise Refused(
                    DATATYPE_MISMATCH,
                    f'inherited column "{column.name}" has a type conflict',
                    detail=_versus(run.catalog, known.column.type, column.type),
                )
            if not _same_default(known.column, column):
                conflicting.add(column.name)
            known.column = msgspec.structs.replace(
                known.column,
                parents=known.column.parents + 1,
                not_null=known.column.not_null or passes_not_null(run.catalog, column),
                not_null_parents=known.column.not_null_parents + passes_not_null(run.catalog, column),
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
                detail=_versus(run.catalog, known.column.type, plan.column.type),
            )
        _refuse_other_generation(known.column, plan)
        if plan.default is not None or plan.generated is not None:
            conflicting.discard(plan.column.name)
        _merge_own(known, plan)
    _refuse_conflicts(conflicting)
    return list(merged.values())


def _refuse_conflicts(names: set[str]) -> None:
    """Parents with different defaults for a column, of which the child says nothing."""
    for name in names:
        raise Refused(
            INVALID_COLUMN_DEFINITION,
            f'column "{name}" inherits conflicting default values',
            hint="To resolve the conflict, specify a default explicitly.",
        )


def _same_default(known: Column, other: Column) -> bool:
    """Whether two parents' defaults of a column go together: they are the same, or one has none."""
    from schemaguard.catalog.analysis.binding import same_expression

    if known.generated or other.generated or known.default is None or other.default is None:
        return True
    return same_expression(known.default, other.default)


def _refuse_other_generation(inherited: Column, own: ColumnPlan) -> None:
    """A child's own definition of a column is generated if the parent's is, and not otherwise."""
    name, problem = own.column.name, ""
    if inherited.generated and own.default is not None:
        problem = f'column "{name}" inherits from generated column but specifies default'
    elif inherited.generated and own.column.identity:
        problem = f'column "{name}" inherits from generated column but specifies identity'
    elif not inherited.generated and own.generated is not None:
        problem = f'child column "{name}" specifies generation expression'
    if problem:
        raise Refused(INVALID_COLUMN_DEFINITION, problem)


def _versus(catalog: Catalog, one: TypeRef, other: TypeRef) -> str:
    from schemaguard.catalog.analysis.types import format_type

    return f"{format_type(catalog, one)} versus {format_type(catalog, other)}"


def _merge_own(known: ColumnPlan, own: ColumnPlan) -> None:
    """A child's own definition of an inherited column: it becomes local, and its options win."""
    known.column = msgspec.structs.replace(
        known.column,
        local=True,
        not_null=known.column.not_null or own.column.not_null,
        not_null_local=own.column.not_null,
        not_null_name=own.column.not_null_name or known.column.not_null_name,
        not_null_because=known.column.not_null_because or own.column.not_null_because,
        identity=own.column.identity or known.column.identity,
        because=own.column.because,
    )
    if own.default is not None or own.generated is not None:
        known.default, known.generated, known.default_node = own.default, own.generated, own.default_node
        known.copied = None
        known.column = msgspec.structs.replace(known.column, default=None, generated=own.column.generated)
    known.sequence = own.sequence
    known.constraints = own.constraints


def passes_not_null(catalog: Catalog, column: Column) -> bool:
    """Whether children get a column's NOT NULL."""
    return column.not_null and not (column.not_null_no_inherit and catalog.version >= CONSTRAINTS_SINCE)


def _inherited(catalog: Catalog, parent: Table, column: Column, *, keep_identity: bool) -> ColumnPlan:
    passes = passes_not_null(catalog, column)
    plan = ColumnPlan(
        msgspec.structs.replace(
            column,
            parents=1,
            local=False,
            not_null=passes,
            not_null_parents=int(passes),
            not_null_local=not passes,
            not_null_no_inherit=False,
            acl=(),
            identity=column.identity if keep_identity else "",
        )
    )
    if column.generated and column.default is not None:
        plan.copied = column.default, parent
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
