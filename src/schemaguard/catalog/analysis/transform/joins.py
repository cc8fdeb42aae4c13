"""JOIN: its condition, merged columns, and what can be named after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.query_tree import Join, Rte
from schemaguard.catalog.analysis.transform.coercion import coerce
from schemaguard.catalog.analysis.transform.common_type import select_common_type
from schemaguard.catalog.analysis.transform.from_clause import (
    alias_of,
    named_columns,
    refuse_conflicts,
    transform_condition,
    transform_item,
)
from schemaguard.catalog.analysis.transform.operators import make_op
from schemaguard.catalog.analysis.transform.pathways import IMPLICIT
from schemaguard.catalog.analysis.transform.scope import AMBIGUOUS_COLUMN, NamespaceItem, ParseState
from schemaguard.catalog.analysis.tree import UNRESOLVED, BoolExpr, CoalesceExpr, Expr, Var
from schemaguard.catalog.builtin.types import BOOL
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import DUPLICATE_COLUMN, UNDEFINED_COLUMN, Refused

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.transform.from_clause import Leaf
    from schemaguard.statements.statement import Node

COMPARED_FIRST_SINCE = 16
"""The first version that looks for the columns' `=` before their common type: which of two messages it gives."""

_KINDS = {"JOIN_INNER": "inner", "JOIN_LEFT": "left", "JOIN_RIGHT": "right", "JOIN_FULL": "full"}


