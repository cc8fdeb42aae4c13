"""PostgreSQL's own operators and casts (`pg_operator`, `pg_cast`), and its operator classes (`pg_opclass`)."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from schemaguard.catalog.builtin.load import load
from schemaguard.catalog.state import PG_CATALOG

POLYMORPHIC = frozenset((2277, 2283, 2776, 3500, 3831, 4537, 4538, 5077, 5078, 5079, 5080))
"""The pseudo-types that stand for a type of each call."""


class Operator(msgspec.Struct, frozen=True, gc=False):
    """An operator. `left` is 0 for a prefix operator; `function` is the name of what computes it."""

    oid: int
    name: str
    schema: int
    left: int
    right: int
    result: int
    function: str = ""
    volatility: str = "i"
    extension: int = 0
    polymorphic: bool = False


class Cast(msgspec.Struct, frozen=True, gc=False):
    """A cast. `context`: i implicit, a assignment, e explicit. `method`: f by function, i by text, b no conversion.

    `arguments`: how many its function takes; the second is the type modifier, the third whether it is explicit.
    """

    source: int
    target: int
    function: str
    arguments: int
    context: str
    method: str
    oid: int = 0
    extension: int = 0


class OperatorClass(msgspec.Struct, frozen=True, gc=False):
    """An operator class of an access method; `default` for its input type."""

    method: str
    name: str
    input: int
    default: bool


@cache
def _rows() -> dict[str, list[list[Any]]]:
    return dict(load("operators"))


@cache
def operators_named(name: str) -> tuple[Operator, ...]:
    """The operators of `pg_catalog` of that name."""
    return tuple(
        Operator(
            oid,
            name,
            PG_CATALOG,
            left,
            right,
            result,
            function,
            volatility,
            0,
            is_polymorphic(left, right, result),
        )
        for oid, left, right, result, function, volatility in _rows().get(name, ())
    )


def is_polymorphic(*types: int) -> bool:
    """Whether one of the types stands for a type of each call."""
    return not POLYMORPHIC.isdisjoint(types)


@cache
def casts() -> dict[tuple[int, int], Cast]:
    """PostgreSQL's own casts by source and target type."""
    return {(row[0], row[1]): Cast(*row) for row in load("casts")}


@cache
def operator_classes() -> dict[tuple[str, int], list[OperatorClass]]:
    """Operator classes by access method and input type."""
    found: dict[tuple[str, int], list[OperatorClass]] = {}
    for method, name, of, default in load("operator_classes"):
        found.setdefault((method, of), []).append(OperatorClass(method, name, of, bool(default)))
    return found
