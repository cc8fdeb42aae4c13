"""Which of the history's functions a call means, and in which order its arguments are passed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from schemaguard.plpgsql.values.casts import KINDS, cast
from schemaguard.plpgsql.values.kinds import Interval, Json, Record, Reg, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Argument, Function, TypeRef
    from schemaguard.plpgsql.context import Context

_FITTING: tuple[tuple[type, frozenset[str]], ...] = (
    (bool, frozenset(("bool",))),
    (int, frozenset(("int2", "int4", "int8", "numeric", "float", "oid"))),
    (Decimal, frozenset(("numeric", "float"))),
    (float, frozenset(("float",))),
    (dt.datetime, frozenset(("timestamp", "timestamptz"))),
    (dt.date, frozenset(("date", "timestamp", "timestamptz"))),
    (Interval, frozenset(("interval",))),
    (Json, frozenset(("json",))),
)


def choose(
    _context: Context, routines: Sequence[Function], values: Sequence[Value], named: dict[str, Value]
) -> Function | None:
    """The routine that fits the arguments best, or None where none has room for them."""
    best: tuple[int, Function] | None = None
    for routine in routines:
        score = _score(routine, values, named)
        if score is not None and (best is None or score > best[0]):
            best = (score, routine)
    return None if best is None else best[1]


def _score(routine: Function, values: Sequence[Value], named: dict[str, Value]) -> int | None:
    parameters = _parameters(routine)
    variadic = bool(parameters) and parameters[-1].mode == "v"
    if len(values) > len(parameters) and not variadic:
        return None
    given = dict(zip((id(item) for item in parameters), values, strict=False))
    for name, value in named.items():
        match = next((item for item in parameters if item.name == name), None)
        if match is None or id(match) in given:
            return None
        given[id(match)] = value
    score = 0
    for parameter in parameters:
        if id(parameter) not in given:
            if parameter.default is None and parameter.mode not in "ov":
                return None
        else:
            fit = _fit(given[id(parameter)], parameter.type)
            if fit < 0:
                return None
            score += fit
    return score


def _parameters(routine: Function) -> list[Argument]:
    """The parameters that a call lists: a procedure's OUT parameters, too."""
    modes = "ibvo" if routine.kind == "p" else "ibv"
    return [argument for argument in routine.arguments if argument.mode in modes]


def _fit(value: Value, target: TypeRef) -> int:
    """How well a value fits a type: -1 not at all, 3 exactly, 1 where it can't be told."""
    if value is None or isinstance(value, Unknown):
        return 1
    if isinstance(value, list):
        return 3 if target.array else -1 if target.oid in KINDS else 1
    kind = KINDS.get(target.oid, "")
    if isinstance(value, str):
        return 3 if kind in ("text", "varchar", "name") and not target.array else 1
    if isinstance(value, Reg):
        return 3 if kind == value.kind else 2 if kind == "oid" else 1 if kind == "text" else -1
    if isinstance(value, Record):
        return -1 if kind else 1
    for class_, kinds in _FITTING:
        if isinstance(value, class_):
            if kind in kinds and not target.array:
                return 3 if kind == "int4" or class_ is not int else 2
            return -1 if kind else 1
    return 1


def ordered(
    context: Context, routine: Function, values: Sequence[Value], named: dict[str, Value]
) -> list[Value]:
    """The values of all parameters in the routine's order: passed by position, by name, or the default."""
    from schemaguard.plpgsql.expressions.compile import compile_node
    from schemaguard.plpgsql.expressions.scope import EMPTY, Scope

    found: list[Value] = []
    parameters = _parameters(routine)
    for at, parameter in enumerate(parameters):
        if (
            parameter.mode == "v"
            and len(values) > at
            and not (len(values) == at + 1 and isinstance(values[at], list))
        ):
            found.append(list(values[at:]))
        elif at < len(values):
            found.append(cast(values[at], parameter.type, context))
        elif parameter.name in named:
            found.append(cast(named[parameter.name], parameter.type, context))
        elif parameter.default is not None:
            found.append(
                cast(compile_node(parameter.default.node, Scope(context))(EMPTY), parameter.type, context)
            )
        else:
            found.append([] if parameter.mode == "v" else None)
    return found
