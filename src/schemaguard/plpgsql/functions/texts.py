"""Functions on text: quoting, `format`, searching and cutting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.errors import INVALID_PARAMETER, Refused
from schemaguard.catalog.names import quote_identifier
from schemaguard.plpgsql.expressions.patterns import like, regular_expression
from schemaguard.plpgsql.values.kinds import Unknown, Value
from schemaguard.plpgsql.values.output import cast_text, quote_literal, text_of

if TYPE_CHECKING:
    from schemaguard.plpgsql.context import Context

NULL_VALUE_NOT_ALLOWED = "22004"
_SPECIFIER = re.compile(r"%(?:(\d+)\$)?(-)?(?:(\d+)|\*(?:(\d+)\$)?)?(.?)", re.DOTALL)


def format_text(context: Context, pattern: str | None, *values: Value) -> Value:
    """`format`.

    Raises:
        Refused: too few arguments, a specifier that is none, or NULL as an identifier.
    """
    if pattern is None:
        return None
    out: list[str] = []
    at = used = 0
    for match in _SPECIFIER.finditer(pattern):
        position, left, width, _star, letter = match.groups()
        out.append(pattern[at : match.start()])
        at = match.end()
        if letter == "%":
            out.append("%")
            continue
        if letter not in tuple("sIL"):
            if not letter:
                raise Refused(INVALID_PARAMETER, "unterminated format() type specifier")
            raise Refused(INVALID_PARAMETER, f'unrecognized format() type specifier "{letter}"')
        if "*" in match[0]:
            return Unknown("a width of `format` that is an argument is not evaluated here")
        used = int(position) if position else used + 1
        if not 1 <= used <= len(values):
            raise Refused(INVALID_PARAMETER, "too few arguments for format()")
        text = _formatted(letter, values[used - 1], context)
        out.append(text.ljust(int(width or 0)) if left else text.rjust(int(width or 0)))
    out.append(pattern[at:])
    return "".join(out)


def _formatted(letter: str, value: Value, context: Context) -> str:
    if letter == "I":
        if value is None:
            raise Refused(NULL_VALUE_NOT_ALLOWED, "null values cannot be formatted as an SQL identifier")
        return quote_identifier(text_of(value, context))
    if value is None:
        return "NULL" if letter == "L" else ""
    text = text_of(value, context)
    return quote_literal(text) if letter == "L" else text


def _concat(context: Context, *values: Value) -> str:
    return "".join(text_of(value, context) for value in values if value is not None)


def _concat_ws(context: Context, separator: str | None, *values: Value) -> Value:
    if separator is None:
        return None
    return separator.join(text_of(value, context) for value in values if value is not None)


def _quote_nullable(context: Context, value: Value) -> str:
    return "NULL" if value is None else quote_literal(cast_text(value, context))


def _substring(context: Context, text: str, start: Value, length: Value = None) -> Value:
    if isinstance(start, str):
        return _first_match(context, text, start)
    if length is not None and length < 0:
        raise Refused("22011", "negative substring length not allowed")
    first = start - 1
    last = len(text) if length is None else first + length
    return text[max(first, 0) : max(last, 0)]


def _first_match(_context: Context, text: str, pattern: str, *_rest: Value) -> Value:
    expression = regular_expression(pattern)
    if expression is None:
        return Unknown(f"the regular expression `{pattern}` is not evaluated here")
    match = expression.search(text)
    return None if match is None else match[1] if expression.groups else match[0]


def _regexp_match(_context: Context, text: str, pattern: str, flags: str = "") -> Value:
    expression = regular_expression(pattern, flags)
    if expression is None:
        return Unknown(f"the regular expression `{pattern}` is not evaluated here")
    match = expression.search(text)
    return None if match is None else list(match.groups()) if expression.groups else [match[0]]


def _regexp_replace(_context: Context, text: str, pattern: str, new: str, flags: str = "") -> Value:
    expression = regular_expression(pattern, flags)
    if expression is None:
        return Unknown(f"the regular expression `{pattern}` is not evaluated here")
    template = re.sub(r"\\([&\\1-9])|\\", _group, new)
    return expression.sub(template, text, count=0 if "g" in flags else 1)


def _group(match: re.Match[str]) -> str:
    letter = match[1]
    return r"\\" if letter in (None, "\\") else r"\g<0>" if letter == "&" else rf"\g<{letter}>"


def _regexp_like(_context: Context, text: str, pattern: str, flags: str = "") -> Value:
    expression = regular_expression(pattern, flags)
    if expression is None:
        return Unknown(f"the regular expression `{pattern}` is not evaluated here")
    return expression.search(text) is not None


def _regexp_split(_context: Context, text: str, pattern: str, flags: str = "") -> Value:
    expression = regular_expression(pattern, flags)
    if expression is None:
        return Unknown(f"the regular expression `{pattern}` is not evaluated here")
    return expression.split(text)


def _similar_escape(_context: Context, pattern: str, escape: str = "\\") -> str:
    """A pattern of SIMILAR TO as a regular expression."""
    out = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if escape and char == escape:
            at += 1
            out.append(re.escape(pattern[at : at + 1]))
        else:
            out.append({"%": ".*", "_": ".", ".": r"\.", "^": r"\^", "$": r"\$"}.get(char, char))
        at += 1
    return f"^(?:{''.join(out)})$"


def _split_part(_context: Context, text: str, separator: str, number: int) -> str:
    if number == 0:
        raise Refused(INVALID_PARAMETER, "field position must not be zero")
    parts = text.split(separator) if separator else [text]
    index = number - 1 if number > 0 else number
    return parts[index] if -len(parts) <= index < len(parts) else ""


def _translate(_context: Context, text: str, old: str, new: str) -> str:
    table: dict[int, str | None] = {}
    for at, char in enumerate(old):
        table.setdefault(ord(char), new[at] if at < len(new) else None)
    return text.translate(table)


def _pad(text: str, length: int, fill: str, *, left: bool) -> str:
    missing = max(length - len(text), 0)
    padding = (fill * missing)[:missing] if fill else ""
    return (padding + text if left else text + padding)[: max(length, 0)]


def _cut(text: str, number: int, *, left: bool) -> str:
    if left:
        return text[:number]
    return text[-number:] if number > 0 else text[-number:] if number < 0 else ""


def _trim(text: str, characters: str, sides: str) -> str:
    text = text.lstrip(characters) if "l" in sides else text
    return text.rstrip(characters) if "r" in sides else text


def _initcap(_context: Context, text: str) -> str:
    return re.sub(r"[^\W_]+", lambda match: match[0][:1].upper() + match[0][1:].lower(), text)


def _md5(_context: Context, text: str) -> str:
    import hashlib

    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _overlay(_context: Context, text: str, new: str, start: int, length: int | None = None) -> str:
    length = len(new) if length is None else length
    return text[: start - 1] + new + text[start - 1 + length :]


def _text(function: Any) -> Any:  # noqa: ANN401 - functions of any number of texts
    """The function with its first argument (after the context) as text, whatever it is."""

    def run(context: Context, value: Value, *rest: Value) -> Value:
        return function(context, text_of(value, context), *rest)

    return run


STRICT = {
    "quote_ident": _text(lambda _context, text: quote_identifier(text)),
    "quote_literal": lambda context, value: quote_literal(cast_text(value, context)),
    "lower": _text(lambda _context, text: text.lower()),
    "upper": _text(lambda _context, text: text.upper()),
    "initcap": _text(_initcap),
    "length": _text(lambda _context, text: len(text)),
    "char_length": _text(lambda _context, text: len(text)),
    "character_length": _text(lambda _context, text: len(text)),
    "octet_length": _text(lambda _context, text: len(text.encode())),
    "substr": _text(_substring),
    "substring": _text(_substring),
    "left": _text(lambda _context, text, number: _cut(text, number, left=True)),
    "right": _text(lambda _context, text, number: _cut(text, number, left=False)),
    "replace": _text(lambda _context, text, old, new: text.replace(old, new) if old else text),
    "translate": _text(_translate),
    "btrim": _text(lambda _context, text, characters=" ": _trim(text, characters, "lr")),
    "ltrim": _text(lambda _context, text, characters=" ": _trim(text, characters, "l")),
    "rtrim": _text(lambda _context, text, characters=" ": _trim(text, characters, "r")),
    "lpad": _text(lambda _context, text, length, fill=" ": _pad(text, length, fill, left=True)),
    "rpad": _text(lambda _context, text, length, fill=" ": _pad(text, length, fill, left=False)),
    "repeat": _text(lambda _context, text, number: text * max(number, 0)),
    "reverse": _text(lambda _context, text: text[::-1]),
    "split_part": _text(_split_part),
    "strpos": _text(lambda _context, text, wanted: text.find(wanted) + 1),
    "position": _text(lambda _context, text, wanted: text.find(wanted) + 1),
    "starts_with": _text(lambda _context, text, wanted: text.startswith(wanted)),
    "like": _text(lambda _context, text, pattern: like(text, pattern)),
    "regexp_replace": _text(_regexp_replace),
    "regexp_match": _text(_regexp_match),
    "regexp_substr": _text(_first_match),
    "regexp_like": _text(_regexp_like),
    "regexp_split_to_array": _text(_regexp_split),
    "similar_to_escape": _text(_similar_escape),
    "similar_escape": _text(_similar_escape),
    "md5": _text(_md5),
    "chr": lambda _context, code: chr(code),
    "ascii": _text(lambda _context, text: ord(text[0]) if text else 0),
    "to_hex": lambda _context, number: format(number & 0xFFFFFFFF if number < 0 else number, "x"),
    "overlay": _text(_overlay),
    "textcat": lambda context, one, other: text_of(one, context) + text_of(other, context),
}
CALLED_ON_NULL = {
    "format": format_text,
    "concat": _concat,
    "concat_ws": _concat_ws,
    "quote_nullable": _quote_nullable,
}
