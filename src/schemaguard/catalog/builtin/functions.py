"""PostgreSQL's own functions (`pg_proc` of `pg_catalog`)."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from schemaguard.catalog.builtin.load import load
from schemaguard.catalog.state import PG_CATALOG


class Routine(msgspec.Struct, frozen=True, gc=False):
    """A function, procedure, aggregate or window function as calls see it. Types are numbers.

    `kind`: f, p, a or w. `variadic`: the element type of a VARIADIC parameter (`any` for VARIADIC "any"), 0 for none.
    `defaults`: how many of the last parameters have one. `flags`: the letter of volatility, then `l` for leakproof and
    `s` for strict. `outputs`: name and type of each OUT, INOUT and TABLE parameter. `aggregate`: n, o (ordered-set) or
    h (hypothetical-set), with `direct` arguments before ORDER BY. `extension`: the oid of the one that brings it;
    such a routine has no oid of its own here.
    """

    oid: int
    name: str
    schema: int
    kind: str
    result: int
    returns_set: bool
    arguments: tuple[int, ...]
    variadic: int = 0
    defaults: int = 0
    flags: str = "v"
    since: int = 0
    names: tuple[str, ...] = ()
    outputs: tuple[tuple[str, int], ...] = ()
    aggregate: str = ""
    direct: int = 0
    extension: int = 0

    @property
    def volatility(self) -> str:
        """The letter of `provolatile`: i immutable, s stable, v volatile."""
        return self.flags[0]


@cache
def _rows() -> dict[str, list[list[Any]]]:
    return dict(load("functions"))


@cache
def functions_named(name: str) -> tuple[Routine, ...]:
    """The overloads of a function of `pg_catalog`, of any version."""
    return tuple(routine(name, PG_CATALOG, row) for row in _rows().get(name, ()))


def function_names() -> list[str]:
    """The names of all functions of `pg_catalog`."""
    return list(_rows())


@cache
def function_at(oid: int) -> Routine | None:
    """The function of `pg_catalog` with that oid."""
    name = _names().get(oid)
    return next((found for found in functions_named(name) if found.oid == oid), None) if name else None


@cache
def _names() -> dict[int, str]:
    return {row[0]: name for name, rows in _rows().items() for row in rows}


def routine(name: str, schema: int, row: list[Any], extension: int = 0) -> Routine:
    """The routine of a row as `tools/builtin_catalog.py` describes it."""
    oid, kind, result, returns_set, *rest = row
    arguments, variadic, defaults, flags, since, names, outputs, aggregate = (
        rest + [[], 0, 0, "v", 0, [], [], []][len(rest) :]
    )
    aggregate_kind, direct = aggregate or ("", 0)
    return Routine(
        oid, name, schema, kind, result, bool(returns_set), tuple(arguments), variadic, defaults, flags, since,
        tuple(names), tuple((output, of) for output, of in outputs), aggregate_kind, direct, extension,
    )  # fmt: skip


def is_builtin_function(name: str) -> bool:
    """Whether `pg_catalog` has a function of that name, in any version."""
    return name in _rows()
