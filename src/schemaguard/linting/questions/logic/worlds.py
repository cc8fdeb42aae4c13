"""What is known of values while a predicate is taken to be true: which are equal, which differ."""

from __future__ import annotations

from collections.abc import Hashable  # noqa: TC003 - the types of fields
from typing import NamedTuple

NULL = None
"""The term for NULL."""


class Symbol(NamedTuple):
    """A value that is not known: a column of a row (`owner` tells rows apart), a setting, what a function returns."""

    owner: Hashable
    name: Hashable


Term = str | bool | Symbol | None
"""A value: a constant as text, a truth value, NULL, or a symbol."""

TENANT = Symbol("row", "tenant")
"""The tenant column of the row that a predicate is asked about."""
SETTING = Symbol("session", "tenant")
"""The current tenant, where one is set."""


class World(NamedTuple):
    """Equal terms in groups, and pairs that differ. What would contradict itself gives None."""

    groups: tuple[frozenset[Term], ...] = ()
    apart: frozenset[frozenset[Term]] = frozenset()

    def group(self, term: Term) -> frozenset[Term]:
        """The terms that are equal to one."""
        return next((group for group in self.groups if term in group), frozenset((term,)))

    def value(self, term: Term) -> Term:
        """The constant (or NULL) that a term is known to be, else the term itself."""
        if not isinstance(term, Symbol):
            return term
        return next((each for each in self.group(term) if not isinstance(each, Symbol)), term)

    def equal(self, left: Term, right: Term) -> World | None:
        """The world in which both are the same, NULL counted as a value."""
        one, other = self.group(left), self.group(right)
        if one == other:
            return self
        merged = one | other
        if sum(not isinstance(term, Symbol) for term in merged) > 1:
            return None
        if any(pair <= merged for pair in self.apart):
            return None
        kept = tuple(group for group in self.groups if group not in (one, other))
        return World((*kept, merged), self.apart)

    def differ(self, left: Term, right: Term) -> World | None:
        """The world in which they are not the same."""
        if right in self.group(left):
            return None
        if not isinstance(left, Symbol) and not isinstance(right, Symbol):
            return self
        return self._replace(apart=self.apart | {frozenset((left, right))})

    def present(self, term: Term) -> World | None:
        """The world in which a term is not NULL."""
        return self.differ(term, NULL)
