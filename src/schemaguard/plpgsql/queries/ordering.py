"""ORDER BY."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.plpgsql.expressions.operators import sort_key
from schemaguard.plpgsql.values.kinds import Unknown
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.expressions.scope import Env, Getter
    from schemaguard.statements.statement import Node


class Order(NamedTuple):
    """One key of an order."""

    get: Getter
    descending: bool
    nulls_first: bool

    @classmethod
    def of(cls, node: Node, get: Getter) -> Order:
        """The key of a SortBy node; `get` computes its expression."""
        fields = node["SortBy"]
        descending = fields.get("sortby_dir") == "SORTBY_DESC"
        nulls = fields.get("sortby_nulls", "SORTBY_NULLS_DEFAULT")
        first = descending if nulls == "SORTBY_NULLS_DEFAULT" else nulls == "SORTBY_NULLS_FIRST"
        return cls(get, descending, first)


def sort_rows(
    rows: list[Any], orders: list[Order], env_of: Callable[[Any], Env], context: Context
) -> list[Any]:
    """Rows in order; `env_of` gives the Env of one.

    Raises:
        Unanswerable: a key is unknown, and there is more than one row to put in order.
    """
    if len(rows) < 2:
        return rows
    key = sort_key(context)
    for order in reversed(orders):
        known: list[tuple[Any, Any]] = []
        nulls: list[tuple[Any, Any]] = []
        for row in rows:
            value = order.get(env_of(row))
            if isinstance(value, Unknown):
                raise Unanswerable(value.reason)
            (nulls if value is None else known).append((value, row))
        known.sort(key=lambda pair: key(pair[0]), reverse=order.descending)
        pairs = [*nulls, *known] if order.nulls_first else [*known, *nulls]
        rows = [row for _value, row in pairs]
    return rows
