"""A config's values into the policy's types, with every error told at its place.

The types decide; beside them a few shorter ways of writing are taken:

* a single text where a list of text is wanted;
* a list of names where a mapping of names to settings is wanted that all have defaults, or nothing after one;
* `off` (also bare, which YAML 1.1 reads as false) where a setting may be absent;
* a single value in place of a mapping whose type names a `shorthand` for it.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import inspect

from schemaguard.config.document import Entries, Items, Node, Value, plain
from schemaguard.config.errors import ConfigError, ConfigErrors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.config.places import SettingPath
    from schemaguard.text import Span

T = TypeVar("T", bound=msgspec.Struct)


class _Invalid:
    """What a value becomes after its error was recorded."""


_INVALID = _Invalid()


def decode(node: Node, into: type[T], path: SettingPath = ()) -> tuple[T, dict[SettingPath, Span]]:
    """Make an `into` of a config's values; also returns the place of each setting, by its path.

    Raises:
        ConfigErrors: all that does not fit the types.
    """
    decoder = _Decoder()
    decoded = decoder.struct(node, inspect.type_info(into), path)  # type: ignore[arg-type] # a StructType
    if decoder.errors:
        raise ConfigErrors(decoder.errors)
    decoder.spans.setdefault(path, node.span)
    return decoded, decoder.spans


class _Decoder:
    """One pass over a config; errors and places are collected on the way."""

    def __init__(self) -> None:
        self.errors: list[ConfigError] = []
        self.spans: dict[SettingPath, Span] = {}

    def fault(self, span: Span, message: str) -> _Invalid:
        self.errors.append(ConfigError.at(span, message))
        return _INVALID

    def misfit(self, node: Node, kind: inspect.Type, path: SettingPath) -> _Invalid:
        return self.fault(node.span, f"{name(path)} must be {wanted(kind)}, not {found(node)}")

    def value(self, node: Node, kind: inspect.Type, path: SettingPath) -> Any:  # noqa: ANN401 - as `kind` says
        match kind:
            case inspect.Metadata():
                return self.value(node, kind.type, path)
            case inspect.StructType():
                return self.struct(node, kind, path)
            case inspect.DictType():
                return self.mapping(node, kind, path)
            case inspect.VarTupleType():
                return self.items(node, kind, path)
            case inspect.UnionType():
                return self.optional(node, kind, path)
            case inspect.AnyType():
                self.remember(node, path)
                return plain(node)
            case _:
                return self.scalar(node, kind, path)

    def scalar(self, node: Node, kind: inspect.Type, path: SettingPath) -> Any:  # noqa: ANN401 - as `kind` says
        if not isinstance(node, Value):
            return self.misfit(node, kind, path)
        value = node.value
        match kind:
            case inspect.LiteralType():
                word = "off" if value is False and "off" in kind.values else value
                word = "on" if value is True and "on" in kind.values else word
                if word in kind.values and type(word) in {type(each) for each in kind.values}:
                    return word
                if isinstance(word, str):
                    choice = nearest(word, map(str, kind.values)) or f"it is {wanted(kind)}"
                    return self.fault(node.span, f"{name(path)} cannot be `{word}`; {choice}")
            case inspect.StrType() if isinstance(value, str):
                return self.text(node, value, kind, path)
            case inspect.IntType() if isinstance(value, int) and not isinstance(value, bool):
                if (kind.ge is None or value >= kind.ge) and (kind.le is None or value <= kind.le):
                    return value
                return self.fault(node.span, f"{name(path)} must be from {kind.ge} to {kind.le}, not {value}")
            case inspect.BoolType() if isinstance(value, bool):
                return value
        return self.misfit(node, kind, path)

    def text(self, node: Value, value: str, kind: inspect.StrType, path: SettingPath) -> Any:  # noqa: ANN401
        if kind.min_length and not value.strip():
            return self.fault(node.span, f"{name(path)} must not be empty")
        if kind.pattern and not inspect_pattern(kind.pattern, value):
            return self.fault(node.span, f"{name(path)} cannot be `{value}`")
        return value

    def optional(self, node: Node, kind: inspect.UnionType, path: SettingPath) -> Any:  # noqa: ANN401
        """A type, or nothing: the only unions there are. Words of which one is `off` keep it."""
        some = next(each for each in kind.types if not isinstance(each, inspect.NoneType))
        absent = isinstance(node, Value) and (node.value is None or is_off(node))
        return None if absent and not isinstance(some, inspect.LiteralType) else self.value(node, some, path)

    def items(self, node: Node, kind: inspect.VarTupleType, path: SettingPath) -> Any:  # noqa: ANN401
        if isinstance(node, Value) and isinstance(node.value, str) and is_text(kind.item_type):
            node = Items([node], node.span)
        if not isinstance(node, Items):
            return self.misfit(node, kind, path)
        values = []
        for index, item in enumerate(node.items):
            self.spans[*path, index] = item.span
            values.append(self.value(item, kind.item_type, (*path, index)))
        return tuple(values)

    def mapping(self, node: Node, kind: inspect.DictType, path: SettingPath) -> Any:  # noqa: ANN401
        if isinstance(node, Items) and has_defaults(kind.value_type):
            names = [item for item in node.items if isinstance(item, Value) and isinstance(item.value, str)]
            if len(names) < len(node.items):
                return self.misfit(node, kind, path)
            absent = {item.text: (Entries({}, item.span), item.span) for item in names}
            node = Entries(absent, node.span)  # type: ignore[arg-type] # a Node is an Entries
        if not isinstance(node, Entries):
            return self.misfit(node, kind, path)
        values = {}
        for key, (child, span) in node.entries.items():
            self.spans[*path, key] = span
            values[key] = self.value(child, kind.value_type, (*path, key))
        return values

    def struct(self, node: Node, kind: inspect.StructType, path: SettingPath) -> Any:  # noqa: ANN401
        shorthand, rest = getattr(kind.cls, "shorthand", None), getattr(kind.cls, "rest", None)
        if isinstance(node, Value) and node.value is None and has_defaults(kind):
            node = Entries({}, node.span)
        elif isinstance(node, Value) and shorthand:
            node = Entries({shorthand: (node, node.span)}, node.span)
        if not isinstance(node, Entries):
            return self.misfit(node, kind, path)
        fields = {field.name: field for field in kind.fields if field.name != rest}
        values: dict[str, Any] = {}
        others: dict[str, Any] = {}
        for key, (child, span) in node.entries.items():
            here = path if shorthand == key and child.span == span else (*path, key)
            self.spans.setdefault(here, span)
            if key in fields:
                values[key] = self.value(child, fields[key].type, here)
            elif rest:
                self.remember(child, here)
                others[key] = plain(child)
            else:
                self.unknown(key, span, fields, path)
        missing = [key for key, field in fields.items() if field.required and key not in values]
        if missing:
            self.fault(node.span, f"{name(path)} lacks {', '.join(f'`{key}`' for key in missing)}")
        if missing or any(value is _INVALID for value in values.values()):
            return _INVALID
        return kind.cls(**values, **({rest: others} if rest else {}))

    def unknown(self, key: str, span: Span, fields: Iterable[str], path: SettingPath) -> None:
        place = f" in {name(path)}" if path else ""
        choice = nearest(key, fields) or (
            f"it takes {listing(fields)}" if list(fields) else "it has no settings"
        )
        self.fault(span, f"unknown key `{key}`{place}; {choice}")

    def remember(self, node: Node, path: SettingPath) -> None:
        """Keep the places inside a value of any form."""
        if isinstance(node, Items):
            children: list[tuple[str | int, Node, Span]] = [
                (i, item, item.span) for i, item in enumerate(node.items)
            ]
        elif isinstance(node, Entries):
            children = [(key, child, span) for key, (child, span) in node.entries.items()]
        else:
            return
        for key, child, span in children:
            self.spans[*path, key] = span
            self.remember(child, (*path, key))


def inspect_pattern(pattern: str, value: str) -> bool:
    """Whether a value has the form that its type demands."""
    import re

    return re.search(pattern, value) is not None


def is_text(kind: inspect.Type) -> bool:
    """Whether a type is text, free or one of some words."""
    if isinstance(kind, inspect.Metadata):
        return is_text(kind.type)
    return isinstance(kind, inspect.StrType) or (
        isinstance(kind, inspect.LiteralType) and all(isinstance(each, str) for each in kind.values)
    )


def is_off(node: Value) -> bool:
    """Whether a value says off: the word, or YAML 1.1's false."""
    return node.value is False or node.value == "off"


