"""Polymorphic types: what `anyelement`, `anycompatiblearray` and the rest stand for in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.transform.common_type import select_common_type_of
from schemaguard.catalog.analysis.transform.pathways import IMPLICIT, can_coerce
from schemaguard.catalog.builtin import types as pg
from schemaguard.catalog.builtin.types import ranges_by_subtype
from schemaguard.catalog.errors import DATATYPE_MISMATCH, Refused
from schemaguard.catalog.model import Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.environment import Environment

FAMILY_1 = frozenset((pg.ANYELEMENT, pg.ANYARRAY, pg.ANYNONARRAY, pg.ANYENUM, pg.ANYRANGE, pg.ANYMULTIRANGE))
FAMILY_2 = frozenset((
    pg.ANYCOMPATIBLE, pg.ANYCOMPATIBLEARRAY, pg.ANYCOMPATIBLENONARRAY, pg.ANYCOMPATIBLERANGE,
    pg.ANYCOMPATIBLEMULTIRANGE,
))  # fmt: skip
POLYMORPHIC = FAMILY_1 | FAMILY_2

_ELEMENTS = {pg.ANYELEMENT, pg.ANYNONARRAY, pg.ANYENUM}
_COMPATIBLE_ELEMENTS = {pg.ANYCOMPATIBLE, pg.ANYCOMPATIBLENONARRAY}


class Conflict(Exception):  # noqa: N818 - not an error: the candidate does not fit
    """The arguments do not agree on what the polymorphic types stand for; the message is the server's."""


class Solution:
    """What the polymorphic types stand for; 0 where the arguments do not say."""

    __slots__ = ("array", "compatible", "compatible_array", "compatible_range", "element", "range")

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.element = self.array = self.range = 0
        self.compatible = self.compatible_array = self.compatible_range = 0

    def of(self, environment: Environment, declared: int) -> int:
        """The type that a declared type stands for, 0 where that is open."""
        if declared in _ELEMENTS:
            return self.element
        if declared in _COMPATIBLE_ELEMENTS:
            return self.compatible
        match declared:
            case pg.ANYARRAY:
                return self.array or array_of(environment, self.element)
            case pg.ANYRANGE:
                return self.range
            case pg.ANYMULTIRANGE:
                return multirange_of(environment, self.range)
            case pg.ANYCOMPATIBLEARRAY:
                return self.compatible_array or array_of(environment, self.compatible)
            case pg.ANYCOMPATIBLERANGE:
                return self.compatible_range
            case pg.ANYCOMPATIBLEMULTIRANGE:
                return multirange_of(environment, self.compatible_range)
        return declared


def array_of(environment: Environment, element: int) -> int:
    """The array type of an element type, 0 if it has none."""
    if element <= 0:
        return 0
    row = pg.BY_OID.get(element)
    if row is not None and not row.has_array and element != pg.RECORD:
        return 0
    info = environment.info(element)
    return -element if info.number else 0


def element_of(environment: Environment, array: int) -> int:
    """The element type of a true array (or of a domain over one), 0 of any other type."""
    return environment.info(environment.base(array)).element


def subtype_of(environment: Environment, number: int) -> int:
    """The subtype of a range type, 0 of any other type."""
    row = pg.BY_OID.get(number)
    if row is not None:
        return row.subtype if row.kind == "r" else 0
    record = environment.catalog.objects.get(number)
    if isinstance(record, Type) and record.kind == "r" and record.subtype is not None:
        return -record.subtype.oid if record.subtype.array else record.subtype.oid
    return 0


def multirange_of(environment: Environment, number: int) -> int:
    """The multirange type of a range type, 0 if it is none."""
    row = pg.BY_OID.get(number)
    if row is not None:
        return row.counterpart if row.kind == "r" else 0
    record = environment.catalog.objects.get(number)
    return record.multirange if isinstance(record, Type) and record.kind == "r" else 0


def range_of(environment: Environment, number: int) -> int:
    """The range type that a multirange type is of, 0 of any other type."""
    row = pg.BY_OID.get(number)
    if row is not None:
        return row.counterpart if row.kind == "m" else 0
    record = environment.catalog.objects.get(number)
    if not isinstance(record, Type) or record.kind != "m":
        return 0
    return next(
        (
            other.oid
            for other in environment.catalog.all(Type)
            if other.kind == "r" and other.multirange == number
        ),
        0,
    )


def fits(environment: Environment, actual: Sequence[int], declared: Sequence[int]) -> bool:
    """Whether arguments of these types suit the polymorphic parameters (`check_generic_type_consistency`)."""
    try:
        solve(environment, actual, declared)
    except Conflict:
        return False
    return True


