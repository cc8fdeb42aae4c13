"""Calls of Python's own types: `str(x)`, `list(x)`, `dict(a=1)`, `datetime(…)`, `ValueError(…)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.elements import mapping_items, plain
from schemaguard.sources.alembic.interpreter.iteration import items
from schemaguard.sources.alembic.interpreter.text_of import text_of
from schemaguard.sources.alembic.interpreter.truth import truth
from schemaguard.sources.alembic.interpreter.values import Native, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


def construct(kind: type, call: Call) -> Value:
    """`kind(*arguments)` for one of Python's own types."""
    maker = _MAKERS.get(kind)
    if maker is not None:
        return maker(call)
    if issubclass(kind, BaseException):
        if (unknown := call.unknown()) is not None:
            return kind(unknown.describe())
        return kind(*call.arguments)
    if (unknown := call.unknown()) is not None:
        return unknown
    arguments = [plain(argument) for argument in call.arguments]
    if kind in (bytes, bytearray) and arguments and isinstance(arguments[0], int):
        call.machine.check_length(arguments[0], call.span)
    result: Value = kind(*arguments, **call.keywords)
    return result


def _str(call: Call) -> Value:
    if not call.arguments and not call.keywords:
        return ""
    value = call.argument(0, "object")
    if isinstance(value, (bytes, bytearray)) and len(call.arguments) > 1:
        return value.decode(str(call.arguments[1]))
    return text_of(call.machine, value, call.span)


def _bool(call: Call) -> Value:
    return truth(call.machine, call.argument(0, default=False))


def _sequence(kind: Callable[[list[Value]], Value]) -> Callable[[Call], Value]:
    def make(call: Call) -> Value:
        return kind(list(items(call.machine, call.arguments[0], call.span)) if call.arguments else [])

    return make


def _dict(call: Call) -> Value:
    result: dict[Value, Value] = {}
    if call.arguments:
        source = plain(call.arguments[0])
        if isinstance(source, (list, tuple)) or not hasattr(source, "keys"):
            for pair in items(call.machine, source, call.span):
                if isinstance(pair, Unknown):
                    return pair
                key, value = items(call.machine, pair, call.span)
                result[key] = value
        else:
            result.update(mapping_items(call.machine, source))
    result.update(call.keywords)
    return result


def _object(_call: Call) -> Value:
    return object()


_MAKERS: dict[type, Callable[[Call], Value]] = {
    str: _str,
    bool: _bool,
    list: _sequence(list),
    tuple: _sequence(tuple),
    set: _sequence(set),
    frozenset: _sequence(frozenset),
    dict: _dict,
    object: _object,
}


def type_member(machine: Machine, kind: type, name: str, span: Span) -> Value:
    """An attribute of a type that does not simply compute: what reads the clock, and `dict.fromkeys`; else None."""
    if name in ("now", "utcnow", "today") and kind.__module__ == "datetime":
        return Native(f"{kind.__name__}.{name}", lambda call: Unknown("", call.span))
    if kind is dict and name == "fromkeys":
        return Native("dict.fromkeys", _from_keys)
    if kind is str and name == "join":
        return Native(
            "str.join",
            lambda call: machine.call(machine.attribute(call.required(0), "join", span), _rest(call)),
        )
    return None


def _rest(call: Call) -> Call:
    call.arguments = call.arguments[1:]
    return call


def _from_keys(call: Call) -> Value:
    return dict.fromkeys(items(call.machine, call.required(0), call.span), call.argument(1))
