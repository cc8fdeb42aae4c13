"""The standard library where it does more than compute: decorators, dataclasses, templates, context managers."""

from __future__ import annotations

import collections
import json
import re
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.classes import Factory, field_names
from schemaguard.sources.alembic.interpreter.formatting import replace_matches, substitute
from schemaguard.sources.alembic.interpreter.library.builtin import host_function, listed
from schemaguard.sources.alembic.interpreter.library.managers import Managed, Suppressing
from schemaguard.sources.alembic.interpreter.library.pure import refuse_explosive
from schemaguard.sources.alembic.interpreter.string_methods import dedent, indent
from schemaguard.sources.alembic.interpreter.text_of import text_of
from schemaguard.sources.alembic.interpreter.values import (
    Class,
    Descriptor,
    Function,
    Instance,
    Native,
    Raised,
    Symbol,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.values import Value


def _dedent(call: Call) -> Value:
    text = text_of(call.machine, call.required(0, "text"), call.span)
    return text if isinstance(text, Unknown) else dedent(text, call.span)


def _indent(call: Call) -> Value:
    text = text_of(call.machine, call.required(0, "text"), call.span)
    prefix = text_of(call.machine, call.required(1, "prefix"), call.span)
    for value in (text, prefix):
        if isinstance(value, Unknown):
            return value
    predicate = call.argument(2, "predicate")
    wanted = None if predicate is None else host_function(call, predicate)
    return indent(str.__str__(text) if not isinstance(text, str) else text, str(prefix), call.span, wanted)


def _sub(call: Call) -> Value:
    if (unknown := call.unknown()) is not None:
        return unknown
    pattern, replacement, text = call.required(0), call.required(1), call.required(2)
    refuse_explosive(call, str(getattr(pattern, "pattern", pattern)))
    count, flags = call.argument(3, "count", 0), call.argument(4, "flags", 0)
    compiled = (
        pattern
        if isinstance(pattern, re.Pattern)
        else re.compile(str(pattern), flags if isinstance(flags, int) else 0)
    )
    if not isinstance(text, str):
        raise Raised(TypeError("expected string or bytes-like object"), call.span)
    function = None if isinstance(replacement, str) else host_function(call, replacement)

    def expand(match: re.Match[str]) -> str:
        return match.expand(str(replacement)) if function is None else str(function(match))

    return replace_matches(text, compiled, expand, call.span, count if isinstance(count, int) else 0)


def _sub_counted(call: Call) -> Value:
    """`re.subn`: the text, and how many matches were replaced."""
    text = _sub(call)
    if isinstance(text, Unknown):
        return text
    pattern, limit = call.required(0), call.argument(3, "count", 0)
    flags = call.argument(4, "flags", 0) if isinstance(pattern, str) else 0
    compiled: re.Pattern[str] = re.compile(pattern, flags)  # type: ignore[call-overload]  # `_sub` took both
    found = len(list(compiled.finditer(str(call.required(2)))))
    return text, min(found, limit) if isinstance(limit, int) and limit else found


def _partial(call: Call) -> Value:
    function, arguments, keywords = call.required(0), call.arguments[1:], call.keywords

    def run(inner: Call) -> Value:
        return inner.machine.call(
            function,
            Call(
                inner.machine,
                [*arguments, *inner.arguments],
                {**keywords, **inner.keywords},
                inner.span,
                scope=inner.scope,
            ),
        )

    return Native("partial", run)


def _load_json(call: Call) -> Value:
    """`json.load(file)`."""
    machine, file = call.machine, call.required(0, "fp")
    if isinstance(file, Unknown):
        return file
    text = machine.call(machine.attribute(file, "read", call.span), Call(machine, [], {}, call.span))
    return text if isinstance(text, Unknown) else json.loads(str(text))


def _identity_decorator(call: Call) -> Value:
    """`lru_cache`, with or without arguments: the function as it is."""
    if call.arguments and isinstance(call.arguments[0], (Function, Descriptor, Class)):
        return call.arguments[0]
    return Native(call.name, lambda inner: inner.required(0))


def _default_dict(call: Call) -> Value:
    factory = call.argument(0)
    return collections.defaultdict(None if factory is None else host_function(call, factory))


def _named_tuple(call: Call) -> Value:
    name, fields = call.required(0), call.required(1)
    names = (
        fields.replace(",", " ").split()
        if isinstance(fields, str)
        else [str(field) for field in listed(call, 1)]
    )
    file = call.scope.file if call.scope is not None else call.span.file
    cls = Class(str(name), [], {}, file)  # type: ignore[arg-type]  # the file of the call, a Python file
    cls.traits.update({"fields": names, "tuple": True})
    defaults = call.keywords.get("defaults")
    if isinstance(defaults, (list, tuple)):
        cls.attributes.update(zip(names[-len(defaults) :], defaults, strict=True))
    return cls


def _template(call: Call) -> Value:
    text = call.required(0)
    if isinstance(text, Unknown):
        return text
    return StringTemplate(str.__str__(text) if not isinstance(text, str) else text)


class StringTemplate:
    """`string.Template(text)`."""

    def __init__(self, text: str) -> None:
        """Take the template."""
        self.text = text

    def interpreted_attribute(self, _machine: object, name: str, span: Any) -> Value:  # noqa: ANN401 - a Span
        """`substitute` and `safe_substitute`."""
        if name not in ("substitute", "safe_substitute"):
            raise Raised(AttributeError(f"'Template' object has no attribute '{name}'"), span)

        def run(call: Call) -> Value:
            source = call.argument(0)
            values = {**(source if isinstance(source, dict) else {}), **call.keywords}
            return substitute(call.machine, self.text, values, call.span, safe=name == "safe_substitute")

        return Native(f"Template.{name}", run)


def _suppress(call: Call) -> Value:
    return Suppressing(tuple(call.arguments))


def _null_context(call: Call) -> Value:
    return Managed(call.argument(0))


def _run_coroutine(call: Call) -> Value:
    return call.argument(0)


def _nothing(_call: Call) -> Value:
    return None


def _dataclass(call: Call) -> Value:
    def make(cls: Value) -> Value:
        if isinstance(cls, Class):
            cls.traits["fields"] = field_names(cls)
        return cls

    return (
        make(call.arguments[0])
        if call.arguments
        else Native("dataclass", lambda inner: make(inner.required(0)))
    )


def _field(call: Call) -> Value:
    if "default_factory" in call.keywords:
        return Factory(call.keywords["default_factory"])
    return call.keywords.get("default", Unknown("", call.span))


def _as_dict(call: Call) -> Value:
    value = call.required(0)
    return dict(value.attributes) if isinstance(value, Instance) else Unknown("", call.span)


def _replaced(call: Call) -> Value:
    value = call.required(0)
    if not isinstance(value, Instance):
        return Unknown("", call.span)
    return Instance(value.cls, {**value.attributes, **call.keywords}, value.data)


def _deep_copy(call: Call) -> Value:
    value = call.required(0)

    def copied(item: Value) -> Value:
        match item:
            case list():
                return [copied(part) for part in item]
            case dict():
                return {key: copied(part) for key, part in item.items()}
            case Instance():
                return Instance(
                    item.cls, {name: copied(part) for name, part in item.attributes.items()}, item.data
                )
        return item

    return copied(value)


def _cast(call: Call) -> Value:
    return call.required(1)


def _auto(call: Call) -> Value:
    return Unknown("`auto()`", call.span)


def _logger(call: Call) -> Value:
    return Symbol("logging.Logger", call.span, "logger")


FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    "textwrap.dedent": _dedent,
    "inspect.cleandoc": _dedent,
    "textwrap.indent": _indent,
    "re.sub": _sub,
    "re.subn": _sub_counted,
    "string.Template": _template,
    "json.load": _load_json,
    "functools.partial": _partial,
    "functools.lru_cache": _identity_decorator,
    "functools.cache": _identity_decorator,
    "functools.wraps": lambda _call: Native("wraps", lambda inner: inner.required(0)),
    "collections.defaultdict": _default_dict,
    "collections.namedtuple": _named_tuple,
    "contextlib.suppress": _suppress,
    "contextlib.nullcontext": _null_context,
    "asyncio.run": _run_coroutine,
    "dataclasses.dataclass": _dataclass,
    "dataclasses.field": _field,
    "dataclasses.asdict": _as_dict,
    "dataclasses.replace": _replaced,
    "copy.deepcopy": _deep_copy,
    "typing.cast": _cast,
    "enum.auto": _auto,
    "logging.getLogger": _logger,
    "time.sleep": _nothing,
    "sys.exit": _nothing,
    "os._exit": _nothing,
    "os.abort": _nothing,
}
