"""What the parts of the solver share: the session it speaks of, fresh names, and a limit to its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.linting.questions.logic.worlds import NULL, SETTING, Symbol, Term, World

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.state import Catalog
    from schemaguard.linting.questions.logic.scopes import Scope
    from schemaguard.statements.statement import Node

Found = tuple[Term, World]
Truth = bool | None

YES: frozenset[Truth] = frozenset((True,))
NO: frozenset[Truth] = frozenset((False,))
NEVER: frozenset[Truth] = frozenset((None,))
NOT_YES: frozenset[Truth] = frozenset((False, None))
NOT_NO: frozenset[Truth] = frozenset((True, None))

FUEL = 20_000
"""How many steps a question may take."""
MAX_DEPTH = 12
"""How many helper functions are followed into each other."""


class TooComplex(Exception):  # noqa: N818 - says what is so
    """The question takes more steps than it is given."""


class Base:
    """A session, in which conditions are solved.

    `tenant` is what the setting holds: SETTING, NULL where it was never set, or "". `setting`: its name, None where
    none is agreed and any will do. `functions`: the names of functions that return it. `tenant_column`: columns of that
    name are the tenant's in every table; "" for none. `rows`: the relation of each row, by its key. `errors`: what was
    met that raises one, unless a handler is there to catch it (`catching`).
    """

    def __init__(
        self, catalog: Catalog, tenant: Term, setting: str | None, functions: tuple[str, ...] = ()
    ) -> None:
        """Take the session."""
        self.catalog = catalog
        self.tenant = tenant
        self.setting = setting
        self.functions = functions
        self.fuel = FUEL
        self.numbers = 0
        self.tenant_column = ""
        self.rows: dict[Hashable, Relation] = {}
        self.errors: list[str] = []
        self.catching = 0

    def spend(self) -> None:
        """Take a step.

        Raises:
            TooComplex: it is one too many.
        """
        self.fuel -= 1
        if self.fuel < 0:
            raise TooComplex

    def fails(self, reason: str) -> None:
        """Note an error."""
        if not self.catching:
            self.errors.append(reason)

    def fresh(self, name: Hashable = "") -> Symbol:
        """A value about which nothing is known."""
        self.numbers += 1
        return Symbol(self.numbers, name)

    # Solved in modules of their own

    def values(self, node: Node, scope: Scope, world: World) -> Iterator[Found]:
        """The values that an expression can have, each with what is so then; none where it is an error."""
        raise NotImplementedError

    def truths(self, node: Node, scope: Scope, world: World, wanted: frozenset[Truth]) -> Iterator[World]:
        """The worlds in which a condition is one of the truth values wanted."""
        raise NotImplementedError

    def selected(
        self, select: Node, scope: Scope, world: World
    ) -> Iterator[tuple[list[tuple[str, Term]], World]]:
        """The rows that a SELECT can have, by name and value of each column."""
        raise NotImplementedError

    def called(self, names: list[str], arguments: list[Node], scope: Scope, world: World) -> Iterator[Found]:
        """The values that a function call can have; of a set, those of its rows."""
        raise NotImplementedError

    # Comparisons

    def compared(self, left: Term, right: Term, world: World, wanted: frozenset[Truth]) -> Iterator[World]:
        """The worlds in which `left = right` is one of the truth values wanted."""
        self.spend()
        if NULL in (world.value(left), world.value(right)):
            if None in wanted:
                yield world
            return
        there = self.both_present(left, right, world)
        if there is not None and True in wanted and (found := there.equal(left, right)) is not None:
            yield found
        if there is not None and False in wanted and (found := there.differ(left, right)) is not None:
            yield found
        if None in wanted:
            yield from self.one_missing((left, right), world)

    def both_present(self, left: Term, right: Term, world: World) -> World | None:
        """The world in which neither is NULL."""
        found = world.present(left) if isinstance(left, Symbol) else world
        return found.present(right) if found is not None and isinstance(right, Symbol) else found

    def one_missing(self, terms: tuple[Term, ...], world: World) -> Iterator[World]:
        """The worlds in which one of some terms is NULL."""
        for term in terms:
            if isinstance(term, Symbol) and (found := world.equal(term, NULL)) is not None:
                yield found

    def holds(self, term: Term, world: World, wanted: frozenset[Truth]) -> Iterator[World]:
        """The worlds in which a value, taken as a truth value, is one of those wanted."""
        known = world.value(term)
        if known is None or isinstance(known, bool):
            if known in wanted:
                yield world
        elif isinstance(known, str):
            if (known.lower() in ("t", "true", "on", "yes", "1")) in wanted:
                yield world
        else:
            for truth in wanted:
                if (found := world.equal(term, truth)) is not None:
                    yield found

    @property
    def session_value(self) -> Term:
        """What functions that return the current tenant give: NULL where there is none."""
        return self.tenant if self.tenant == SETTING else NULL
