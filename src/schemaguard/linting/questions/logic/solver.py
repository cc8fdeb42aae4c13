"""The solver whole, and how it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.linting.questions.logic.base import YES, TooComplex, Truth
from schemaguard.linting.questions.logic.bodies import Bodies
from schemaguard.linting.questions.logic.queries import Queries
from schemaguard.linting.questions.logic.scopes import Scope
from schemaguard.linting.questions.logic.truths import Truths
from schemaguard.linting.questions.logic.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.linting.questions.logic.worlds import World
    from schemaguard.statements.statement import Node


class Solver(Truths, Values, Queries, Bodies):
    """Finds the worlds in which a condition is true, in a session."""

    def solutions(
        self, condition: Node, scope: Scope, world: World, wanted: frozenset[Truth] = YES
    ) -> Iterator[World | None]:
        """The worlds in which a condition is as wanted; None, at the end, where there are too many to follow."""
        try:
            yield from self.truths(condition, scope, world, wanted)
        except (TooComplex, RecursionError):
            yield None

    def rows_of(self, select: Node, world: World) -> Iterator[World | None]:
        """The worlds in which a SELECT has a row; None as for `solutions`."""
        try:
            for _columns, there in self.selected(select, Scope(), world):
                yield there
        except (TooComplex, RecursionError):
            yield None
