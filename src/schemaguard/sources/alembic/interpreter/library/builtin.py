"""Python's built-in functions."""

from __future__ import annotations

import builtins
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.generators import take
from schemaguard.sources.alembic.interpreter.iteration import items
from schemaguard.sources.alembic.interpreter.library.inspection import ReflectedType
from schemaguard.sources.alembic.interpreter.library.kinds import is_instance
from schemaguard.sources.alembic.interpreter.text_of import repr_of
from schemaguard.sources.alembic.interpreter.truth import truth
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
    Undecided,
    Unknown,
    unknown_in,
)
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.sources.alembic.interpreter.values import Value


def host_function(call: Call, function: Value) -> Callable[..., Any]:
    """A callable value of the program as a function that Python's own functions can call."""

    def run(*arguments: Value) -> Any:  # noqa: ANN401 - whatever it returns
        result = call.machine.call(function, Call(call.machine, list(arguments), {}, call.span))
        if isinstance(result, Unknown):
            raise Undecided(result)
        return result

    return run


def listed(call: Call, position: int) -> list[Value]:
    """The items of an iterable argument."""
    return list(items(call.machine, call.required(position), call.span))


def _len(call: Call) -> Value:
    value = call.required(0)
    if isinstance(value, (Unknown, Symbol)):
        return value if isinstance(value, Unknown) else value.unknown()
    if (unknown := call.machine.tainted_by(value)) is not None:
        return unknown
    if isinstance(value, Generator):
        raise Raised(TypeError("object of type 'generator' has no len()"), call.span)
    if isinstance(value, Class):
        return len(listed(call, 0))
    if isinstance(value, Instance):
        try:
            method = value.cls.find("__len__")
        except KeyError:
            value = plain(value)
        else:
            return call.machine.call(method, Call(call.machine, [value], {}, call.span))
    return len(value)  # type: ignore[arg-type]  # a value without a length raises what Python raises


def _enumerate(call: Call) -> Value:
    start = call.argument(1, "start", 0)
    values = call.argument(0, "iterable")
    number = start if isinstance(start, int) else 0
    return iter(list(enumerate(items(call.machine, values, call.span), number)))


def _zip(call: Call) -> Value:
    strict = bool(call.keywords.get("strict", False))
    columns = [listed(call, position) for position in range(len(call.arguments))]
    return iter(list(zip(*columns, strict=strict)))


def _map(call: Call) -> Value:
    columns = [listed(call, position) for position in range(1, len(call.arguments))]
    function = call.required(0)
    rows = zip(*columns, strict=False)
    return iter([call.machine.call(function, Call(call.machine, list(row), {}, call.span)) for row in rows])


def _filter(call: Call) -> Value:
    function = call.required(0)
    kept = []
    for value in listed(call, 1):
        verdict = (
            value
            if function is None
            else call.machine.call(function, Call(call.machine, [value], {}, call.span))
        )
        if truth(call.machine, verdict):
            kept.append(value)
    return iter(kept)


def _sorted(call: Call) -> Value:
    values = listed(call, 0)
    sort(call, values)
    return values


def sort(call: Call, values: list[Any]) -> None:
    """Sort in place by the `key` and `reverse` of the call."""
    if (unknown := unknown_in(values)) is not None and "key" not in call.keywords:
        raise Undecided(unknown)
    key = call.keywords.get("key")
    function = plain if key is None else host_function(call, key)
    values.sort(key=function, reverse=truth(call.machine, call.keywords.get("reverse", False)))  # type: ignore[arg-type]  # values that can't be compared raise what Python raises


def _reversed(call: Call) -> Value:
    value = call.required(0)
    if isinstance(value, (set, frozenset)):
        raise Raised(TypeError(f"'{type(value).__name__}' object is not reversible"), call.span)
    return iter(listed(call, 0)[::-1])


