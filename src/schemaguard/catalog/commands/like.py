"""CREATE TABLE (LIKE …): what is copied from the other table, and what INCLUDING adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.columns import ColumnPlan
from schemaguard.catalog.describe import RELATION_WORDS
from schemaguard.catalog.errors import INSUFFICIENT_PRIVILEGE, WRONG_OBJECT_TYPE, Refused
from schemaguard.catalog.model import Relation, Sequence, Table

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

COMMENTS, COMPRESSION, CONSTRAINTS, DEFAULTS, GENERATED, IDENTITY, INDEXES, STATISTICS, STORAGE = (
    1 << bit for bit in range(9)
)
"""Bits of TableLikeClause.options (TableLikeOption)."""


def like_source(run: Run, clause: Node) -> Relation:
    """The relation that a LIKE clause names.

    Raises:
        Refused: it does not exist, has no columns of its own, or may not be read.
    """
    from schemaguard.catalog.privileges.query import has_privilege

    relation: Relation = run.session.relation(clause["relation"])
    if relation.kind not in "rpvmcf":
        raise Refused(WRONG_OBJECT_TYPE, f'relation "{relation.name}" is invalid in LIKE clause')
    if relation.kind != "c" and not has_privilege(run.catalog, run.session.role, "SELECT", relation.oid):
        word = RELATION_WORDS[relation.kind]
        raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for {word} {relation.name}")
    return relation


def like_columns(run: Run, clause: Node) -> list[ColumnPlan]:
    """The columns that LIKE copies: names, types and NOT NULL; defaults, generation and identity where included."""
    source = like_source(run, clause)
    options = int(clause.get("options", 0))
    plans = []
    for column in source.columns:
        keep_default = (
            bool(options & (GENERATED if column.generated else DEFAULTS)) and column.default is not None
        )
        keep_identity = bool(options & IDENTITY) and bool(column.identity)
        plan = ColumnPlan(
            msgspec.structs.replace(
                column,
                default=column.default if keep_default else None,
                generated=column.generated if keep_default else "",
                identity=column.identity if keep_identity else "",
                acl=(),
                parents=0,
                local=True,
                not_null_parents=0,
                not_null_local=True,
                not_null_no_inherit=False,
                because=run.origin(),
            )
        )
        if keep_identity:
            plan.sequence = _sequence_options(run, source, column.number)
        if keep_default and column.generated and column.default is not None:
            plan.column = msgspec.structs.replace(plan.column, default=None)
            plan.copied = column.default, source
        plans.append(plan)
    return plans


def _sequence_options(run: Run, source: Relation, number: int) -> list[Node]:
    """The options that make a sequence like the one behind an identity column."""
    for sequence in run.catalog.all(Sequence):
        if sequence.owned_by == (source.oid, number):
            options = [("start", sequence.start), ("increment", sequence.increment)]
            return [
                {"DefElem": {"defname": name, "arg": {"Integer": {"ival": value}}}} for name, value in options
            ]
    return []


def like_constraints(run: Run, clause: Node) -> list[Node]:
    """The CHECK constraints that INCLUDING CONSTRAINTS copies, as Constraint nodes under the same names."""
    source = like_source(run, clause)
    if not int(clause.get("options", 0)) & CONSTRAINTS:
        return []
    return [
        {
            "contype": "CONSTR_CHECK",
            "conname": constraint.name,
            "is_enforced": constraint.enforced,
            "initially_valid": True,
            "is_no_inherit": constraint.no_inherit,
            "_source": (source, constraint.expression),
        }
        for constraint in run.catalog.constraints(source.oid)
        if constraint.type == "c" and constraint.expression is not None
    ]


def like_check(run: Run, table: Table, node: Node) -> Node:
    """A copied CHECK as a node for the new table, its expression bound to that table's columns."""
    from schemaguard.catalog.analysis.binding import for_child

    source, expression = node["_source"]
    return {**node, "_expression": for_child(run.catalog, expression, source, table)}


def like_extras(run: Run, table: Table, clause: Node) -> None:
    """Indexes and comments that INCLUDING copies once the table is there."""
    source = like_source(run, clause)
    options = int(clause.get("options", 0))
    if options & INDEXES and isinstance(source, Table):
        _copy_indexes(run, source, table, comments=bool(options & COMMENTS))
    if options & COMMENTS:
        for column in source.columns:
            own = table.column(column.name)
            comment = run.catalog.comment(source.oid, column.number)
            if comment is not None and own is not None:
                run.catalog.put(run.catalog.comments, (table.oid, own.number), comment)
        if options & CONSTRAINTS:
            _copy_constraint_comments(run, source, table)


def _copy_constraint_comments(run: Run, source: Relation, table: Table) -> None:
    for constraint in run.catalog.constraints(source.oid):
        comment = run.catalog.comment(constraint.oid)
        own = run.catalog.constraints_of.get(table.oid, {}).get(constraint.name)
        if constraint.type == "c" and comment is not None and own is not None:
            run.catalog.put(run.catalog.comments, (own, 0), comment)


def _copy_indexes(run: Run, source: Table, table: Table, *, comments: bool) -> None:
    """The indexes of the source under names that the server chooses anew; primary key and unique as constraints."""
    from schemaguard.catalog.commands.index_copies import copy_index

    indexes = run.catalog.indexes(source.oid)
    for index in sorted(indexes, key=lambda index: (not index.primary, index.oid)):
        copy = copy_index(run, index, source, table)
        comment = run.catalog.comment(index.oid)
        if comments and comment is not None and copy is not None:
            run.catalog.put(run.catalog.comments, (copy.oid, 0), comment)