def has_defaults(kind: inspect.Type) -> bool:
    """Whether a type is a mapping of which every setting may be left out (one with a shorthand says that)."""
    return (
        isinstance(kind, inspect.StructType)
        and not hasattr(kind.cls, "shorthand")
        and not any(field.required for field in kind.fields)
    )


def nearest(word: str, words: Iterable[str]) -> str:
    """``did you mean `tenancy`?``, or nothing where no word is near."""
    by_lower = {each.lower(): each for each in words}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean `{by_lower[close[0]]}`?" if close else ""


def listing(words: Iterable[str]) -> str:
    """Words as text: `a`, `b` and `c`."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def name(path: SettingPath) -> str:
    """A setting as people write it: `sources[0].role`."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return f"`{text}`" if text else "the config"


def found(node: Node) -> str:
    """What stands in the config, for an error's sentence."""
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Entries):
        return "a mapping"
    match node.value:
        case None:
            return "empty"
        case bool():
            return f"true or false (`{node.text}`; write it in quotes where it is a name)"
        case int() | float():
            return f"the number {node.text}"
        case _:
            return f"the text `{node.text}`"


def wanted(kind: inspect.Type) -> str:
    """What a type takes, for an error's sentence."""
    match kind:
        case inspect.Metadata():
            return wanted(kind.type)
        case inspect.StrType():
            return "text"
        case inspect.IntType():
            return "a whole number"
        case inspect.BoolType():
            return "true or false"
        case inspect.LiteralType():
            return f"one of {listing(map(str, kind.values))}" if len(kind.values) > 1 else str(kind.values[0])
        case inspect.VarTupleType():
            return f"a list of {_many(kind.item_type)}"
        case inspect.UnionType():
            return wanted(kind.types[0])
        case _:
            return "a mapping"


def _many(kind: inspect.Type) -> str:
    if is_text(kind):
        return "text"
    return "lists" if isinstance(kind, inspect.VarTupleType) else "mappings"