def _sum(call: Call) -> Value:
    values = listed(call, 0)
    if (unknown := unknown_in(values)) is not None:
        return unknown
    total: Any = call.argument(1, "start", 0)
    for value in values:
        total = total + value
    return total


def _extreme(name: str) -> Callable[[Call], Value]:
    def run(call: Call) -> Value:
        values: list[Any] = listed(call, 0) if len(call.arguments) == 1 else list(call.arguments)
        if (unknown := unknown_in(values)) is not None:
            return unknown
        if not values and "default" in call.keywords:
            return call.keywords["default"]
        key = call.keywords.get("key")
        function = plain if key is None else host_function(call, key)
        result: Value = (min if name == "min" else max)(values, key=function)  # type: ignore[arg-type]  # as above
        return result

    return run


def _any(call: Call) -> Value:
    return _quantified(call, stop_at=True)


def _all(call: Call) -> Value:
    return _quantified(call, stop_at=False)


def _quantified(call: Call, *, stop_at: bool) -> Value:
    undecided: Unknown | None = None
    for value in items(call.machine, call.required(0), call.span):
        try:
            if truth(call.machine, value) is stop_at:
                return stop_at
        except Undecided as error:
            undecided = error.unknown
    return (not stop_at) if undecided is None else undecided


def _isinstance(call: Call) -> Value:
    return is_instance(call.machine, call.required(0), call.required(1))


def _issubclass(call: Call) -> Value:
    cls, wanted = call.required(0), call.required(1)
    if isinstance(cls, Unknown):
        return cls
    options = wanted if isinstance(wanted, tuple) else (wanted,)
    if isinstance(cls, Class):
        return any(option in cls.ancestors() for option in options)
    if isinstance(cls, type):
        return issubclass(cls, tuple(option for option in options if isinstance(option, type)))
    return Unknown("", call.span)


def _hasattr(call: Call) -> Value:
    owner = call.required(0)
    if isinstance(owner, (Unknown, Symbol)):
        return owner if isinstance(owner, Unknown) else Unknown("", call.span)
    try:
        value = call.machine.attribute(owner, str(call.required(1)), call.span)
    except (Raised, AttributeError):
        return False
    return value if isinstance(value, Unknown) else True


def _getattr(call: Call) -> Value:
    owner, name = call.required(0), call.required(1)
    if isinstance(name, Unknown):
        return name
    try:
        return call.machine.attribute(owner, str(name), call.span)
    except (Raised, AttributeError):
        if len(call.arguments) > 2:
            return call.arguments[2]
        raise


def _setattr(call: Call) -> Value:
    owner, name = call.required(0), call.required(1)
    if isinstance(owner, (Instance, Class)) and isinstance(name, str):
        call.machine.write(owner.attributes, name, call.required(2))
    elif isinstance(owner, Module) and isinstance(name, str):
        call.machine.write(owner.scope.names, name, call.required(2))
    return None


def _callable(call: Call) -> Value:
    value = call.required(0)
    if isinstance(value, Unknown):
        return value
    return isinstance(value, (Function, Native, Bound, Class, Descriptor, Symbol, type))


def _type(call: Call) -> Value:
    value = call.required(0)
    if isinstance(value, (Unknown, Symbol)):
        return value
    if isinstance(value, Instance):
        return value.cls
    if isinstance(value, ReflectedType) and isinstance(value := value.real(), Unknown):
        return value
    return str if isinstance(value, str) else type(value)


def _iter(call: Call) -> Value:
    value = call.required(0)
    return value if isinstance(value, (Generator, Unknown)) else iter(listed(call, 0))


def _next(call: Call) -> Value:
    source = call.required(0)
    if isinstance(source, Unknown):
        return source
    try:
        if isinstance(source, Generator):
            return take(call.machine, source)
        if isinstance(source, Instance):
            return call.machine.call(
                call.machine.attribute(source, "__next__", call.span), Call(call.machine, [], {}, call.span)
            )
        iterator: Iterator[Value] = source  # type: ignore[assignment]  # anything else raises what Python raises
        return next(iterator)
    except StopIteration:
        if len(call.arguments) > 1:
            return call.arguments[1]
        raise


