"""The methods of `str`, keeping the places of characters that survive."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.elements import mapping_items, plain
from schemaguard.sources.alembic.interpreter.formatting import format_method, replace_matches
from schemaguard.sources.alembic.interpreter.iteration import items
from schemaguard.sources.alembic.interpreter.tracked import Text, concat, fill, part, stretch
from schemaguard.sources.alembic.interpreter.values import Raised, unknown_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


def string_method(text: str, name: str, call: Call) -> Value:
    """`text.name(*arguments)`; AttributeError if strings have no such method."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(text, call)
    if (unknown := call.unknown()) is not None:
        return unknown
    method = getattr(str, name)
    arguments = [plain(argument) for argument in call.arguments]
    for number in arguments:
        if isinstance(number, int):
            call.machine.check_length(number, call.span)
    result = method(text, *arguments, **call.keywords)
    return _placed(text, result, name)


def _placed(text: str, result: Value, name: str) -> Value:
    """Give the characters of a result the places they had in `text`, where the method keeps or maps them."""
    if isinstance(result, str):
        if name in _STRIPS and isinstance(text, Text):
            start = _start_of(text, result, name)
            return part(text, start, start + len(result))
        if name in _SAME_LENGTH and isinstance(text, Text) and len(result) == len(text):
            return Text(result, text.written)
        if name in _PADS and isinstance(text, Text) and text in result:
            before, _text, after = result.partition(text)
            return _padded(text, before, after)
        return result
    if isinstance(result, (list, tuple)) and name in _CUTS:
        pieces = _cut_up(text, result)
        return tuple(pieces) if isinstance(result, tuple) else pieces
    return result


_STRIPS = frozenset(("strip", "lstrip", "rstrip", "removeprefix", "removesuffix"))
_SAME_LENGTH = frozenset(("lower", "upper", "title", "capitalize", "casefold", "swapcase", "translate"))
_PADS = frozenset(("center", "ljust", "rjust", "zfill"))
_CUTS = frozenset(("split", "rsplit", "splitlines", "partition", "rpartition"))


def _start_of(text: str, result: str, name: str) -> int:
    if name in ("rstrip", "removesuffix"):
        return 0
    if name == "strip":
        return text.find(result) if result else 0
    return len(text) - len(result)


def _padded(text: Text, before: str, after: str) -> str:
    if not text:
        return before + after
    first, last = text.written[0], text.written[-1]
    left = fill(before, first._replace(end=first.start))
    return concat(
        (left, text, fill(after, last._replace(start=last.end))), last.file.span(last.end, last.end)
    )


def _cut_up(text: str, pieces: Iterable[str]) -> list[str]:
    at = 0
    found = []
    for piece in pieces:
        start = text.find(piece, at)
        found.append(part(text, start, start + len(piece)) if start >= 0 else piece)
        at = max(start, at) + len(piece)
    return found


def _format(text: str, call: Call) -> Value:
    words = {name: value for name, value in call.keywords.items() if name != "**"}
    if "**" in call.keywords:
        unknown = unknown_in(call.keywords["**"])
        if unknown is not None:
            return unknown
    return format_method(call.machine, text, call.arguments, words, call.span)


def _format_map(text: str, call: Call) -> Value:
    values = {str(key): value for key, value in mapping_items(call.machine, call.required(0))}
    return format_method(call.machine, text, [], values, call.span)


def _join(text: str, call: Call) -> Value:
    parts: list[str] = []
    for value in items(call.machine, call.required(0), call.span):
        item = plain(value)
        if (unknown := unknown_in(item)) is not None:
            return unknown
        if not isinstance(item, str):
            message = f"sequence item {len(parts)}: expected str instance, {type(item).__name__} found"
            raise Raised(TypeError(message), call.span)
        if parts or text == "":
            parts.append(text)
        parts.append(item)
    call.machine.check_length(sum(map(len, parts)), call.span)
    return concat(parts, call.span)


def _replace(text: str, call: Call) -> Value:
    if (unknown := call.unknown()) is not None:
        return unknown
    old, new = plain(call.required(0)), plain(call.required(1))
    count = call.argument(2, "count", -1)
    if not isinstance(old, str) or not isinstance(new, str) or not isinstance(count, int):
        raise Raised(TypeError("replace() takes strings"), call.span)
    call.machine.check_length(text.count(old) * len(new), call.span)
    if old == "" or count == 0:
        return text.replace(old, new, count)
    return replace_matches(text, re.compile(re.escape(old)), lambda _match: new, call.span, max(count, 0))


def _expandtabs(text: str, call: Call) -> Value:
    size = call.argument(0, "tabsize", 8)
    if not isinstance(size, int):
        raise Raised(TypeError("expandtabs() takes a number"), call.span)
    call.machine.check_length(text.count("\t") * max(size, 0), call.span)
    parts: list[str] = []
    for line in _lines(text):
        column = at = 0
        for index, char in enumerate(line):
            column += 1
            if char == "\t":
                parts.append(part(line, at, index))
                width = size - (column - 1) % size if size > 0 else 0
                parts.append(fill(" " * width, stretch(line, index, index + 1, call.span)))
                column, at = column - 1 + width, index + 1
        parts.append(part(line, at, len(line)))
    return concat(parts, call.span)


def _lines(text: str) -> list[str]:
    return _cut_up(text, str(text).splitlines(keepends=True))


def dedent(text: str, span: Span) -> str:
    """`textwrap.dedent`."""
    result = textwrap.dedent(str(text)).split("\n")
    lines: list[str] = []
    at = 0
    for number, line in enumerate(str(text).split("\n")):
        wanted = result[number]
        lines.append(part(text, at + len(line) - len(wanted), at + len(line)))
        at += len(line)
        lines.append(part(text, at, at + 1) if at < len(text) else "")
        at += 1
    return concat(lines, span)


def indent(text: str, prefix: str, span: Span, wanted: Callable[[str], bool] | None = None) -> str:
    """`textwrap.indent`."""
    parts: list[str] = []
    for line in _lines(text):
        if wanted(line) if wanted else line.strip():
            parts.append(prefix)
        parts.append(line)
    return concat(parts, span)


_SPECIAL: dict[str, Callable[[str, Call], Value]] = {
    "format": _format,
    "format_map": _format_map,
    "join": _join,
    "replace": _replace,
    "expandtabs": _expandtabs,
}


def is_string_method(name: str) -> bool:
    """Whether strings have a public method of that name."""
    return not name.startswith("_") and callable(getattr(str, name, None))
