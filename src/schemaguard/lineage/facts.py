"""Columns that conditions prove not to be NULL, and sides of outer joins that may be (`prepjointree.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.analysis import tree as t
from schemaguard.catalog.analysis.query_tree import Join
from schemaguard.catalog.builtin.functions import functions_named
from schemaguard.catalog.model import FIRST_USER_OID

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.catalog.analysis.query_tree import Query, RangeRef
    from schemaguard.catalog.builtin.functions import Routine
    from schemaguard.catalog.builtin.operators import Operator

Facts = frozenset[tuple[int, int]]
"""Columns that are not NULL: entry of the range table and attribute number, of the query that a condition stands in."""

NOTHING: Facts = frozenset()

_PASSING = (t.RelabelType, t.CollateExpr, t.CoerceToDomain, t.CoerceViaIO)
_TRUTHS = {"TRUE": True, "FALSE": False}


def is_strict_routine(routine: Routine) -> bool:
    """Whether a function gives NULL for a NULL argument."""
    return "s" in routine.flags[1:]  # the first letter is the volatility


def is_strict(operator: Operator) -> bool:
    """Whether an operator of PostgreSQL gives NULL for a NULL operand; those of others are not trusted to."""
    if operator.oid >= FIRST_USER_OID or operator.extension:
        return False
    arguments = tuple(of for of in (operator.left, operator.right) if of)
    return any(
        is_strict_routine(routine)
        for routine in functions_named(operator.function)
        if routine.arguments == arguments
    )


class Prover:
    """Reads conditions of one query."""

    def __init__(self, query: Query) -> None:
        """Begin with a query."""
        self.query = query

    def proved(self, condition: t.Expr | None, *, outcome: bool = True) -> Facts:
        """The columns that can't be NULL where a condition is true (or false, as `outcome` says)."""
        match condition:
            case t.BoolExpr(operator="not", args=args):
                return self.proved(args[0], outcome=not outcome)
            case t.BoolExpr(args=args):
                parts = [self.proved(arg, outcome=outcome) for arg in args]
                every = (condition.operator == "and") is outcome
                return NOTHING.union(*parts) if every else parts[0].intersection(*parts[1:])
            case t.NullTest(row=False):
                return self.strict(condition.arg) if condition.negated is outcome else NOTHING
            case t.BooleanTest():
                return self._truth(condition, outcome=outcome)
            case t.ScalarArrayOpExpr(any=True) if outcome and is_strict(condition.operator):
                return self.strict(condition.left)
            case t.SubLink(kind="any") if outcome and all(is_strict(each) for each in condition.operators):
                return NOTHING.union(*(self.strict(test) for test in condition.test))
            case t.ScalarArrayOpExpr() | t.SubLink() | None:
                return NOTHING
        return self.strict(condition)

    def _truth(self, test: t.BooleanTest, *, outcome: bool) -> Facts:
        word = test.test.removeprefix("NOT ")
        positive = (word == test.test) is outcome
        if word == "UNKNOWN":
            return NOTHING if positive else self.strict(test.arg)
        return self.proved(test.arg, outcome=_TRUTHS[word]) if positive else NOTHING

    def strict(self, expr: t.Expr) -> Facts:
        """The columns that an expression is NULL without."""
        match expr:
            case t.Var(level=0):
                return self._column(expr)
            case t.OpExpr(kind="") if is_strict(expr.operator):
                return NOTHING.union(*(self.strict(arg) for arg in expr.args))
            case t.FuncExpr(routine=routine) if is_strict_routine(routine) and not routine.returns_set:
                return NOTHING.union(*(self.strict(arg) for arg in expr.args))
            case _ if isinstance(expr, _PASSING):
                passing: Any = expr
                return self.strict(passing.arg)
        return NOTHING

    def _column(self, expr: t.Var) -> Facts:
        rte = self.query.rtes[expr.relation - 1]
        if rte.kind == "join" and expr.attribute > 0:
            found = self.strict(rte.join_vars[expr.attribute - 1])
            return found | {(expr.relation, expr.attribute)}
        return frozenset([(expr.relation, expr.attribute)]) if expr.attribute else NOTHING


class Joins:
    """What the join tree of a query leaves NULL.

    `known`: the columns that WHERE and inner joins prove. `nulled`: for each entry of the range table the outer joins
    that may put a row of NULLs in its place.
    """

    def __init__(self, query: Query) -> None:
        """Work them out: an outer join whose inner side is proved to be there is none."""
        self.prover = Prover(query)
        self.query = query
        self.known = self.prover.proved(query.where)
        while True:
            self.nulled: dict[int, set[int]] = {}
            lifted: Facts = NOTHING.union(*(self._visit(node)[1] for node in query.joins))
            if lifted <= self.known:
                break
            self.known |= lifted

    def _visit(self, node: Join | RangeRef) -> tuple[set[int], Facts]:
        """The entries below a node, and what its conditions prove of the rows it gives."""
        if not isinstance(node, Join):
            return {node.index}, NOTHING
        left, left_facts = self._visit(node.left)
        right, right_facts = self._visit(node.right)
        proved = {relation for relation, _ in self.known}
        nulls_left = node.kind in ("right", "full") and not proved & left
        nulls_right = node.kind in ("left", "full") and not proved & right
        for side, is_nulled in ((left, nulls_left), (right, nulls_right)):
            for relation in side if is_nulled else ():
                self.nulled.setdefault(relation, set()).add(node.index)
        facts = NOTHING if nulls_left else left_facts
        facts |= NOTHING if nulls_right else right_facts
        if not nulls_left and not nulls_right:
            facts |= self.prover.proved(node.condition)
        return left | right, facts


def grouped_everywhere(query: Query, ref: int) -> bool:
    """Whether a GROUP BY entry is in every grouping set, so that no row has it NULL for want of grouping."""

    def inside(content: Any) -> bool:  # noqa: ANN401 - a GroupingSet
        if content.kind == "simple":
            return ref in content.refs
        return content.kind == "sets" and bool(content.content) and all(map(inside, content.content))

    check: Callable[[Any], bool] = inside
    return any(check(content) for content in query.grouping_sets)
