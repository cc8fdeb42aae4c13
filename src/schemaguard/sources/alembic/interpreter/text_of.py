"""`str(value)` and `repr(value)` as the project would see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.values import (
    Bound,
    Class,
    Descriptor,
    Function,
    Generator,
    Instance,
    Module,
    Native,
    Symbol,
    Unknown,
    unknown_in,
)

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


def text_of(machine: Machine, value: Value, span: Span) -> str | Unknown:
    """`str(value)`; a string comes back as it is, with its places."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)) or value is None:
        return str(value)
    if isinstance(value, Instance):
        return _instance_text(machine, value, "__str__", span)
    return _other_text(machine, value, span, str)


def repr_of(machine: Machine, value: Value, span: Span) -> str | Unknown:
    """`repr(value)`."""
    if isinstance(value, Instance):
        return _instance_text(machine, value, "__repr__", span)
    return _other_text(machine, value, span, repr)


def _other_text(machine: Machine, value: Value, span: Span, convert: type[str] | object) -> str | Unknown:
    if isinstance(value, Symbol):
        return value.unknown()
    if (unknown := unknown_in(value)) is not None:
        return unknown
    if (unknown := machine.tainted_by(value)) is not None:
        return unknown
    own = getattr(type(value), "interpreted_text", None)
    if own is not None:
        text: str | Unknown = own(value)
        return text
    if isinstance(value, (Class, Function, Native, Bound, Descriptor, Generator, Module)) or _holds_instance(
        value
    ):
        return Unknown(f"the text of {value!r}", span)
    return repr(value) if convert is repr else str(value)


def _holds_instance(value: Value) -> bool:
    return isinstance(value, (list, tuple, set)) and any(
        isinstance(item, (Instance, Class)) for item in value
    )


def _instance_text(machine: Machine, value: Instance, method_name: str, span: Span) -> str | Unknown:
    for name in (method_name, "__repr__"):
        try:
            method = value.cls.find(name)
        except KeyError:
            continue
        result = machine.call(method, Call(machine, [value], {}, span))
        return (
            result if isinstance(result, (str, Unknown)) else Unknown(f"`{name}()` of {value.cls.name}", span)
        )
    if "members" in value.cls.traits:
        plain = method_name == "__str__" and value.cls.traits.get("text") is str
        return str(value.data) if plain else f"{value.cls.name}.{value.attributes.get('name')}"
    if isinstance(value.data, BaseException):
        return str(value.data) if method_name == "__str__" else repr(value.data)
    if isinstance(value.data, (str, int, float)):
        return value.data if isinstance(value.data, str) else str(value.data)
    if "fields" in value.cls.traits:
        return _dataclass_text(machine, value, span)
    return Unknown(f"the text of an object of {value.cls.name}", span)


def _dataclass_text(machine: Machine, value: Instance, span: Span) -> str | Unknown:
    parts = []
    for name, item in value.attributes.items():
        text = repr_of(machine, item, span)
        if isinstance(text, Unknown):
            return text
        parts.append(f"{name}={text}")
    return f"{value.cls.name}({', '.join(parts)})"
