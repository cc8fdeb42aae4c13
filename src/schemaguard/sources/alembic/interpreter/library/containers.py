"""Methods of lists, dicts, sets and deques, where their arguments may be the program's own callables or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.elements import mapping_items, plain
from schemaguard.sources.alembic.interpreter.iteration import items
from schemaguard.sources.alembic.interpreter.library.builtin import sort
from schemaguard.sources.alembic.interpreter.values import (
    Generator,
    Raised,
    Symbol,
    Undecided,
    Unknown,
    unknown_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.values import Value


def container_method(container: Any, name: str, call: Call) -> Value:  # noqa: ANN401 - list, dict, set or deque
    """`container.name(*arguments)`."""
    special = _SPECIAL.get((type(container), name)) or _SPECIAL.get((None, name))
    if special is not None:
        return special(container, call)
    if name in _BY_VALUE:
        return _by_value(container, name, call)
    method = getattr(container, name)
    arguments = [_iterable(call, argument) for argument in call.arguments]
    result: Value = method(*arguments, **call.keywords)
    return result


_BY_VALUE = frozenset(("index", "count", "remove", "discard"))
"""Methods that compare their argument with what the container holds."""


def _by_value(container: Any, name: str, call: Call) -> Value:  # noqa: ANN401 - as above
    unknown = unknown_in(call.arguments) or unknown_in(container)
    if unknown is not None and call.arguments[0] not in container:
        if name in ("remove", "discard"):
            call.machine.taint(container, unknown)
            return None
        return unknown
    method: Callable[..., Value] = getattr(container, name)
    return method(*call.arguments)


def _iterable(call: Call, value: Value) -> Value:
    """An argument as a method of Python's can take it."""
    if isinstance(value, Generator):
        return list(items(call.machine, value, call.span))
    return value


def _get(container: dict[Value, Value], call: Call) -> Value:
    key = call.required(0)
    if (unknown := unknown_in(key)) is not None:
        return unknown
    if key in container:
        return container[key]
    return container.get(plain(key), call.argument(1))


def _pop(container: Any, call: Call) -> Value:  # noqa: ANN401 - dict or list
    if (unknown := unknown_in(call.arguments[:1])) is not None:
        call.machine.taint(container, unknown)
        return unknown
    result: Value = container.pop(*call.arguments)
    return result


def _extend(container: list[Value], call: Call) -> Value:
    source = call.required(0)
    try:
        values = list(items(call.machine, source, call.span))
    except Undecided as undecided:
        call.machine.taint(container, undecided.unknown)
        return None
    call.machine.check_length(len(container) + len(values), call.span)
    container.extend(values)
    return None


def _update(container: Any, call: Call) -> Value:  # noqa: ANN401 - dict or set
    try:
        for source in call.arguments:
            if isinstance(container, dict):
                container.update(_pairs(call, source))
            else:
                container.update(items(call.machine, source, call.span))
    except Undecided as undecided:
        call.machine.taint(container, undecided.unknown)
    if isinstance(container, dict):
        container.update(call.keywords)
    return None


def _pairs(call: Call, source: Value) -> Iterable[tuple[Value, Value]]:
    """The keys and values of a mapping, or of an iterable of pairs."""
    known = plain(source)
    if isinstance(known, (Unknown, Symbol, dict)) or hasattr(known, "keys"):
        return mapping_items(call.machine, known)
    found = []
    for pair in items(call.machine, known, call.span):
        key, value = items(call.machine, pair, call.span)
        found.append((key, value))
    return found


def _add(container: set[Value], call: Call) -> Value:
    value = call.required(0)
    if isinstance(value, (list, dict, set)):
        raise Raised(TypeError(f"unhashable type: '{type(value).__name__}'"), call.span)
    container.add(value)
    return None


def _sort(container: list[Value], call: Call) -> Value:
    try:
        sort(call, container)
    except Undecided as undecided:
        call.machine.taint(container, undecided.unknown)
    return None


def _set_item(container: Any, call: Call) -> Value:  # noqa: ANN401 - list or dict
    container[call.required(0)] = call.required(1)
    return None


_SPECIAL: dict[tuple[type | None, str], Callable[[Any, Call], Value]] = {
    (dict, "get"): _get,
    (None, "pop"): _pop,
    (list, "extend"): _extend,
    (None, "update"): _update,
    (set, "add"): _add,
    (list, "sort"): _sort,
    (None, "__setitem__"): _set_item,
}
