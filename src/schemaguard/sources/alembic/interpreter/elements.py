"""Elements of sequences and mappings."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.tracked import part
from schemaguard.sources.alembic.interpreter.values import Class, Instance, Symbol, Undecided, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


def plain(value: Value) -> Value:
    """What an object of a class built on one of Python's own (a `str` enumeration) is as such; others as they are."""
    return (
        value.data
        if isinstance(value, Instance) and isinstance(value.data, (str, int, float, dict, list, tuple))
        else value
    )


def subscript(machine: Machine, value: Value, key: Value, span: Span) -> Value:
    """`value[key]`; a library's class (by its capital letter) is subscribed for type checkers only."""
    if isinstance(value, Symbol):
        return value if value.path.rpartition(".")[2][:1].isupper() else value.unknown()
    if isinstance(value, Instance):
        try:
            method = value.cls.find("__getitem__")
        except KeyError:
            value = plain(value)
        else:
            return machine.call(method, Call(machine, [value, key], {}, span))
    key = plain(key) if isinstance(key, Instance) and not isinstance(value, dict) else key
    if isinstance(value, Class):
        return _class_item(machine, value, key, span)
    if isinstance(value, str):
        return _characters(value, key)
    own = getattr(type(value), "interpreted_item", None)
    if own is not None:
        result: Value = own(value, key, span)
        return result
    if isinstance(value, type):
        return value  # `list[str]`: a type's parameters do not matter here
    getter = getattr(value, "__getitem__", None)
    if getter is None:
        message = f"'{type(value).__name__}' object is not subscriptable"
        raise TypeError(message)
    return _keyed(value, key, getter)


def _characters(value: str, key: Value) -> str:
    """A character or slice of a string."""
    if isinstance(key, slice):
        start, stop, step = key.indices(len(value))
        return part(value, start, max(start, stop)) if step == 1 else str.__getitem__(value, key)
    index = operator.index(key)  # type: ignore[arg-type]  # a wrong type raises what Python raises
    position = index + len(value) if index < 0 else index
    if not 0 <= position < len(value):
        message = "string index out of range"
        raise IndexError(message)
    return part(value, position, position + 1)


def _keyed(value: Value, key: Value, getter: Callable[[Any], Value]) -> Value:
    """An element; a `str` enumeration's member finds what its plain string finds."""
    try:
        return getter(key)
    except KeyError:
        if isinstance(value, dict) and isinstance(key, Instance) and plain(key) in value:
            return value[plain(key)]
        raise


def _class_item(machine: Machine, value: Class, key: Value, span: Span) -> Value:
    members = value.traits.get("members")
    if isinstance(members, dict):
        return members[key]
    try:
        method = value.find("__class_getitem__")
    except KeyError:
        return value
    return machine.call(method, Call(machine, [value, key], {}, span))


def mapping_items(machine: Machine, value: Value) -> Iterable[tuple[Value, Value]]:
    """The items of a mapping, as `**` and `dict.update` take them.

    Raises:
        Undecided: what it holds is not known.
    """
    if isinstance(value, Instance):
        value = plain(value)
    if isinstance(value, (Unknown, Symbol)):
        raise Undecided(value if isinstance(value, Unknown) else value.unknown())
    if (unknown := machine.tainted_by(value)) is not None:
        raise Undecided(unknown)
    if isinstance(value, dict):
        return value.items()
    keys = getattr(value, "keys", None)
    if keys is None:
        message = f"'{type(value).__name__}' object is not a mapping"
        raise TypeError(message)
    return [(key, value[key]) for key in keys()]  # type: ignore[index]  # it has keys
