"""Columns outside of aggregates must be grouped by, or depend on what is (`check_ungrouped_columns`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.query_tree import Query
from schemaguard.catalog.analysis.transform.scope import raised
from schemaguard.catalog.analysis.tree import Aggref, Expr, GroupingFunc, Var
from schemaguard.catalog.analysis.walk import children, rebuilt
from schemaguard.catalog.errors import Refused

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.catalog.model import Constraint

GROUPING_ERROR = "42803"


def refuse_ungrouped(state: ParseState, query: Query) -> None:
    """Refuse a query that shows a column which is neither grouped by nor aggregated.

    A table's columns may be shown where its whole primary key is grouped by; the query then depends on that key, see
    `primary_keys_needed`.
    """
    checker = _Checker(state, query)
    for target in query.targets:
        checker.check(target.expr)
    if query.having is not None:
        checker.check(query.having)


def primary_keys_needed(state: ParseState, query: Query) -> set[int]:
    """The primary key constraints without which the query would be refused."""
    checker = _Checker(state, query)
    for target in query.targets:
        checker.check(target.expr)
    if query.having is not None:
        checker.check(query.having)
    return checker.keys


class _Checker:
    """One query being checked."""

    def __init__(self, state: ParseState, query: Query) -> None:
        self.state = state
        self.query = query
        self.keys: set[int] = set()
        by_ref = {target.ref: target.expr for target in query.targets if target.ref}
        self.grouped = [self.plain(by_ref[group.ref]) for group in query.groups]
        self.common = self._in_every_set(by_ref)

    def _in_every_set(self, by_ref: dict[int, Expr]) -> list[Expr]:
        """What every grouping set groups by: only that can stand for a key."""
        if not self.query.grouping_sets:
            return self.grouped
        if any(found.kind != "simple" for found in self.query.grouping_sets):
            return []
        return [self.plain(by_ref[ref]) for found in self.query.grouping_sets for ref in found.refs]

    def check(self, node: object, level: int = 0) -> None:
        """Look through a tree for ungrouped columns of the query."""
        if isinstance(node, GroupingFunc) and level == 0:
            self._check_grouping(node)
            return
        if isinstance(node, Aggref) and level == 0:
            return
        if isinstance(node, Expr):
            if level == 0 and self.plain(node) in self.grouped:
                return
            if isinstance(node, Var):
                if node.level == level:
                    self._check_column(node, level)
                return
        inner = level + 1 if isinstance(node, Query) else level
        if isinstance(node, msgspec.Struct):
            for child in children(node):
                self.check(child, inner)

    def _check_grouping(self, node: GroupingFunc) -> None:
        if any(self.plain(arg) not in self.grouped for arg in node.args):
            raise Refused(
                GROUPING_ERROR,
                "arguments to GROUPING must be grouping expressions of the associated query level",
            )

    def _check_column(self, variable: Var, level: int) -> None:
        written = msgspec.structs.replace(variable, level=0)
        at_home = self.plain(written)
        if at_home in self.grouped:
            return
        rte = self.query.rtes[variable.relation - 1]
        if rte.kind == "join":
            self.check(raised(at_home, level), level)
            return
        if rte.kind == "relation" and (key := self._key_of(variable.relation, rte.relation)) is not None:
            self.keys.add(key.oid)
            return
        if rte.kind == "other":
            return
        name = rte.alias.name if rte.alias else rte.name
        if variable.attribute > 0:
            numbers = rte.numbers or tuple(range(1, len(rte.columns) + 1))
            name = f"{name}.{rte.columns[numbers.index(variable.attribute)]}"
        message = (
            f'subquery uses ungrouped column "{name}" from outer query'
            if level
            else f'column "{name}" must appear in the GROUP BY clause or be used in an aggregate function'
        )
        raise Refused(GROUPING_ERROR, message)

    def _key_of(self, index: int, relation: int) -> Constraint | None:
        """The primary key of a table of FROM, if all of it is grouped by."""
        grouped = {
            found.attribute
            for found in self.common
            if isinstance(found, Var) and found.relation == index and found.level == 0
        }
        catalog = self.state.environment.catalog
        for constraint in catalog.constraints(relation):
            if constraint.type == "p" and not constraint.deferrable and set(constraint.columns) <= grouped:
                return constraint
        return None

    def plain(self, expr: Expr) -> Expr:
        """The expression without how its columns were written: those of a join are what they stand for."""
        rtes = self.query.rtes

        def change(node: object, level: int) -> object:
            if not isinstance(node, Var):
                return None
            if node.level == level and node.attribute > 0:
                rte = rtes[node.relation - 1]
                if rte.kind == "join" and rte.join_vars:
                    meant = rebuilt(rte.join_vars[node.attribute - 1], change)
                    return raised(meant, level)
            return msgspec.structs.replace(node, shown=(0, 0)) if node.shown != (0, 0) else None

        found: Expr = rebuilt(expr, change)
        return found
