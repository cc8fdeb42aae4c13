"""What a `for` goes through."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.generators import collect
from schemaguard.sources.alembic.interpreter.machine import MOST_ITERATIONS
from schemaguard.sources.alembic.interpreter.tracked import Text, part
from schemaguard.sources.alembic.interpreter.values import (
    Class,
    Generator,
    Instance,
    LimitExceeded,
    Raised,
    Symbol,
    Undecided,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


def items(machine: Machine, value: Value, span: Span) -> Iterator[Value]:
    """The items of an iterable, at most as many as any migration needs.

    Raises:
        Undecided: it is not known what it holds.
        Raised: a TypeError: it can't be iterated.
        LimitExceeded: it does not end.
    """
    for count, item in enumerate(_iterator(machine, value, span)):
        if count >= MOST_ITERATIONS:
            raise LimitExceeded(f"a loop has more than {MOST_ITERATIONS:,} rounds", span)
        yield item


def _iterator(machine: Machine, value: Value, span: Span) -> Iterator[Value]:
    match value:
        case Unknown():
            raise Undecided(value)
        case Symbol():
            raise Undecided(value.unknown())
        case Text():
            return (part(value, index, index + 1) for index in range(len(value)))
        case Generator():
            return iter(collect(machine, value))
        case Instance():
            return _instance_items(machine, value, span)
        case Class():
            return iter(members(value))
        case list() | dict() | set() | deque():
            if (unknown := machine.tainted_by(value)) is not None:
                raise Undecided(unknown)
            return iter(value)
        case _:
            iterate = getattr(value, "__iter__", None)
            if iterate is None:
                message = f"'{type(value).__name__}' object is not iterable"
                raise Raised(TypeError(message), span)
            iterator: Iterator[Value] = iterate()
            return iterator


def _instance_items(machine: Machine, value: Instance, span: Span) -> Iterator[Value]:
    try:
        method = value.cls.find("__iter__")
    except KeyError:
        if value.data is None:
            message = f"'{value.cls.name}' object is not iterable"
            raise Raised(TypeError(message), span) from None
        return _iterator(machine, value.data, span)
    iterator = machine.call(method, Call(machine, [value], {}, span))
    if isinstance(iterator, Instance) and "__next__" in _names(iterator.cls):
        return _drawn(machine, machine.attribute(iterator, "__next__", span), span)
    return _iterator(machine, iterator, span)


def _names(cls: Class) -> set[str]:
    return {
        name for ancestor in cls.ancestors() if isinstance(ancestor, Class) for name in ancestor.attributes
    }


def _drawn(machine: Machine, method: Value, span: Span) -> Iterator[Value]:
    """What `__next__` of an object of the project returns, until it raises StopIteration."""
    while True:
        try:
            value = machine.call(method, Call(machine, [], {}, span))
        except Raised as raised:
            if raised.value is StopIteration or isinstance(raised.value, StopIteration):
                return
            raise
        yield value


def members(cls: Class) -> list[Value]:
    """The members of an enumeration class."""
    found = cls.traits.get("members")
    if not isinstance(found, dict):
        message = f"'type' object is not iterable ({cls.name})"
        raise TypeError(message)
    return list(
        {id(member): member for member in found.values()}.values()
    )  # an alias is no member of its own