class _Columns:
    """The columns of a join while they are put together."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.exprs: list[Expr] = []
        self.aliased: list[Expr | None] = []
        self.left: list[int] = []
        self.right: list[int] = []

    def add(self, name: str, expr: Expr, seen_as: Expr | None, left: int, right: int) -> None:
        """One column: what it is, what a reference to it becomes (None: the join's own), and where it is from."""
        self.names.append(name)
        self.exprs.append(expr)
        self.aliased.append(seen_as)
        self.left.append(left)
        self.right.append(right)


def transform_join(state: ParseState, node: Node) -> Leaf:
    """A JoinExpr.

    Raises:
        Refused: a column to join by is missing or ambiguous, or a condition is none.
    """
    kind = _KINDS[node.get("jointype", "JOIN_INNER")]
    left_tree, left_items, left = transform_item(state, node["larg"])
    visible = len(state.namespace)
    for item in left_items:
        item.lateral_only = True
        item.lateral_ok = kind in ("inner", "left")
    state.namespace += left_items
    try:
        right_tree, right_items, right = transform_item(state, node["rarg"])
    finally:
        del state.namespace[visible:]
    refuse_conflicts(left_items, right_items)
    items = [*left_items, *right_items]
    for item in items:
        item.lateral_only = False
    using = strings(node.get("usingClause"))
    if node.get("isNatural"):
        rights = set(right.names)
        using = [name for name in left.names if name in rights]
    columns = _Columns()
    condition = _merge(state.environment, kind, left, right, using, columns)
    merged = len(using)
    _add_rest(left, using, columns, left=True)
    _add_rest(right, using, columns, left=False)
    if "quals" in node:
        outer, state.namespace = state.namespace, [*state.namespace, *items]
        try:
            condition = transform_condition(state, node["quals"], "on", "JOIN/ON")
        finally:
            state.namespace = outer
    alias = alias_of(node.get("alias"))
    own = _entry(state, kind, columns, merged, node)
    tree = Join(kind, left_tree, right_tree, own.index, tuple(using), condition, alias)
    visible_items = [] if alias is not None else items
    for item in visible_items:
        item.columns = False
    if "join_using_alias" in node:
        visible_items = [*visible_items, _using_item(own, merged, node["join_using_alias"])]
    return tree, [*visible_items, own], own


def _merge(
    environment: Environment,
    kind: str,
    left: NamespaceItem,
    right: NamespaceItem,
    using: list[str],
    columns: _Columns,
) -> Expr | None:
    """Add the columns of USING; the condition that they make."""
    tests: list[Expr] = []
    for at, name in enumerate(using):
        if name in using[:at]:
            raise Refused(DUPLICATE_COLUMN, f'column name "{name}" appears more than once in USING clause')
        left_at, right_at = _index_of(left, name, "left"), _index_of(right, name, "right")
        one, other = left.vars[left_at], right.vars[right_at]
        if environment.version < COMPARED_FIRST_SINCE:
            select_common_type(environment, [one, other], "JOIN/USING")
        tests.append(make_op(environment, ["="], one, other))
        merged = _merged(environment, kind, one, other)
        seen_as = merged if merged in (one, other) else None
        columns.add(name, merged, seen_as, left_at + 1, right_at + 1)
    if not tests:
        return None
    return tests[0] if len(tests) == 1 else BoolExpr(BOOL, operator="and", args=tuple(tests))


def _index_of(item: NamespaceItem, name: str, side: str) -> int:
    found = [at for at, other in enumerate(item.names) if other == name]
    if not found:
        raise Refused(
            UNDEFINED_COLUMN, f'column "{name}" specified in USING clause does not exist in {side} table'
        )
    if len(found) > 1:
        raise Refused(AMBIGUOUS_COLUMN, f'common column name "{name}" appears more than once in {side} table')
    return found[0]


def _merged(environment: Environment, kind: str, left: Expr, right: Expr) -> Expr:
    """The one column that two columns of USING become (`buildMergedJoinVar`)."""
    common = select_common_type(environment, [left, right], "JOIN/USING")
    if common == UNRESOLVED:
        common = left.type
    typmod = left.typmod if (left.type, left.typmod) == (right.type, right.typmod) else -1
    one, other = (
        side if (side.type, side.typmod) == (common, typmod) else _as(environment, side, common, typmod)
        for side in (left, right)
    )
    if kind == "full":
        return CoalesceExpr(common, typmod, args=(one, other))
    if kind == "right":
        return other
    if kind == "inner" and not isinstance(one, Var) and isinstance(other, Var):
        return other
    return one


def _as(environment: Environment, expr: Expr, common: int, typmod: int) -> Expr:
    from schemaguard.catalog.analysis.transform.coercion import relabelled

    if expr.type != common:
        return coerce(environment, expr, common, typmod, IMPLICIT, "implicit")
    return relabelled(expr, common, typmod, "implicit") if expr.typmod != typmod else expr


def _add_rest(item: NamespaceItem, using: list[str], columns: _Columns, *, left: bool) -> None:
    """Add the columns of one side that are not merged."""
    for at, (name, expr) in enumerate(zip(item.names, item.vars, strict=True), 1):
        if name not in using:
            columns.add(name, expr, expr, at if left else 0, 0 if left else at)


def _entry(state: ParseState, kind: str, columns: _Columns, merged: int, node: Node) -> NamespaceItem:
    """Put the join into the range table."""
    alias = alias_of(node.get("alias"))
    name = alias.name if alias else "unnamed_join"
    rte = Rte(
        kind="join",
        name=name,
        alias=alias,
        columns=named_columns(columns.names, alias, name),
        types=tuple(expr.type for expr in columns.exprs),
        typmods=tuple(expr.typmod for expr in columns.exprs),
        join_type=kind,
        merged=merged,
        join_vars=tuple(columns.exprs),
        left_columns=tuple(columns.left),
        right_columns=tuple(columns.right),
        using_alias=node.get("join_using_alias", {}).get("aliasname", ""),
    )
    index = state.add(rte)
    variables: list[Expr] = []
    for number, (expr, seen_as) in enumerate(zip(columns.exprs, columns.aliased, strict=True), 1):
        if isinstance(seen_as, Var):
            shown = (index, number) if alias is not None else seen_as.shown
            variables.append(msgspec.structs.replace(seen_as, shown=shown))
        else:
            variables.append(Var(expr.type, expr.typmod, relation=index, attribute=number))
    item = NamespaceItem(index, rte, list(rte.columns), variables)
    item.tables = alias is not None
    return item


def _using_item(join: NamespaceItem, merged: int, alias: Node) -> NamespaceItem:
    """The name that USING … AS gives to the merged columns alone."""
    item = NamespaceItem(join.index, join.rte, join.names[:merged], join.vars[:merged])
    item.name = alias["aliasname"]
    item.columns = False
    return item
