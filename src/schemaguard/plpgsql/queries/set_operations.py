"""UNION, INTERSECT and EXCEPT."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.errors import SYNTAX_ERROR, Refused
from schemaguard.plpgsql.expressions.scope import Env
from schemaguard.plpgsql.queries.ordering import Order, sort_rows
from schemaguard.plpgsql.queries.query import Query
from schemaguard.plpgsql.values.kinds import Unknown, hashable
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.plpgsql.expressions.scope import Getter, Scope
    from schemaguard.plpgsql.queries.query import Row
    from schemaguard.statements.statement import Node


class SetOperation(Query):
    """Two queries as one."""

    def __init__(self, fields: Node, scope: Scope) -> None:
        """Compile both sides."""
        from schemaguard.plpgsql.queries.select import Limits, _position, compile_query

        self.kind = fields["op"].removeprefix("SETOP_").lower()
        self.all = bool(fields.get("all"))
        self.left = compile_query({"SelectStmt": fields["larg"]}, scope.context, scope)
        self.right = compile_query({"SelectStmt": fields["rarg"]}, scope.context, scope)
        self.columns = self.left.columns
        if len(self.columns) != len(self.right.columns):
            message = f"each {self.kind.upper()} query must have the same number of columns"
            raise Refused(SYNTAX_ERROR, message)
        self.context = scope.context
        self.limits = Limits(fields, scope)
        self.orders = [
            Order.of(item, column_at(_position(item, self.columns)))
            for item in fields.get("sortClause") or ()
        ]

    def rows(self, outer: Env) -> Iterator[Row]:
        """The rows."""
        env = Env([], outer)
        found = self._combined(env)
        if self.orders:
            found = iter(sort_rows(list(found), self.orders, lambda row: Env([row]), self.context))
        yield from self.limits.apply(found, env)

    def _combined(self, env: Env) -> Iterator[Row]:
        if self.kind == "union":
            seen: set[Any] = set()
            for side in (self.left, self.right):
                for row in side.rows(env):
                    key = None if self.all else _key(row)
                    if key is None or key not in seen:
                        seen.add(key)
                        yield row
            return
        counts = Counter(_key(row) for row in self.right.rows(env))
        seen = set()
        for row in self.left.rows(env):
            key = _key(row)
            inside = counts[key] > 0
            if self.all:
                counts[key] -= inside
            elif key in seen:
                continue
            seen.add(key)
            if inside == (self.kind == "intersect"):
                yield row


def column_at(at: int) -> Getter:
    """The function that gives a column of an output row."""
    return lambda env: env.rows[0][at]


def _key(row: Row) -> Any:  # noqa: ANN401 - a key
    for value in row:
        if isinstance(value, Unknown):
            raise Unanswerable(value.reason)
    return tuple(map(hashable, row))
