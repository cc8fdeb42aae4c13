"""What `Expression.bound` holds: the analysed tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.query_tree import Query
from schemaguard.catalog.analysis.tree import Expr

if TYPE_CHECKING:
    from schemaguard.catalog.model import Expression


class Bound(msgspec.Struct, frozen=True, gc=False):
    """An expression analysed. `tree` names everything by oid and attribute number.

    `relation`: the table that the expression is about, or 0; its columns are those of range table entry 1 (with
    `new_old`, entry 1 is OLD and entry 2 NEW). `context` as `bind_expression` was told.
    """

    tree: Expr
    relation: int
    context: str
    new_old: bool = False


class BoundQuery(msgspec.Struct, frozen=True, gc=False):
    """A query analysed."""

    query: Query


def bound_of(expression: Expression) -> Bound:
    """The analysed form of an expression that `bind_expression` made.

    Raises:
        TypeError: something else made it.
    """
    if not isinstance(expression.bound, Bound):
        message = f"the expression is not bound: {expression.bound!r}"
        raise TypeError(message)
    return expression.bound


def query_of(expression: Expression) -> Query:
    """The analysed form of a view's query.

    Raises:
        TypeError: `analyse_query` did not make it.
    """
    if not isinstance(expression.bound, BoundQuery):
        message = f"the query is not analysed: {expression.bound!r}"
        raise TypeError(message)
    return expression.bound.query
