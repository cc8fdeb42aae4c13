"""Operators on values: Python's own on known ones, special methods of the project's classes, else `Unknown`."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.formatting import percent
from schemaguard.sources.alembic.interpreter.tracked import concat
from schemaguard.sources.alembic.interpreter.truth import truth
from schemaguard.sources.alembic.interpreter.values import (
    Class,
    Instance,
    Raised,
    Symbol,
    Undecided,
    Unknown,
    unknown_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

_BINARY: dict[type[ast.operator], tuple[Callable[[Any, Any], Any], str]] = {
    ast.Add: (operator.add, "add"),
    ast.Sub: (operator.sub, "sub"),
    ast.Mult: (operator.mul, "mul"),
    ast.Div: (operator.truediv, "truediv"),
    ast.FloorDiv: (operator.floordiv, "floordiv"),
    ast.Mod: (operator.mod, "mod"),
    ast.Pow: (operator.pow, "pow"),
    ast.LShift: (operator.lshift, "lshift"),
    ast.RShift: (operator.rshift, "rshift"),
    ast.BitOr: (operator.or_, "or"),
    ast.BitXor: (operator.xor, "xor"),
    ast.BitAnd: (operator.and_, "and"),
    ast.MatMult: (operator.matmul, "matmul"),
}

_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Invert: operator.invert,
}

_COMPARISONS: dict[type[ast.cmpop], tuple[Callable[[Any, Any], Any], str]] = {
    ast.Eq: (operator.eq, "eq"),
    ast.NotEq: (operator.ne, "ne"),
    ast.Lt: (operator.lt, "lt"),
    ast.LtE: (operator.le, "le"),
    ast.Gt: (operator.gt, "gt"),
    ast.GtE: (operator.ge, "ge"),
}


def binary(machine: Machine, node: ast.operator, left: Value, right: Value, span: Span) -> Value:
    """`left node right`."""
    if isinstance(left, str) and isinstance(node, ast.Mod):
        return percent(machine, left, right, span)
    left, right = _operand(left), _operand(right)
    unknown = unknown_in(left) if isinstance(left, Unknown) else unknown_in(right)
    if unknown is not None and (isinstance(left, Unknown) or isinstance(right, Unknown)):
        return unknown
    if (unknown := machine.tainted_by(left) or machine.tainted_by(right)) is not None:
        return unknown
    function, name = _BINARY[type(node)]
    if isinstance(left, Instance) or isinstance(right, Instance):
        return _special(machine, name, left, right, function, span)
    if isinstance(left, str) and isinstance(right, str) and isinstance(node, ast.Add):
        machine.check_length(len(left) + len(right), span)
        return concat((left, right), span)
    if isinstance(node, ast.Mult):
        return _repeat(machine, left, right, span)
    if isinstance(node, (ast.Pow, ast.LShift)):
        _check_power(machine, left, right, span)
    result = function(left, right)
    if isinstance(result, (list, tuple)):
        machine.check_length(len(result), span)
    return result


def _operand(value: Value) -> Value:
    return value.unknown() if isinstance(value, Symbol) else value


def _repeat(machine: Machine, left: Value, right: Value, span: Span) -> Value:
    if isinstance(right, (str, list, tuple, bytes)):
        left, right = right, left
    if isinstance(left, (str, list, tuple, bytes)) and isinstance(right, int):
        machine.check_length(len(left) * max(right, 0), span)
        if isinstance(left, str):
            return concat([left] * right, span)
    return operator.mul(left, right)


def _check_power(machine: Machine, left: Value, right: Value, span: Span) -> None:
    """Keep numbers to a size that can be computed."""
    if (
        isinstance(left, int)
        and isinstance(right, int)
        and abs(right) * max(left.bit_length(), 1) > _MOST_BITS
    ):
        machine.check_length(_MOST_BITS * _MOST_BITS, span)


_MOST_BITS = 100_000


def _special(
    machine: Machine, name: str, left: Value, right: Value, function: Callable[[Any, Any], Any], span: Span
) -> Value:
    """An operator that a class of the project defines, or that acts on what its base of Python's own holds."""
    for receiver, argument, method_name in ((left, right, f"__{name}__"), (right, left, f"__r{name}__")):
        if isinstance(receiver, Instance):
            try:
                method = receiver.cls.find(method_name)
            except KeyError:
                continue
            return machine.call(method, Call(machine, [receiver, argument], {}, span))
    plain_left, plain_right = plain(left), plain(right)
    if isinstance(plain_left, Instance) or isinstance(plain_right, Instance):
        message = f"unsupported operand types for {name}: {left!r} and {right!r}"
        raise Raised(TypeError(message), span)
    return function(plain_left, plain_right)