def _repr(call: Call) -> Value:
    return repr_of(call.machine, call.required(0), call.span)


def _plainly(name: str) -> Callable[[Call], Value]:
    """A built-in function of known values that only computes."""
    function = getattr(builtins, name)

    def run(call: Call) -> Value:
        if (unknown := call.unknown()) is not None:
            return unknown
        result: Value = function(*[plain(argument) for argument in call.arguments], **call.keywords)
        return result

    return run


def _no_effect(_call: Call) -> Value:
    """Something that leaves the database alone (`print`), or would end the program that only reads it here (`exit`)."""
    return None


def _names_of(call: Call) -> Value:
    value = call.argument(0)
    if isinstance(value, Instance):
        return value.attributes
    if isinstance(value, (Class, Module)):
        return dict(value.attributes if isinstance(value, Class) else value.scope.names)
    return Unknown("", call.span)


def _globals(call: Call) -> Value:
    return call.scope.top.names if call.scope is not None else Unknown("", call.span)


def _locals(call: Call) -> Value:
    return dict(call.scope.names) if call.scope is not None else Unknown("", call.span)


def _run_text(call: Call) -> Value:
    return Unknown("", call.span, "Write the code out instead of building it as text.")


def _import(call: Call) -> Value:
    name = call.required(0)
    return call.machine.load(name, call.span, name) if isinstance(name, str) else Unknown("", call.span)


def _compare_key(call: Call) -> Value:
    return cmp_to_key(host_function(call, call.required(0)))


_IMPLEMENTED: dict[str, Callable[[Call], Value]] = {
    "len": _len, "enumerate": _enumerate, "zip": _zip, "map": _map, "filter": _filter, "sorted": _sorted,
    "reversed": _reversed, "sum": _sum, "min": _extreme("min"), "max": _extreme("max"), "any": _any, "all": _all,
    "isinstance": _isinstance, "issubclass": _issubclass, "hasattr": _hasattr, "getattr": _getattr,
    "setattr": _setattr, "callable": _callable, "type": _type, "iter": _iter, "next": _next, "repr": _repr,
    "print": _no_effect, "exit": _no_effect, "quit": _no_effect, "breakpoint": _no_effect, "vars": _names_of,
    "globals": _globals, "locals": _locals, "eval": _run_text, "exec": _run_text, "compile": _run_text,
    "input": _run_text, "__import__": _import,
}  # fmt: skip

_PLAIN = ["abs", "round", "chr", "ord", "hex", "bin", "oct", "divmod", "pow", "format", "ascii", "hash", "id"]

_TYPES = [
    "str",
    "int",
    "float",
    "bool",
    "complex",
    "bytes",
    "bytearray",
    "list",
    "tuple",
    "dict",
    "set",
    "frozenset",
    "range",
    "slice",
    "object",
    "memoryview",
]

_LOOKED_UP = ("super", "open", "property", "staticmethod", "classmethod")
_NOWHERE = SourceFile("", "").span(0, 0)

BUILTINS: dict[str, Value] = {
    **{name: Native(name, function) for name, function in _IMPLEMENTED.items()},
    **{name: Native(name, _plainly(name)) for name in _PLAIN},
    **{name: getattr(builtins, name) for name in _TYPES},
    **{
        name: value
        for name, value in vars(builtins).items()
        if isinstance(value, builtins.type) and issubclass(value, BaseException)
    },
    **{name: Symbol(f"builtins.{name}", _NOWHERE, name) for name in _LOOKED_UP},
    "NotImplemented": NotImplemented,
    "Ellipsis": Ellipsis,
    "__debug__": True,
}
"""Names that every module has; those that need frames or files are symbols, looked up where they are used."""

FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    "functools.cmp_to_key": _compare_key,
    "importlib.import_module": _import,
}
