"""Which operator class an index's column has: the named one, or the default of its type (`ResolveOpClass`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.transform.operators import find_operator
from schemaguard.catalog.analysis.transform.pathways import IMPLICIT, can_coerce
from schemaguard.catalog.analysis.tree import Unresolved
from schemaguard.catalog.builtin.extensions import members
from schemaguard.catalog.builtin.operators import operator_classes
from schemaguard.catalog.errors import DATATYPE_MISMATCH, UNDEFINED_OBJECT, WRONG_OBJECT_TYPE, Refused
from schemaguard.catalog.model import FIRST_USER_OID

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.type_info import TypeInfo

_ANYARRAY, _ANYENUM, _ANYRANGE, _ANYMULTIRANGE, _RECORD = 2277, 3500, 3831, 4537, 2249
_STANDS_FOR = {"e": _ANYENUM, "r": _ANYRANGE, "m": _ANYMULTIRANGE, "c": _RECORD}

_FAMILIES = {
    "int2_ops": "integer_ops", "int4_ops": "integer_ops", "int8_ops": "integer_ops",
    "float4_ops": "float_ops", "float8_ops": "float_ops", "name_ops": "text_ops", "varchar_ops": "text_ops",
    "date_ops": "datetime_ops", "timestamp_ops": "datetime_ops", "timestamptz_ops": "datetime_ops",
}  # fmt: skip
"""Operator families that are not called like their class."""

_COMMUTATIVE = frozenset(("=", "<>", "+", "*", "&", "|", "#", "&&", "~="))


def require_operator_class(environment: Environment, number: int, names: list[str], method: str) -> str:
    """The class for a type in an index of a method, "" where an extension may bring one that is not known.

    Raises:
        Refused: there is none of that name or by default, or it is for another type.
    """
    info = environment.info(environment.info(number).base)
    if info.external or not _all_known(environment):
        return ""
    return _named(environment, info, names[-1], method) if names else _default(environment, info, method)


def _all_known(environment: Environment) -> bool:
    """Whether no operator class is of the history's own, or of an extension."""
    catalog = environment.catalog
    if any(kind == "pg_opclass" for kind, _schema, _name in catalog.others):
        return False
    return all(
        (found := members(each)) is not None and not found.operator_classes for each in catalog.extensions
    )


def _named(environment: Environment, info: TypeInfo, name: str, method: str) -> str:
    classes = [
        found
        for each in operator_classes().values()
        for found in each
        if (found.method, found.name) == (method, name)
    ]
    if not classes:
        message = f'operator class "{name}" does not exist for access method "{method}"'
        raise Refused(UNDEFINED_OBJECT, message)
    if not any(_accepts(environment, info, found.input) for found in classes):
        text = environment.type_text(info.number)
        raise Refused(DATATYPE_MISMATCH, f'operator class "{name}" does not accept data type {text}')
    return name


def _default(environment: Environment, info: TypeInfo, method: str) -> str:
    """The default class; of a built-in type it is looked for once, while nobody makes casts of their own."""
    if not 0 < info.number < FIRST_USER_OID or environment.catalog.others:
        return _found_default(environment, info, method)
    found = _DEFAULTS.get((info.number, method))
    if found is None:
        found = _DEFAULTS[info.number, method] = _found_default(environment, info, method)
    return found


_DEFAULTS: dict[tuple[int, str], str] = {}


def _found_default(environment: Environment, info: TypeInfo, method: str) -> str:
    for each in operator_classes().values():
        for found in each:
            if found.method == method and found.default and _accepts(environment, info, found.input):
                return found.name
    text = environment.type_text(info.number)
    raise Refused(
        UNDEFINED_OBJECT,
        f'data type {text} has no default operator class for access method "{method}"',
        hint="You must specify an operator class for the index or define a default operator class for the data type.",
    )


def _accepts(environment: Environment, info: TypeInfo, input_type: int) -> bool:
    """Whether a class takes values of a type as they are (`IsBinaryCoercible`)."""
    if info.number == input_type:
        return True
    if info.number < 0 or (info.kind == "b" and info.element):
        return input_type == _ANYARRAY
    if input_type == _STANDS_FOR.get(info.kind):
        return True
    cast = environment.cast(info.number, input_type)
    return (
        cast is not None
        and cast.method == "b"
        and can_coerce(environment, [info.number], [input_type], IMPLICIT)
    )


def require_exclusion_operator(
    environment: Environment, number: int, names: list[str], method: str, operator_class: str
) -> None:
    """Refuse an operator of EXCLUDE that the index can't look for.

    Raises:
        Refused: it does not exist, is not its own commutator, or is none of the operator family.
    """
    base = environment.info(number).base
    found = find_operator(environment, names, base, base)
    if isinstance(found, Unresolved) or not operator_class or method not in ("btree", "hash"):
        return
    shown = f"{found.name}({environment.type_text(found.left)},{environment.type_text(found.right)})"
    if found.name not in _COMMUTATIVE:
        raise Refused(
            WRONG_OBJECT_TYPE,
            f"operator {shown} is not commutative",
            detail="Only commutative operators can be used in exclusion constraints.",
        )
    if found.name != "=":
        family = _FAMILIES.get(operator_class, operator_class)
        raise Refused(
            WRONG_OBJECT_TYPE,
            f'operator {shown} is not a member of operator family "{family}"',
            detail="The exclusion operator must be related to the index operator class for the constraint.",
        )
