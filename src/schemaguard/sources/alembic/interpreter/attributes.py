"""Attributes: of the project's objects, of Python's own values, and of what libraries provide."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import enum
import fractions
import hashlib
import pathlib
import re
import types
import uuid
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.classes import NAMED_TUPLE_METHODS
from schemaguard.sources.alembic.interpreter.imports import module_attribute
from schemaguard.sources.alembic.interpreter.library import outside, pure
from schemaguard.sources.alembic.interpreter.library.containers import container_method
from schemaguard.sources.alembic.interpreter.library.paths import path_attribute
from schemaguard.sources.alembic.interpreter.library.types import type_member
from schemaguard.sources.alembic.interpreter.string_methods import is_string_method, string_method
from schemaguard.sources.alembic.interpreter.values import (
    Bound,
    Class,
    Descriptor,
    Function,
    Generator,
    Instance,
    Module,
    Native,
    Raised,
    Symbol,
    Unknown,
)
from schemaguard.sources.alembic.words import words

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

_MUTATING = words(
    "append extend insert remove pop clear sort reverse add discard update setdefault popitem "
    "difference_update intersection_update symmetric_difference_update appendleft extendleft popleft "
    "rotate __setitem__"
)

_CONTAINERS = (list, dict, set, collections.deque)

_HARMLESS = (
    int, float, complex, bytes, tuple, frozenset, range, slice, BaseException, type(None), re.Pattern, re.Match,
    dt.date, dt.time, dt.timedelta, dt.tzinfo, decimal.Decimal, fractions.Fraction,
    uuid.UUID, memoryview, bytearray, *{type(make()) for make in (hashlib.md5, hashlib.sha3_256, hashlib.blake2b)},
)  # fmt: skip
"""Python's own types whose public attributes and methods only compute."""


def attribute(machine: Machine, value: Value, name: str, span: Span) -> Value:
    """`value.name`.

    Raises:
        Raised: an AttributeError.
    """
    match value:
        case Symbol():
            return outside.member(machine, value, name)
        case Unknown():
            return outside.of_unknown(machine, value, name, span)
        case Instance():
            return _of_instance(machine, value, name, span)
        case Class():
            return _of_class(machine, value, name, span)
        case Module():
            return module_attribute(machine, value, name, span)
        case str():
            if is_string_method(name):
                return Native(f"str.{name}", lambda call: string_method(value, name, call))
        case Function() | Bound() | Native() | Descriptor():
            return _of_function(machine, value, name, span)
        case Generator():
            pass
        case type():
            return _of_type(machine, value, name, span)
        case _:
            return _of_object(machine, value, name, span)
    raise _missing(value, name, span)


def _missing(value: Value, name: str, span: Span) -> Raised:
    what = (
        value.cls.name
        if isinstance(value, Instance)
        else value.name
        if isinstance(value, Class)
        else type(value).__name__
    )
    return Raised(AttributeError(f"'{what}' object has no attribute '{name}'"), span)


def _of_object(machine: Machine, value: Any, name: str, span: Span) -> Value:  # noqa: ANN401 - any object of Python's
    getter = getattr(type(value), "interpreted_attribute", None)
    if getter is not None:
        result: Value = getter(value, machine, name, span)
        return result
    if name == "__class__":
        return type(value)
    if isinstance(value, _CONTAINERS):
        return _container_method(machine, value, name, span)
    if name.startswith("_") and name not in _HARMLESS_DUNDERS:
        raise _missing(value, name, span)
    if isinstance(value, enum.Enum) and name in ("name", "value"):
        member: Value = getattr(value, name)
        return member
    if isinstance(value, _HARMLESS):
        return _host_member(machine, getattr(value, name), f"{type(value).__name__}.{name}")
    if isinstance(value, pathlib.PurePath):
        return path_attribute(value, name, span)
    if machine.framework is not None and machine.framework.owns(value):
        return machine.framework.attribute(value, name, span)
    return machine.sqlalchemy.attribute(value, name, span)


_HARMLESS_DUNDERS = frozenset(("__doc__",))


def _host_member(machine: Machine, member: Any, name: str) -> Value:  # noqa: ANN401 - any attribute of a value
    """An attribute of one of Python's own values: data, or a method that only computes."""
    if isinstance(member, (types.BuiltinMethodType, types.MethodType, types.MethodWrapperType)):

        def run(call: Call) -> Value:
            if (unknown := call.unknown()) is not None:
                return unknown
            for number in call.arguments:
                if isinstance(number, int):
                    machine.check_length(number, call.span)
            return member(*call.arguments, **call.keywords)

        return Native(name, run)
    result: Value = member
    return result