# long: one branch per polymorphic type, as the server has them
def solve(environment: Environment, actual: Sequence[int], declared: Sequence[int]) -> Solution:  # noqa: C901
    """What the polymorphic types stand for, given the arguments' types.

    Raises:
        Conflict: the arguments do not agree.
    """
    found = Solution()
    elements: list[int] = []
    compatible: list[int] = []
    nonarray = enum = compatible_nonarray = False
    multirange = compatible_multirange = 0
    for given, wanted in zip(actual, declared, strict=False):
        if wanted not in POLYMORPHIC:
            continue
        nonarray |= wanted == pg.ANYNONARRAY
        enum |= wanted == pg.ANYENUM
        compatible_nonarray |= wanted == pg.ANYCOMPATIBLENONARRAY
        if given == pg.UNKNOWN:
            continue
        if wanted in _ELEMENTS:
            elements.append(given)
        elif wanted in _COMPATIBLE_ELEMENTS:
            compatible.append(given)
        elif given == wanted:
            pass  # a pseudo-type of pg_statistic's: nothing to learn
        elif wanted == pg.ANYARRAY:
            found.array = _same(environment, found.array, environment.base(given), "anyarray")
        elif wanted == pg.ANYRANGE:
            found.range = _same(environment, found.range, environment.base(given), "anyrange")
        elif wanted == pg.ANYMULTIRANGE:
            multirange = _same(environment, multirange, environment.base(given), "anymultirange")
        elif wanted == pg.ANYCOMPATIBLEARRAY:
            compatible.append(_require(environment, element_of(environment, given), wanted, given))
        elif wanted == pg.ANYCOMPATIBLERANGE:
            found.compatible_range = _same(
                environment, found.compatible_range, environment.base(given), "anycompatiblerange"
            )
            compatible.append(
                _require(environment, subtype_of(environment, found.compatible_range), wanted, given)
            )
        else:
            compatible_multirange = _same(
                environment, compatible_multirange, environment.base(given), "anycompatiblemultirange"
            )
    for given in elements:
        if given != elements[0]:
            first, second = environment.type_text(elements[0]), environment.type_text(given)
            raise Conflict('arguments declared "anyelement" are not all alike', f"{first} versus {second}")
        found.element = given
    _settle_first_family(environment, found, multirange)
    _settle_second_family(environment, found, compatible, compatible_multirange)
    _check_kinds(environment, found, nonarray=nonarray, enum=enum, compatible_nonarray=compatible_nonarray)
    return found


def _same(environment: Environment, known: int, given: int, name: str) -> int:
    """`given`, which must be what an earlier argument of the same pseudo-type was."""
    if known and known != given:
        first, second = environment.type_text(known), environment.type_text(given)
        raise Conflict(f'arguments declared "{name}" are not all alike', f"{first} versus {second}")
    return given


_KINDS = {
    pg.ANYARRAY: "an array",
    pg.ANYCOMPATIBLEARRAY: "an array",
    pg.ANYRANGE: "a range type",
    pg.ANYCOMPATIBLERANGE: "a range type",
    pg.ANYMULTIRANGE: "a multirange type",
    pg.ANYCOMPATIBLEMULTIRANGE: "a multirange type",
}


def _require(environment: Environment, found: int, declared: int, given: int) -> int:
    """`found`, which a type of the declared kind would have."""
    if not found:
        name = pg.BY_OID[declared].name
        raise Conflict(
            f"argument declared {name} is not {_KINDS[declared]} but type {environment.type_text(given)}"
        )
    return found


def _agree(environment: Environment, known: int, given: int, container: str, member: str) -> int:
    if known and known != given:
        raise Conflict(
            f"argument declared {container} is not consistent with argument declared {member}",
            f"{environment.type_text(given)} versus {environment.type_text(known)}",
        )
    return given


def _settle_first_family(environment: Environment, found: Solution, multirange: int) -> None:
    """Bring element, array, range and multirange into agreement."""
    if found.array:
        if found.array == pg.ANYARRAY:
            element = pg.ANYELEMENT
        else:
            element = _require(environment, element_of(environment, found.array), pg.ANYARRAY, found.array)
        found.element = _agree(environment, found.element, element, "anyarray", "anyelement")
    if multirange:
        of = _require(environment, range_of(environment, multirange), pg.ANYMULTIRANGE, multirange)
        found.range = _agree(environment, found.range, of, "anymultirange", "anyrange")
    if found.range:
        subtype = _require(environment, subtype_of(environment, found.range), pg.ANYRANGE, found.range)
        found.element = _agree(environment, found.element, subtype, "anyrange", "anyelement")


