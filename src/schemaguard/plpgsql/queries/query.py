"""A compiled query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.plpgsql.values.kinds import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.plpgsql.expressions.scope import Env

Row = tuple[Value, ...]


class Query:
    """The names of a query's columns, and its rows."""

    columns: list[str]

    def rows(self, outer: Env) -> Iterator[Row]:
        """The rows, given the rows at hand around the query.

        Raises:
            Unanswerable: they depend on something that is not known.
        """
        raise NotImplementedError
