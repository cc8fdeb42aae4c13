"""The common type of several expressions: CASE, COALESCE, ARRAY, IN, UNION, VALUES."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.transform.pathways import IMPLICIT, can_coerce
from schemaguard.catalog.analysis.tree import UNRESOLVED
from schemaguard.catalog.builtin.types import TEXT, UNKNOWN
from schemaguard.catalog.errors import DATATYPE_MISMATCH, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.tree import Expr


def select_common_type(environment: Environment, exprs: Sequence[Expr], context: str | None) -> int:
    """The common type of the expressions, preferring the first; `context` names the construct in the message.

    0 where there is none and no `context`, or where the type of one of them is not known.

    Raises:
        Refused: there is none.
    """
    types = [expr.type for expr in exprs]
    if UNRESOLVED in types:
        return UNRESOLVED
    found = select_common_type_of(environment, types)
    if not found and context is not None:
        first, second = _mismatch(environment, types)
        raise Refused(
            DATATYPE_MISMATCH,
            f"{context} types {environment.type_text(first)} and {environment.type_text(second)} cannot be matched",
        )
    return found


def select_common_type_of(environment: Environment, types: Sequence[int]) -> int:
    """The common type of these types, 0 if there is none (`select_common_type`)."""
    chosen = types[0]
    if chosen != UNKNOWN and all(other == chosen for other in types):
        return chosen
    chosen = environment.base(chosen)
    info = environment.info(chosen)
    for given in types[1:]:
        other = environment.base(given)
        if other in (UNKNOWN, chosen):
            continue
        other_info = environment.info(other)
        if chosen == UNKNOWN:
            chosen, info = other, other_info
        elif other_info.category != info.category:
            return 0
        elif (
            not info.preferred
            and can_coerce(environment, [chosen], [other], IMPLICIT)
            and not can_coerce(environment, [other], [chosen], IMPLICIT)
        ):
            chosen, info = other, other_info
    return TEXT if chosen == UNKNOWN else chosen


def _mismatch(environment: Environment, types: Sequence[int]) -> tuple[int, int]:
    """The two types that the message names: what had been chosen so far, and the first of another category."""
    for end in range(2, len(types) + 1):
        if not select_common_type_of(environment, types[:end]):
            return select_common_type_of(environment, types[: end - 1]), environment.base(types[end - 1])
    return types[0], types[-1]


def common_typmod(exprs: Sequence[Expr], common: int) -> int:
    """The typmod that all expressions of the common type share, else -1."""
    first = exprs[0].typmod
    return first if all(expr.type == common and expr.typmod == first for expr in exprs) else -1