def _settle_second_family(
    environment: Environment, found: Solution, compatible: list[int], multirange: int
) -> None:
    """Find the common type of the `anycompatible` arguments."""
    if multirange:
        of = _require(environment, range_of(environment, multirange), pg.ANYCOMPATIBLEMULTIRANGE, multirange)
        found.compatible_range = _agree(
            environment, found.compatible_range, of, "anycompatiblemultirange", "anycompatiblerange"
        )
        compatible.append(subtype_of(environment, of))
    if not compatible:
        return
    common = select_common_type_of(environment, compatible)
    if not common or not can_coerce(environment, compatible, [common] * len(compatible), IMPLICIT):
        raise Conflict("arguments of anycompatible family cannot be cast to a common type")
    found.compatible = common
    if found.compatible_range and subtype_of(environment, found.compatible_range) != common:
        raise Conflict(
            "anycompatiblerange type "
            f"{environment.type_text(found.compatible_range)} does not match anycompatible type "
            f"{environment.type_text(common)}"
        )


def _check_kinds(
    environment: Environment, found: Solution, *, nonarray: bool, enum: bool, compatible_nonarray: bool
) -> None:
    """`anynonarray` must not be an array, `anyenum` must be an enum."""
    if nonarray and found.element and element_of(environment, found.element):
        raise Conflict(
            f"type matched to anynonarray is an array type: {environment.type_text(found.element)}"
        )
    if enum and found.element and environment.info(found.element).kind != "e":
        raise Conflict(f"type matched to anyenum is not an enum type: {environment.type_text(found.element)}")
    if compatible_nonarray and found.compatible and element_of(environment, found.compatible):
        raise Conflict(
            f"type matched to anycompatiblenonarray is an array type: {environment.type_text(found.compatible)}"
        )


def resolve_polymorphic(
    environment: Environment, actual: Sequence[int], declared: Sequence[int], result: int
) -> tuple[list[int], int]:
    """The declared types and the result type with the polymorphic ones replaced.

    (`enforce_generic_type_consistency`.)

    Raises:
        Refused: the arguments do not agree, or say nothing.
    """
    wanted = list(declared)
    if result not in POLYMORPHIC and not POLYMORPHIC.intersection(wanted):
        return wanted, result
    try:
        found = solve(environment, actual, declared)
    except Conflict as conflict:
        detail = conflict.args[1] if len(conflict.args) > 1 else ""
        raise Refused(DATATYPE_MISMATCH, conflict.args[0], detail=detail) from None
    if FAMILY_1.intersection(wanted) and not found.element:
        _settle_without_element(found, actual, wanted)
    if FAMILY_2.intersection(wanted) and not found.compatible:
        found.compatible = pg.TEXT  # only unknown literals: text, as elsewhere
    replaced = [found.of(environment, of) or of for of in wanted]
    for at, (given, of) in enumerate(zip(actual, wanted, strict=False)):
        if of in FAMILY_1 and given != pg.UNKNOWN and of == pg.ANYARRAY and given == pg.ANYARRAY:
            replaced[at] = given
    return replaced, _result(environment, found, result)


def _settle_without_element(found: Solution, actual: Sequence[int], wanted: Sequence[int]) -> None:
    """No argument told: an error, unless the only ones are pseudo-types passed through."""
    if any(given in POLYMORPHIC for given, of in zip(actual, wanted, strict=False) if of in FAMILY_1):
        found.element = pg.ANYELEMENT
        found.array = pg.ANYARRAY
        return
    raise Refused(DATATYPE_MISMATCH, "could not determine polymorphic type because input has type unknown")


def _result(environment: Environment, found: Solution, result: int) -> int:
    if result not in POLYMORPHIC:
        return result
    resolved = found.of(environment, result)
    if resolved:
        return resolved
    if result in (pg.ANYARRAY, pg.ANYCOMPATIBLEARRAY):
        element = found.element if result == pg.ANYARRAY else found.compatible
        raise Refused("42704", f"could not find array type for data type {environment.type_text(element)}")
    name = pg.BY_OID[result].name
    raise Refused(
        DATATYPE_MISMATCH, f"could not determine polymorphic type {name} because input has type unknown"
    )


def range_over(environment: Environment, subtype: int) -> int:
    """The only built-in range type over a subtype, 0 if there is none."""
    found = ranges_by_subtype().get(environment.base(subtype), [])
    return found[0] if len(found) == 1 else 0
