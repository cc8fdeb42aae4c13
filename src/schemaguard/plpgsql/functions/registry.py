"""All built-in functions by name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.plpgsql.functions import (
    arrays,
    definitions,
    numbers,
    objects,
    privileges,
    session,
    texts,
    times,
)
from schemaguard.plpgsql.functions.aggregates import AGGREGATES
from schemaguard.plpgsql.functions.sets import SETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.values.kinds import Value

__all__ = ["AGGREGATES", "SETS", "WINDOWS", "Builtin", "builtin"]

WINDOWS = frozenset(("row_number", "rank", "dense_rank", "lag", "lead", "first_value", "last_value", "ntile"))

_MODULES = (texts, arrays, numbers, times, session, objects, definitions, privileges)


class Builtin(NamedTuple):
    """A function: `run(context, *arguments)`; a `strict` one is NULL where an argument is."""

    run: Callable[..., Value]
    strict: bool


@cache
def _functions() -> dict[str, Builtin]:
    found: dict[str, Builtin] = {}
    for module in _MODULES:
        found.update((name, Builtin(run, strict=True)) for name, run in module.STRICT.items())
        found.update((name, Builtin(run, strict=False)) for name, run in module.CALLED_ON_NULL.items())
    return found


def builtin(name: str) -> Builtin | None:
    """The built-in function of that name, or None where it is not evaluated here."""
    return _functions().get(name)