def _container_method(machine: Machine, value: Any, name: str, span: Span) -> Value:  # noqa: ANN401 - a container
    if name.startswith("_") and name not in (
        "__len__",
        "__contains__",
        "__getitem__",
        "__setitem__",
        "__iter__",
    ):
        raise _missing(value, name, span)
    member = getattr(value, name)
    if not callable(member):
        result: Value = member
        return result

    def run(call: Call) -> Value:
        if name in _MUTATING:
            machine.touch(value)
        elif (unknown := machine.tainted_by(value)) is not None:
            return unknown
        return container_method(value, name, call)

    return Native(f"{type(value).__name__}.{name}", run)


def _of_type(machine: Machine, value: type, name: str, span: Span) -> Value:
    """An attribute of one of Python's own types: `str.upper`, `dict.fromkeys`, `datetime.now`."""
    if name == "__name__":
        return value.__name__
    symbol = type_member(machine, value, name, span)
    if symbol is not None:
        return symbol
    if name.startswith("_") or not hasattr(value, name):
        message = f"type object '{value.__name__}' has no attribute '{name}'"
        raise Raised(AttributeError(message), span)
    member = getattr(value, name)
    if isinstance(member, (types.MethodDescriptorType, types.FunctionType)):
        return Native(f"{value.__name__}.{name}", lambda call: _unbound(machine, name, call))
    return _host_member(machine, member, f"{value.__name__}.{name}")


def _unbound(machine: Machine, name: str, call: Call) -> Value:
    """`str.upper(text)`: the method of the first argument."""
    method = machine.attribute(call.required(0), name, call.span)
    return machine.call(method, Call(machine, call.arguments[1:], call.keywords, call.span))


def _of_function(
    machine: Machine, value: Function | Bound | Native | Descriptor, name: str, span: Span
) -> Value:
    if isinstance(value, (Bound, Descriptor)):
        if name == "__self__" and isinstance(value, Bound):
            return value.receiver
        return machine.attribute(value.function, name, span)
    if name in ("__name__", "__qualname__"):
        return value.name
    if isinstance(value, Native) and (provided := pure.value_of(f"{value.name}.{name}")) is not None:
        return provided
    if isinstance(value, Function):
        if name in value.attributes:
            return value.attributes[name]
        if name == "__doc__":
            return None
    raise _missing(value, name, span)


def _of_class(machine: Machine, value: Class, name: str, span: Span) -> Value:
    if name in ("__name__", "__qualname__"):
        return value.name
    if name == "__members__" and "members" in value.traits:
        return value.traits["members"]
    members = value.traits.get("members")
    if isinstance(members, dict) and name in members:
        return members[name]
    if name == "__dict__":
        return dict(value.attributes)
    try:
        found = value.find(name)
    except KeyError:
        return _inherited(machine, value, value, name, span)
    if isinstance(found, Descriptor):
        if found.kind == "classmethod":
            return Bound(found.function, value)
        return found.function if found.kind == "staticmethod" else found
    return found


def _of_instance(machine: Machine, value: Instance, name: str, span: Span) -> Value:
    if name in value.attributes:
        return value.attributes[name]
    if name == "__class__":
        return value.cls
    if name == "__dict__":
        return value.attributes
    try:
        found = value.cls.find(name)
    except KeyError:
        return _absent_in_instance(machine, value, name, span)
    if isinstance(found, Descriptor):
        if found.kind in ("property", "cached_property"):
            return machine.call(found.function, Call(machine, [value], {}, span))
        if found.kind == "staticmethod":
            return found.function
        return Bound(found.function, value.cls if found.kind == "classmethod" else value)
    return Bound(found, value) if isinstance(found, (Function, Native)) else found


def _absent_in_instance(machine: Machine, value: Instance, name: str, span: Span) -> Value:
    if value.cls.traits.get("tuple") and name in NAMED_TUPLE_METHODS:
        return Native(name, lambda call: NAMED_TUPLE_METHODS[name](value, call))
    if isinstance(value.data, BaseException) and name == "args":
        return value.data.args
    if value.data is not None and hasattr(type(value.data), name) and not name.startswith("_"):
        return attribute(machine, value.data, name, span)
    try:
        getter = value.cls.find("__getattr__")
    except KeyError:
        return _inherited(machine, value.cls, value, name, span)
    return machine.call(getter, Call(machine, [value, name], {}, span))


def _inherited(machine: Machine, cls: Class, value: Value, name: str, span: Span) -> Value:
    """An attribute that only a base outside the project can have."""
    provided = outside.inherited(machine, cls, value, name)
    if provided is not None:
        return provided
    symbols = [ancestor for ancestor in cls.ancestors() if isinstance(ancestor, Symbol)]
    unknown_bases = [ancestor for ancestor in cls.ancestors() if isinstance(ancestor, Unknown)]
    if symbols:
        return Unknown("", span, f"Declare its value under `values` as `{symbols[0].path}.{name}`.")
    if unknown_bases:
        return unknown_bases[0]
    raise _missing(value, name, span)
