"""Queries inside queries: what a column of one of them refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from schemaguard.catalog.analysis.query_tree import SetOperation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.catalog.analysis.query_tree import CommonTable, Query, RangeRef, Rte, SortGroup
    from schemaguard.catalog.analysis.tree import Expr, Var


_Answer = TypeVar("_Answer")
"""What an analysis says of a column: of equal ones the same."""


class Leaf(NamedTuple):
    """A leaf of a set operation. `above`: the operations over it, the innermost first; `away`: of EXCEPT."""

    scope: Scope
    above: tuple[SetOperation, ...]
    away: bool


class Scope:
    """A query, with the query it stands in; `memo` keeps what was computed of its columns.

    Of a function's body, `arguments` are the expressions that its parameters stand for, by number, which stand in
    the query of `caller`.
    """

    def __init__(self, query: Query, parent: Scope | None = None) -> None:
        """Begin with a view's query, or with one inside `parent`."""
        self.query = query
        self.parent = parent
        self.memo: dict[Any, Any] = {}
        self.arguments: dict[int, tuple[Expr, ...]] = {}
        self.caller: Scope | None = None
        self._inner: dict[int, Scope] = {}
        self._ctes: dict[str, Scope] = {}
        self._in_progress: dict[tuple[str, str], list[Any]] = {}

    def up(self, level: int) -> Scope:
        """The scope that many queries further out.

        Raises:
            LookupError: there is none; the tree is not one of a whole query.
        """
        scope: Scope | None = self
        for _ in range(level):
            scope = scope.parent if scope is not None else None
        if scope is None:
            message = f"no query {level} levels up"
            raise LookupError(message)
        return scope

    def argument(self, number: int) -> tuple[tuple[Expr, ...], Scope]:
        """What a parameter of the function that this query stands in is, and in which query that stands."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope.arguments.get(number, ()), scope.caller or scope

    def rte(self, variable: Var) -> tuple[Rte, Scope]:
        """What a column belongs to, and the scope in which that stands."""
        scope = self.up(variable.level)
        return scope.query.rtes[variable.relation - 1], scope

    def target(self, ref: int) -> Expr | None:
        """The expression that a sort or group clause means."""
        return next((target.expr for target in self.query.targets if target.ref == ref), None)

    def targets_of(self, clauses: tuple[SortGroup, ...]) -> Iterator[Expr]:
        """The expressions of sort or group clauses."""
        for clause in clauses:
            expr = self.target(clause.ref)
            if expr is not None:
                yield expr

    def subquery(self, index: int) -> Scope:
        """The scope of a sub-select of FROM, or of a leaf of a set operation."""
        found = self._inner.get(index)
        if found is None:
            query = self.query.rtes[index - 1].query
            if query is None:
                message = f"entry {index} of the range table is no sub-select"
                raise LookupError(message)
            found = self._inner[index] = Scope(query, self)
        return found

    def leaves(self) -> list[Leaf]:
        """The leaves of a set operation, from left to right; none for a plain query."""
        found: list[Leaf] = []

        def visit(node: SetOperation | RangeRef, above: tuple[SetOperation, ...], *, away: bool) -> None:
            if isinstance(node, SetOperation):
                visit(node.left, (node, *above), away=away)
                visit(node.right, (node, *above), away=away or node.operation == "EXCEPT")
            else:
                found.append(Leaf(self.subquery(node.index), above, away))

        if self.query.set_operations is not None:
            visit(self.query.set_operations, (), away=False)
        return found

    def common_table(self, rte: Rte) -> tuple[Scope, CommonTable]:
        """The query of WITH that an entry of the range table names, and the scope whose WITH that is."""
        owner = self.up(rte.cte_level)
        table = next((each for each in owner.query.ctes if each.name == rte.cte), None)
        if table is None:
            message = f"no WITH query {rte.cte}"
            raise LookupError(message)
        return owner, table

    def cte_outputs(
        self, table: CommonTable, kind: str, bottom: _Answer, compute: Callable[[Scope, int], _Answer]
    ) -> list[_Answer]:
        """What an analysis says of the columns of one of this scope's WITH queries.

        One that names itself is gone through until nothing changes, beginning with `bottom` for its own columns.
        """
        width = len(table.query.outputs)
        key = (kind, table.name)
        if key in self._in_progress:
            return self._in_progress[key]
        if not table.recursive:
            inner = self._ctes.setdefault(table.name, Scope(table.query, self))
            return [compute(inner, at) for at in range(width)]
        if key in self.memo:
            return list(self.memo[key])
        values = [bottom] * width
        while True:
            self._in_progress[key] = values
            fresh = Scope(table.query, self)
            found = [compute(fresh, at) for at in range(width)]
            if found == values:
                break
            values = found
        del self._in_progress[key]
        self.memo[key] = values
        return values
