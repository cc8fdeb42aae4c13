"""Which of several functions or operators a call means (`func_select_candidate` and what leads to it)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from schemaguard.catalog.analysis.transform.pathways import IMPLICIT, can_coerce
from schemaguard.catalog.builtin.types import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.environment import Environment


class HasArguments(Protocol):
    """A candidate: anything with the types of its arguments."""

    @property
    def arguments(self) -> tuple[int, ...]:
        """The types that a call's arguments are matched with."""


_C = TypeVar("_C", bound=HasArguments)


def match_candidates(environment: Environment, actual: Sequence[int], candidates: Sequence[_C]) -> list[_C]:
    """The candidates to whose argument types all of these can be converted implicitly."""
    return [found for found in candidates if can_coerce(environment, actual, found.arguments, IMPLICIT)]


def select_candidate(environment: Environment, actual: Sequence[int], candidates: Sequence[_C]) -> _C | None:
    """The best of several candidates that all fit, None where it stays open (`func_select_candidate`)."""
    bases = [given if given == UNKNOWN else environment.base(given) for given in actual]
    unknown = [at for at, base in enumerate(bases) if base == UNKNOWN]
    known = [at for at, base in enumerate(bases) if base != UNKNOWN]

    best = _most(candidates, lambda found: sum(found.arguments[at] == bases[at] for at in known))
    if len(best) == 1:
        return best[0]
    categories = {at: environment.info(bases[at]).category for at in known}
    best = _most(
        best,
        lambda found: sum(
            found.arguments[at] == bases[at]
            or _preferred_in(environment, found.arguments[at], categories[at])
            for at in known
        ),
    )
    if len(best) == 1:
        return best[0]
    if not unknown:
        return None
    best = _by_category(environment, unknown, best)
    if len(best) == 1:
        return best[0]
    return _as_if_alike(environment, [bases[at] for at in known], len(bases), best)


def _most(candidates: Sequence[_C], score: object) -> list[_C]:
    """The candidates of the highest score."""
    scores = [score(found) for found in candidates]  # type: ignore[operator]  # a function of a candidate
    highest = max(scores)
    return [found for found, points in zip(candidates, scores, strict=True) if points == highest]


def _preferred_in(environment: Environment, number: int, category: str) -> bool:
    info = environment.info(number)
    return info.preferred and info.category == category


def _by_category(environment: Environment, unknown: list[int], candidates: list[_C]) -> list[_C]:
    """Keep those whose types, where literals stand, are of the category (and preferred type) most likely meant."""
    wanted: dict[int, tuple[str, bool]] = {}
    for at in unknown:
        infos = [environment.info(found.arguments[at]) for found in candidates]
        found = {info.category for info in infos}
        if "S" in found:
            category = "S"
        elif len(found) == 1:
            category = infos[0].category
        else:
            return candidates
        wanted[at] = category, any(info.preferred for info in infos if info.category == category)

    def suits(candidate: _C) -> bool:
        for at, (category, preferred) in wanted.items():
            info = environment.info(candidate.arguments[at])
            if info.category != category or (preferred and not info.preferred):
                return False
        return True

    return [found for found in candidates if suits(found)] or candidates


def _as_if_alike(environment: Environment, known: list[int], count: int, candidates: list[_C]) -> _C | None:
    """The one candidate that fits if the literals are of the one type that all other arguments have."""
    if not known or len(set(known)) != 1:
        return None
    fitting = match_candidates(environment, known[:1] * count, candidates)
    return fitting[0] if len(fitting) == 1 else None
