"""Which routine a call means (`FuncnameGetCandidates`, `func_get_detail`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.transform.overloads import match_candidates, select_candidate
from schemaguard.catalog.builtin.functions import Routine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.environment import Environment


class Candidate(msgspec.Struct, gc=False):
    """A routine as one call would use it.

    `arguments`: the types for the arguments in the order of the call, with VARIADIC ones spread and defaults after
    them. `spread`: how many stand for the variadic parameter; `defaulted`: how many are left to their defaults.
    `order`: of a call with names, which parameter each argument is. `ambiguous`: another one is as good.
    """

    routine: Routine
    arguments: tuple[int, ...]
    place: int
    spread: int = 0
    defaulted: int = 0
    order: tuple[int, ...] = ()
    ambiguous: bool = False


class Ambiguous(Exception):  # noqa: N818 - for the caller, who words it
    """Several routines fit a call equally well."""


def find_routine(
    environment: Environment,
    names: Sequence[str],
    actual: tuple[int, ...],
    argument_names: Sequence[str] = (),
    *,
    spread: bool = True,
) -> Candidate | None:
    """The routine for arguments of these types; the last ones are named where `argument_names` has them.

    `spread`: whether a variadic parameter may take several (the call does not say VARIADIC).

    Raises:
        Ambiguous: several fit equally well.
        Refused: the schema does not exist.
    """
    found = candidates(environment, names, len(actual), argument_names, spread=spread)
    exact = next((one for one in found if one.arguments[: len(actual)] == actual), None)
    if exact is None and found:
        exact = _best(environment, actual, found)
    if exact is not None and exact.ambiguous:
        raise Ambiguous
    return exact


def _best(environment: Environment, actual: tuple[int, ...], found: list[Candidate]) -> Candidate | None:
    matching = match_candidates(environment, actual, found)
    if len(matching) <= 1:
        return matching[0] if matching else None
    chosen = select_candidate(environment, actual, matching)
    if chosen is None:
        raise Ambiguous
    return chosen


def candidates(
    environment: Environment, names: Sequence[str], count: int, argument_names: Sequence[str], *, spread: bool
) -> list[Candidate]:
    """The routines of a name that take so many arguments; of those with equal ones, the nearest."""
    kept: list[Candidate] = []
    for place, routine in environment.functions(names):
        new = _candidate(routine, place, count, argument_names, spread=spread)
        if new is None:
            continue
        same = new.arguments[: len(new.arguments) - new.defaulted]
        old = next((one for one in kept if one.arguments[: len(one.arguments) - one.defaulted] == same), None)
        if old is None:
            kept.append(new)
        elif _prefers(new, old) < 0:
            kept[kept.index(old)] = new
        elif _prefers(new, old) == 0:
            old.ambiguous = True
    return kept


def _prefers(new: Candidate, old: Candidate) -> int:
    """Below 0 where the new one is to be taken, above 0 for the old one, 0 where neither is better."""
    if new.place != old.place:
        return new.place - old.place
    if bool(new.spread) != bool(old.spread):
        return 1 if new.spread else -1
    if new.routine.extension and new.routine.extension == old.routine.extension:
        return -1 if new.routine.oid else 1  # one from the data, one from the history: the same function
    return 0


def _candidate(
    routine: Routine, place: int, count: int, argument_names: Sequence[str], *, spread: bool
) -> Candidate | None:
    parameters = len(routine.arguments)
    if argument_names:
        return _named(routine, place, count, argument_names, spread=spread)
    variadic = bool(routine.variadic) and spread and parameters <= count
    if parameters > count:
        if count + routine.defaults < parameters:
            return None
        return Candidate(routine, routine.arguments, place, defaulted=parameters - count)
    if variadic:
        extra = count - parameters + 1
        return Candidate(routine, routine.arguments[:-1] + (routine.variadic,) * extra, place, spread=extra)
    return Candidate(routine, routine.arguments, place) if parameters == count else None


def _named(
    routine: Routine, place: int, count: int, argument_names: Sequence[str], *, spread: bool
) -> Candidate | None:
    """A call in named or mixed notation (`MatchNamedCall`)."""
    parameters = len(routine.arguments)
    if (routine.variadic and spread) or parameters < count or not routine.names:
        return None
    positional = count - len(argument_names)
    order = list(range(positional))
    for name in argument_names:
        if name not in routine.names:
            return None
        at = routine.names.index(name)
        if at in order:
            return None
        order.append(at)
    missing = [at for at in range(parameters) if at not in order]
    if any(at < parameters - routine.defaults for at in missing):
        return None
    order += missing
    return Candidate(
        routine,
        tuple(routine.arguments[at] for at in order),
        place,
        defaulted=len(missing),
        order=tuple(order),
    )
