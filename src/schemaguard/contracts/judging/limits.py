"""Limits of the contract against those of the column: lengths, ranges, patterns, and the range of integer formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.contracts.crosscheck import cross_check
from schemaguard.contracts.judging.bounds import INTEGERS, Bound, bounds_of
from schemaguard.contracts.judging.kinds import kind_of
from schemaguard.contracts.openapi.shapes import Limit
from schemaguard.contracts.records import Mapped, Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column, Table
    from schemaguard.contracts.judging.bounds import Bounds
    from schemaguard.linting.project import Project

FORMATS = {"int32": 2**31, "int64": 2**63}
"""Integer formats, with the first number beyond them."""

NAMES = {
    "maximum": "maximum",
    "minimum": "minimum",
    "maxLength": "max_length",
    "minLength": "min_length",
}
"""Keywords of the contract, and what bounds a column in the same respect."""


def limit_misfits(project: Project) -> Iterator[Misfit]:
    """Fields with a limit that the column does not have: values that one side allows and the other refuses."""
    for mapped in cross_check(project).mapped:
        if mapped.stored is None or mapped.conversion or not mapped.shape.known:
            continue
        table, column = mapped.stored
        bounds = bounds_of(project.catalog, table, column)
        if kind_of(project.catalog, column.type).array:
            continue
        for keyword, limit in limits_of(mapped).items():
            bound = getattr(bounds, NAMES[keyword])
            if bound is not None and (what := _disagreement(mapped, keyword, limit, bound)):
                label = "the contract's field" if _is_of_format(mapped, limit) else "the contract's limit"
                because = ((limit.place, label), (mapped.place, "mapped here"))
                yield Misfit(mapped, table, column, what, bound.at, because, keyword)
        yield from _pattern(mapped, table, column, bounds)


def limits_of(mapped: Mapped) -> dict[str, Limit]:
    """The limits that the contract states, with those of its integer format."""
    limits = dict(mapped.shape.limits)
    beyond = FORMATS.get(mapped.shape.format) if "integer" in mapped.shape.types else None
    if beyond is not None:
        limits.setdefault("maximum", Limit(beyond - 1, mapped.field.place))  # the minimum follows from it
    return limits


def _disagreement(mapped: Mapped, keyword: str, limit: Limit, bound: Bound) -> str:
    """Which side allows what the other refuses, "" where neither does.

    A value that the contract allows must fit into the column, whichever way it goes; what the column may hold and the
    contract excludes matters where answers have the field, and only against a bound that somebody set: every integer
    type ends somewhere.
    """
    sign = 1 if keyword.startswith("max") else -1
    contract = (sign * limit.value, limit.inclusive)
    column = (sign * bound.value, bound.inclusive)
    said = f"is {mapped.shape.format}" if _is_of_format(mapped, limit) else f"has {keyword} {_number(limit)}"
    if contract > column:
        return f"{said}, but {_held(bound)}{_end(bound, ' ends at')}"
    if contract < column and mapped.is_answered and not _is_natural(mapped, keyword, bound):
        return f"{said}, but {_held(bound)}{_end(bound, ' goes on to')}"
    return ""


def _is_natural(mapped: Mapped, keyword: str, bound: Bound) -> bool:
    """Whether a bound is where the type ends by itself; an int32 field over bigint is a promise all the same."""
    ends = {float(end - 1) for end in INTEGERS.values()} | {float(-end) for end in INTEGERS.values()}
    return float(bound.value) in ends and (keyword in mapped.shape.limits or mapped.shape.format != "int32")


def _is_of_format(mapped: Mapped, limit: Limit) -> bool:
    return limit.place == mapped.field.place


def _number(limit: Limit) -> str:
    text = str(limit.value).removesuffix(".0")
    return text if limit.inclusive else f"{text} (exclusive)"


def _held(bound: Bound) -> str:
    return bound.what if bound.what.startswith("the ") else f"the column is {bound.what}"


def _end(bound: Bound, words: str) -> str:
    """Where a CHECK ends; a type says it by its name."""
    if not bound.what.startswith("the "):
        return ""
    return f"{words} {str(bound.value).removesuffix('.0')}" + ("" if bound.inclusive else ", exclusive")


def _pattern(mapped: Mapped, table: Table, column: Column, bounds: Bounds) -> Iterator[Misfit]:
    if mapped.shape.pattern is None or bounds.pattern is None:
        return
    (contract, place), (demanded, what, at) = mapped.shape.pattern, bounds.pattern
    if contract != demanded:
        yield Misfit(
            mapped,
            table,
            column,
            f"has the pattern `{contract}`, but {what} demands `{demanded}`",
            at,
            ((place, "the contract's pattern"), (mapped.place, "mapped here")),
            detail="pattern",
        )
