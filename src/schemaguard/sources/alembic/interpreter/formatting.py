"""f-strings, `%`, `str.format` and `string.Template`: values filled into templates, with the places of both."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.elements import mapping_items, subscript
from schemaguard.sources.alembic.interpreter.text_of import repr_of, text_of
from schemaguard.sources.alembic.interpreter.tracked import Written, concat, fill, part, stretch
from schemaguard.sources.alembic.interpreter.values import Instance, Raised, Unknown, unknown_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

_WIDE = re.compile(r"\d{6,}")


def format_field(machine: Machine, value: Value, conversion: str, spec: str, span: Span) -> str | Unknown:
    """One replacement field: `{value!conversion:spec}`, written at `span`."""
    return _field(
        machine, value, conversion, spec, Written(0, span.file, span.start, span.end, verbatim=False), span
    )


def _field(
    machine: Machine, value: Value, conversion: str, spec: str, place: Written, span: Span
) -> str | Unknown:
    if conversion:
        text = _converted(machine, value, conversion, span)
    elif spec and not isinstance(value, str):
        text = _with_spec(machine, value, spec, span)
        spec = ""
    else:
        text = text_of(machine, value, span)
    if isinstance(text, Unknown):
        return text
    if spec:
        _check_width(machine, spec, span)
        text = format(str(text), spec)
    return fill(text, place)


def _converted(machine: Machine, value: Value, conversion: str, span: Span) -> str | Unknown:
    """`str(value)`, `repr(value)` or `ascii(value)`, by the letter of a conversion."""
    if conversion == "s":
        return text_of(machine, value, span)
    text = repr_of(machine, value, span)
    if conversion == "a" and not isinstance(text, Unknown):
        return text.encode("ascii", "backslashreplace").decode()
    return text


def _with_spec(machine: Machine, value: Value, spec: str, span: Span) -> str | Unknown:
    _check_width(machine, spec, span)
    if isinstance(value, Instance):
        try:
            method = value.cls.find("__format__")
        except KeyError:
            text = text_of(machine, value, span)
            return text if isinstance(text, Unknown) else format(str(text), spec)
        result = machine.call(method, Call(machine, [value, spec], {}, span))
        return (
            result if isinstance(result, (str, Unknown)) else Unknown(f"`{value.cls.name}.__format__`", span)
        )
    if (unknown := unknown_in(value)) is not None:
        return unknown
    return format(value, spec)


def _check_width(machine: Machine, spec: str, span: Span) -> None:
    for width in _WIDE.findall(spec):
        machine.check_length(int(width) * 10, span)


def format_method(
    machine: Machine, template: str, arguments: list[Value], keywords: Mapping[str, Value], span: Span
) -> str | Unknown:
    """`template.format(*arguments, **keywords)`."""
    numbered = iter(range(len(arguments) + 1))
    kinds_seen: set[bool] = set()

    def value_of(name: str) -> Value:
        first, _dot, _rest = re.match(r"([^.\[]*)(.?)(.*)", name, re.DOTALL).groups()  # type: ignore[union-attr]
        if first == "" or first.isdigit():
            if (kinds := {*kinds_seen, first == ""}) == {True, False}:
                raise Raised(ValueError("cannot switch between automatic and manual field numbering"), span)
            kinds_seen.update(kinds)
        if first == "":
            value: Value = arguments[next(numbered)]
        elif first.isdigit():
            value = arguments[int(first)]
        else:
            value = keywords[first]
        for attribute, key in re.findall(r"\.([^.\[]+)|\[([^\]]*)\]", name[len(first) :]):
            if attribute:
                value = machine.attribute(value, attribute, span)
            else:
                value = subscript(machine, value, int(key) if key.isdigit() else key, span)
        return value

    parts: list[str] = []
    at = 0
    for literal, name, spec, conversion in string.Formatter().parse(template):
        at = _literal_part(template, literal, at, parts, span)
        if name is None:
            continue
        end = _field_stop(template, at)
        place = stretch(template, at, end, span)
        at = end
        inner = (
            format_method(machine, spec, arguments, keywords, span) if spec and "{" in spec else spec or ""
        )
        if isinstance(inner, Unknown):
            return inner
        text = _field(machine, value_of(name), conversion or "", str(inner), place, span)
        if isinstance(text, Unknown):
            return text
        parts.append(text)
    return concat(parts, span)


def _literal_part(template: str, literal: str, at: int, parts: list[str], span: Span) -> int:
    """Add the literal text that `string.Formatter` found at `at`, where a doubled brace is one character."""
    for piece in re.findall(r"[^{}]+|[{}]", literal):
        length = len(piece)
        if piece in "{}":
            parts.append(fill(piece, stretch(template, at, at + 2, span)))
            length = 2 if template[at : at + 2] in ("{{", "}}") else 1
        else:
            parts.append(part(template, at, at + length))
        at += length
    return at


def _field_stop(template: str, at: int) -> int:
    """Offset after the field whose opening brace stands at `at`."""
    depth = 0
    for index in range(at, len(template)):
        depth += {"{": 1, "}": -1}.get(template[index], 0)
        if depth == 0:
            return index + 1
    return len(template)


_PERCENT = re.compile(
    r"%(?:\((?P<name>[^)]*)\))?(?P<flags>[#0\- +]*)(?P<width>\*|\d+)?(?:\.(?P<precision>\*|\d+))?[hlL]?(?P<kind>.)",
    re.DOTALL,
)


def percent(machine: Machine, template: str, values: Value, span: Span) -> str | Unknown:
    """`template % values`."""
    if (unknown := unknown_in(values)) is not None:
        return unknown
    queue = list(values) if isinstance(values, tuple) else [values]
    parts: list[str] = []
    at = 0
    for match in _PERCENT.finditer(template):
        sizes: list[Value] = []
        parts.append(part(template, at, match.start()))
        at = match.end()
        if match["kind"] == "%":
            parts.append(fill("%", stretch(template, match.start(), at, span)))
            continue
        if match["name"] is not None:
            queue.clear()
            value = subscript(machine, values, match["name"], span)
        else:
            wanted = 1 + (match["width"] == "*") + (match["precision"] == "*")
            if len(queue) < wanted:
                raise Raised(TypeError("not enough arguments for format string"), span)
            *sizes, value = queue[:wanted]
            del queue[:wanted]
        text = _percent_field(machine, match, [str(size) for size in sizes], value, span)
        if isinstance(text, Unknown):
            return text
        parts.append(fill(text, stretch(template, match.start(), at, span)))
    if queue and (isinstance(values, (tuple, str)) or not hasattr(values, "__getitem__")):
        raise Raised(TypeError("not all arguments converted during string formatting"), span)
    parts.append(part(template, at, len(template)))
    return concat(parts, span)


def _percent_field(
    machine: Machine, match: re.Match[str], sizes: list[str], value: Value, span: Span
) -> str | Unknown:
    """One directive; `sizes` are the width and precision that stand among the arguments (`*`)."""
    kind = match["kind"]
    width = sizes.pop(0) if match["width"] == "*" else match["width"] or ""
    precision = sizes.pop(0) if match["precision"] == "*" else match["precision"]
    text: Value = value
    if kind in "sra":
        text = _converted(machine, value, kind, span)
        if isinstance(text, Unknown):
            return text
        if not match["flags"] and not width and not precision:
            return text
        kind = "s"
    _check_width(machine, width, span)
    directive = f"%{match['flags']}{width}"
    directive += f".{precision}" if precision is not None else ""
    return (directive + kind) % (text,)


_DOLLAR = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<named>[_a-zA-Z][_a-zA-Z0-9]*)|\{(?P<braced>[_a-zA-Z][_a-zA-Z0-9]*)\})"
)


def substitute(machine: Machine, template: str, values: Value, span: Span, *, safe: bool) -> str | Unknown:
    """`string.Template(template).substitute(values)`, or `safe_substitute`."""
    known = {str(key): value for key, value in mapping_items(machine, values)}

    def replacement(match: re.Match[str]) -> str | Unknown | None:
        if match["escaped"]:
            return "$"
        name = match["named"] or match["braced"]
        if name not in known:
            if safe:
                return None
            raise Raised(KeyError(name), span)
        return text_of(machine, known[name], span)

    return replace_matches(template, _DOLLAR, replacement, span)


def replace_matches(
    text: str,
    pattern: re.Pattern[str],
    replacement: Callable[[re.Match[str]], str | Unknown | None],
    span: Span,
    count: int = 0,
) -> str | Unknown:
    """Replace the matches of a pattern; what replaces one was written where it was. None leaves it as it is."""
    parts: list[str] = []
    at = 0
    for number, match in enumerate(pattern.finditer(text)):
        if count and number >= count:
            break
        value = replacement(match)
        if isinstance(value, Unknown):
            return value
        if value is None:
            continue
        parts.append(part(text, at, match.start()))
        parts.append(fill(value, stretch(text, match.start(), match.end(), span)))
        at = match.end()
    parts.append(part(text, at, len(text)))
    return concat(parts, span)
