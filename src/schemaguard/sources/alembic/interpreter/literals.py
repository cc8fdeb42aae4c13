"""String literals as Python's lexer reads them, with the place of each character.

`ast` gives the place of a whole (perhaps concatenated) literal only, and before Python 3.12 wrong places for what
stands inside an f-string; so the literal's source is read again here: prefixes, quotes, escapes, fields.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.alembic.interpreter.tracked import Text, Written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.sources.alembic.source import PythonFile


class Field(NamedTuple):
    """A replacement field of an f-string: `{value!conversion:spec}`, written from `start` to `end`.

    `debug`: the text before the value in `{value=}`. `value` has its true position in the file.
    """

    value: ast.expr
    conversion: str
    spec: Template
    debug: Text | None
    start: int
    end: int


Template = list["Text | Field"]
"""An f-string: literal stretches and fields, in order."""


class Literal(NamedTuple):
    """One string literal of the source: its prefix in lower case, and where its body begins and ends."""

    prefix: str
    start: int
    end: int


_OPENING = re.compile(r"([rbuftRBUFT]{0,2})('''|\"\"\"|'|\")")
_BETWEEN = re.compile(r"(?:\s|\\\n|#[^\n]*)*")
_SPECIAL = re.compile(r"[\\'\"]")
_SPECIAL_FORMATTED = re.compile(r"[\\'\"{]")
_BACKSLASH = re.compile(r"\\")
_BRACE_OR_ESCAPE = re.compile(r"[\\{}]")
_ESCAPE = re.compile(
    r"\\(?:(\n)|([\\'\"abfnrtv])|([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|N\{([^}]*)\})"
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def string(file: PythonFile, node: ast.Constant) -> Text:
    """The value of a string literal, with the place of each character."""
    span = file.node_span(node)
    runs: list[Text] = []
    for literal in _literals(file.text, span.start, span.end):
        runs.extend(_characters(file, literal.start, literal.end, raw="r" in literal.prefix, formatted=False))
    value = str(node.value)
    if "".join(runs) != value:
        # Only if this reader and Python's disagree; then the place of the whole is all that is known.
        return Text(value, (Written(len(value), file, span.start, span.end, verbatim=False),))
    return Text(value, (run for text in runs for run in text.written))


def template(file: PythonFile, node: ast.JoinedStr) -> Template:
    """The stretches and fields of an f-string, across implicit concatenation."""
    span = file.node_span(node)
    parts: Template = []
    for literal in _literals(file.text, span.start, span.end):
        raw = "r" in literal.prefix
        if "f" in literal.prefix:
            parts.extend(_formatted(file, literal.start, literal.end, raw=raw))
        else:
            parts.extend(_characters(file, literal.start, literal.end, raw=raw, formatted=False))
    return parts


def _literals(source: str, start: int, end: int) -> Iterator[Literal]:
    """The literals that follow each other between two offsets, as implicit concatenation allows."""
    at = start
    while at < end:
        opening = _OPENING.match(source, at)
        if opening is None:
            return
        prefix, quote = opening[1].lower(), opening[2]
        close = _closing(source, opening.end(), quote, formatted="f" in prefix or "t" in prefix)
        yield Literal(prefix, opening.end(), close)
        between = _BETWEEN.match(source, close + len(quote))
        at = between.end() if between else end


def _closing(source: str, at: int, quote: str, *, formatted: bool) -> int:
    """Offset of the quote that ends the literal whose body begins at `at`."""
    special = _SPECIAL_FORMATTED if formatted else _SPECIAL
    while (found := special.search(source, at)) is not None:
        at = found.start()
        char = source[at]
        if char == "\\":
            at += 2
            if formatted and source.startswith("N{", at - 1):
                at = source.find("}", at) + 1 or len(source)
        elif source.startswith(quote, at):
            return at
        elif formatted and char == "{":
            at = at + 2 if source.startswith("{{", at) else _field_end(source, at + 1) + 1
        else:
            at += 1
    return len(source)


def _field_end(source: str, at: int) -> int:
    """Offset of the brace that closes the field whose inside begins at `at`."""
    depth = 0
    while at < len(source):
        char = source[at]
        if char in "'\"" or (char.isalpha() and _starts_string(source, at)):
            at = _string_end(source, at)
            continue
        if char in "([{":
            depth += 1
        elif char in ")]}":
            if depth == 0:
                return at
            depth -= 1
        elif char == ":" and depth == 0:
            return _spec_end(source, at + 1)
        elif char == "#":
            at = source.find("\n", at) if "\n" in source[at:] else len(source)
        at += 1
    return at


def _spec_end(source: str, at: int) -> int:
    """Offset of the brace that closes the field whose format spec begins at `at`: only braces mean something there."""
    while at < len(source) and source[at] != "}":
        at = _field_end(source, at + 1) + 1 if source[at] == "{" else at + 1
    return at


def _starts_string(source: str, at: int) -> bool:
    """Whether a prefixed string literal begins here, and not in the middle of a name."""
    opening = _OPENING.match(source, at)
    return (
        opening is not None and bool(opening[1]) and not (source[at - 1].isalnum() or source[at - 1] == "_")
    )


def _string_end(source: str, at: int) -> int:
    """Offset after the string literal that begins at `at`."""
    opening = _OPENING.match(source, at)
    if opening is None:
        return at + 1
    return _closing(source, opening.end(), opening[2], formatted="f" in opening[1].lower()) + len(opening[2])


def _characters(file: PythonFile, start: int, end: int, *, raw: bool, formatted: bool) -> Iterator[Text]:
    """Decode literal text: verbatim stretches, and one stretch per escape (or doubled brace)."""
    source = file.text
    special = _BRACE_OR_ESCAPE if formatted else _BACKSLASH
    at = begin = start
    while (found := special.search(source, at, end)) is not None:
        at = found.start()
        char = source[at]
        escape = _ESCAPE.match(source, at, end) if char == "\\" and not raw else None
        doubled = formatted and char in "{}"
        if escape is None and not doubled:
            # An unknown escape keeps its backslash; the character after it stands for itself.
            at += 1
            continue
        if begin < at:
            yield Text(source[begin:at], (Written(at - begin, file, begin, at, verbatim=True),))
        value, stop = (_unescape(escape), escape.end()) if escape else (char, at + 2)
        if value:
            yield Text(value, (Written(len(value), file, at, stop, verbatim=False),))
        at = begin = stop
    if begin < end:
        yield Text(source[begin:end], (Written(end - begin, file, begin, end, verbatim=True),))


def _unescape(match: re.Match[str]) -> str:
    newline, simple, octal, *hexadecimal, name = match.groups()
    if newline:
        return ""
    if simple:
        return _SIMPLE.get(simple, simple)
    if octal:
        return chr(int(octal, 8))
    if name is not None:
        return unicodedata.lookup(name)
    return chr(int(next(digits for digits in hexadecimal if digits), 16))


def _formatted(
    file: PythonFile, start: int, end: int, *, raw: bool, spec: bool = False
) -> Iterator[Text | Field]:
    """The parts of an f-string's body, or of a field's format spec."""
    source = file.text
    at = begin = start
    while (found := _BRACE_OR_ESCAPE.search(source, at, end)) is not None:
        at = found.start()
        char = source[at]
        if char == "\\" and raw:
            at += 1
        elif char == "\\":
            at = source.find("}", at) + 1 if source.startswith("\\N{", at) else at + 2
        elif char == "{" and (spec or not source.startswith("{{", at)):
            yield from _characters(file, begin, at, raw=raw, formatted=not spec)
            close = _field_end(source, at + 1)
            yield _field(file, at, close, raw=raw)
            at = begin = close + 1
        else:
            at += 2 if char in "{}" and not spec else 1
    yield from _characters(file, begin, end, raw=raw, formatted=not spec)


def _field(file: PythonFile, brace: int, close: int, *, raw: bool) -> Field:
    """Read the field whose braces stand at `brace` and `close`."""
    source = file.text
    stop = _value_end(source, brace + 1, close)
    equals, rest = None, stop
    if stop < close and source[stop] == "=":
        equals = stop + 1 + len(source[stop + 1 : close]) - len(source[stop + 1 : close].lstrip())
        rest = equals
    conversion = ""
    if rest < close and source[rest] == "!":
        conversion = source[rest + 1]
        rest += 2
    spec_start = source.find(":", rest, close)
    has_spec = spec_start >= 0 and not source[rest:spec_start].strip()
    spec = list(_formatted(file, spec_start + 1, close, raw=raw, spec=True)) if has_spec else []
    debug = None
    if equals is not None:
        run = Written(equals - brace - 1, file, brace + 1, equals, verbatim=True)
        debug = Text(source[brace + 1 : equals], (run,))
        conversion = conversion or ("" if has_spec else "r")
    return Field(expression(file, brace + 1, stop), conversion, spec, debug, brace, close + 1)


def _value_end(source: str, at: int, close: int) -> int:
    """Where the expression of a field ends: at `=`, `!r`, `:` or the closing brace, outside all brackets."""
    depth = 0
    while at < close:
        char = source[at]
        if char in "'\"" or (char.isalpha() and _starts_string(source, at)):
            at = _string_end(source, at)
            continue
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif depth == 0:
            pair = source[at : at + 2]
            if pair in ("==", "!=", "<=", ">="):
                at += 2
                continue
            if char in "=!:":
                return at
        at += 1
    return at


def expression(file: PythonFile, start: int, end: int) -> ast.expr:
    """Parse the expression between two offsets; its nodes have their positions in the whole file."""
    text = file.text[start:end]
    tree = ast.parse(f"({text}\n)", mode="eval").body
    line, column = file.position(start)
    # Columns of ast are bytes; on the first line they are shifted by what precedes it, less the parenthesis.
    shift = len(file.line(line)[: column - 1].encode("utf-8", "surrogatepass")) - 1
    for node in ast.walk(tree):
        if isinstance(node, (ast.expr, ast.arg, ast.keyword)):
            if node.lineno == 1:
                node.col_offset += shift
            if node.end_lineno == 1 and node.end_col_offset is not None:
                node.end_col_offset += shift
            node.lineno += line - 1
            node.end_lineno = (node.end_lineno or 1) + line - 1
    return tree