def unary(machine: Machine, node: ast.unaryop, value: Value, span: Span) -> Value:
    """`node value`, other than `not`."""
    value = _operand(value)
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Instance):
        name = {ast.UAdd: "__pos__", ast.USub: "__neg__", ast.Invert: "__invert__"}[type(node)]
        return machine.call(machine.attribute(value, name, span), Call(machine, [], {}, span))
    return _UNARY[type(node)](value)


def compare(machine: Machine, node: ast.cmpop, left: Value, right: Value, span: Span) -> Value:
    """`left node right`: a comparison, `is` or `in`."""
    if isinstance(node, (ast.Is, ast.IsNot)):
        return _identical(left, right) is isinstance(node, ast.Is)
    if isinstance(node, (ast.In, ast.NotIn)):
        result = contains(machine, right, left, span)
        return result is isinstance(node, ast.In)
    function, name = _COMPARISONS[type(node)]
    if isinstance(left, Symbol) and isinstance(right, Symbol) and name in ("eq", "ne"):
        return function(left, right)
    left, right = _operand(left), _operand(right)
    if (
        unknown := unknown_in(left, right) or machine.tainted_by(left) or machine.tainted_by(right)
    ) is not None:
        return unknown
    if isinstance(left, Instance) or isinstance(right, Instance):
        return _compare_instances(machine, name, left, right, function, span)
    return function(left, right)


def _identical(left: Value, right: Value) -> bool:
    for value in (left, right):
        if isinstance(value, Unknown):
            raise Undecided(value)
    if isinstance(left, Symbol) or isinstance(right, Symbol):
        if left is None or right is None:
            return False  # an import is never None
        return left == right
    return left is right


def _compare_instances(
    machine: Machine, name: str, left: Value, right: Value, function: Callable[[Any, Any], Any], span: Span
) -> Value:
    if isinstance(left, Instance):
        try:
            method = left.cls.find(f"__{name}__")
        except KeyError:
            pass
        else:
            return machine.call(method, Call(machine, [left, right], {}, span))
    plain_left, plain_right = plain(left), plain(right)
    both_fields = isinstance(left, Instance) and isinstance(right, Instance) and "fields" in left.cls.traits
    if both_fields and isinstance(left, Instance) and isinstance(right, Instance):
        same_class = left.cls is right.cls
        return (
            function((same_class, left.attributes), (True, right.attributes))
            if name in ("eq", "ne")
            else False
        )
    if isinstance(plain_left, Instance) or isinstance(plain_right, Instance):
        same = plain_left is plain_right
        return same if name == "eq" else not same
    return function(plain_left, plain_right)


def contains(machine: Machine, container: Value, item: Value, span: Span) -> bool:
    """`item in container`.

    Raises:
        Undecided: it is not known.
    """
    container, item = _operand(container), _operand(plain(item))
    if isinstance(container, Unknown):
        raise Undecided(container)
    if isinstance(container, Instance):
        try:
            method = container.cls.find("__contains__")
        except KeyError:
            container = plain(container)
        else:
            return truth(machine, machine.call(method, Call(machine, [container, item], {}, span)))
    if isinstance(container, Class):
        members = container.traits.get("members")
        return isinstance(members, dict) and any(
            item is member or item == plain(member) for member in members.values()
        )
    if (unknown := machine.tainted_by(container)) is not None:
        raise Undecided(unknown)
    own = getattr(type(container), "interpreted_contains", None)
    if own is not None:
        return truth(machine, own(container, item, span))
    if isinstance(container, (str, bytes, range)):
        if (unknown := unknown_in(item)) is not None:
            raise Undecided(unknown)
        return item in container
    return _among(container, item, span)


def _among(container: Value, item: Value, span: Span) -> bool:
    """Whether a collection holds an item; unknown members or an unknown item leave it open."""
    if not hasattr(container, "__contains__") and not hasattr(container, "__iter__"):
        message = f"argument of type '{type(container).__name__}' is not iterable"
        raise Raised(TypeError(message), span)
    if (unknown := unknown_in(item)) is not None:
        if isinstance(container, (list, tuple, set, frozenset, dict)) and not container:
            return False
        raise Undecided(unknown)
    if item in container:  # type: ignore[operator]  # checked above
        return True
    if isinstance(container, (list, tuple, set, frozenset, dict)):
        for member in container:
            if plain(member) == item and isinstance(member, Instance):
                return True
            if (unknown := unknown_in(member)) is not None:
                raise Undecided(unknown)
    return False
