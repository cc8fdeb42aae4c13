"""Input of arrays, rows and ranges: the syntax around the elements, whose own input is handed in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Reader = Callable[[str], str]

MALFORMED = "22P02"
_SPACE = " \t\n\r\v\f"
_ARRAY_SPECIAL = set('"\\{},' + _SPACE)
_ROW_SPECIAL = set('"\\(),' + _SPACE)
_RANGE_SPECIAL = set('"\\()[],' + _SPACE)
_BOUNDS = re.compile(r"\s*(?:\[-?\d+(?::-?\d+)?\]\s*)+=")


class _Array:
    """One array literal, read from left to right."""

    def __init__(self, text: str, read: Reader, delimiter: str) -> None:
        self.text, self.read, self.delimiter = text, read, delimiter
        self.at = 0

    def fail(self) -> Refused:
        return Refused(MALFORMED, f'malformed array literal: "{self.text}"')

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in _SPACE:
            self.at += 1

    def whole(self) -> str:
        self.skip()
        if self.text[self.at : self.at + 1] != "{":
            raise self.fail()
        printed, _depth = self.array()
        self.skip()
        if self.at != len(self.text):
            raise self.fail()
        return "{}" if set(printed) <= set("{},") else printed

    def array(self) -> tuple[str, tuple[int, ...]]:
        """One brace's contents as printed, and its dimensions."""
        self.at += 1
        items: list[str] = []
        shapes: set[tuple[int, ...]] = set()
        while True:
            self.skip()
            char = self.text[self.at : self.at + 1]
            if char == "}" and not items:
                break
            item, shape = self.array() if char == "{" else (self.element(), ())
            items.append(item)
            shapes.add(shape)
            self.skip()
            char = self.text[self.at : self.at + 1]
            if char == "}":
                break
            if char != self.delimiter:
                raise self.fail()
            self.at += 1
        self.at += 1
        if len(shapes) > 1:
            raise self.fail()
        return "{" + self.delimiter.join(items) + "}", (len(items), *(shapes.pop() if shapes else ()))

    def element(self) -> str:
        if self.text[self.at : self.at + 1] == '"':
            return _quoted(self.read(self.quoted()), _ARRAY_SPECIAL, null=True)
        start, chars = self.at, []
        while (
            self.at < len(self.text)
            and self.text[self.at] not in '{}"'
            and self.text[self.at] != self.delimiter
        ):
            if self.text[self.at] == "\\":
                self.at += 1
            chars.append(self.text[self.at : self.at + 1])
            self.at += 1
        raw = "".join(chars).rstrip(_SPACE)
        if not raw or self.text[self.at : self.at + 1] in ('"', "{", ""):
            raise self.fail()
        if raw.upper() == "NULL" and "\\" not in self.text[start : self.at]:
            return "NULL"
        return _quoted(self.read(raw), _ARRAY_SPECIAL, null=True)

    def quoted(self) -> str:
        self.at += 1
        chars: list[str] = []
        while (char := self.text[self.at : self.at + 1]) != '"':
            if not char:
                raise self.fail()
            if char == "\\":
                self.at += 1
                char = self.text[self.at : self.at + 1]
            chars.append(char)
            self.at += 1
        self.at += 1
        return "".join(chars)


def _quoted(text: str, special: set[str], *, null: bool = False) -> str:
    """An element as it stands in a printed container: quoted where it must be."""
    if text and not special.intersection(text) and not (null and text.upper() == "NULL"):
        return text
    escaped = text.replace("\\", "\\\\")
    return '"' + (escaped.replace('"', '\\"') if null else escaped.replace('"', '""')) + '"'


def read_array(text: str, read: Reader, delimiter: str = ",") -> str:
    """An array literal as `array_out` prints it.

    Raises:
        Refused: it is malformed, or an element is no value of the element type.
        NotRead: it has explicit bounds.
    """
    from schemaguard.catalog.analysis.literals.datetimes import NotRead

    if _BOUNDS.match(text):
        raise NotRead("arrays with explicit bounds are not read")
    return _Array(text, read, delimiter).whole()


def read_row(text: str, readers: Sequence[Reader]) -> str:
    """A row literal as `record_out` prints it.

    Raises:
        Refused: it is malformed, or a field is no value of its type.
    """
    stripped = text.strip(_SPACE)
    if stripped[:1] != "(" or stripped[-1:] != ")":
        raise Refused(MALFORMED, f'malformed record literal: "{text}"')
    fields = _split(stripped[1:-1], text, "record")
    if len(fields) != len(readers):
        raise Refused(MALFORMED, f'malformed record literal: "{text}"')
    shown = [
        "" if field is None else _quoted(read(field), _ROW_SPECIAL)
        for field, read in zip(fields, readers, strict=True)
    ]
    return f"({','.join(shown)})"


def _split(inner: str, text: str, what: str) -> list[str | None]:
    """The comma-separated fields of a row or range; None for an empty unquoted one."""
    fields: list[str | None] = []
    chars: list[str] | None = None
    at, quoted = 0, False
    while at < len(inner):
        char = inner[at]
        if char == "\\":
            at += 1
            chars = [*(chars or []), inner[at : at + 1]]
        elif char == '"' and quoted and inner[at + 1 : at + 2] == '"':
            at += 1
            chars = [*(chars or []), '"']
        elif char == '"':
            quoted = not quoted
            chars = chars or []
        elif char == "," and not quoted:
            fields.append(None if chars is None else "".join(chars))
            chars = None
        else:
            chars = chars if chars is not None else []
            chars.append(char)
        at += 1
    if quoted:
        raise Refused(MALFORMED, f'malformed {what} literal: "{text}"')
    return [*fields, None if chars is None else "".join(chars)]


def _is_empty(text: str, bounds: tuple[str, str], brackets: str, order: Callable[[str], Any] | None) -> bool:
    """Whether a range between two bounds holds nothing.

    Raises:
        Refused: the bounds are in the wrong order.
        NotRead: they can't be compared.
    """
    from schemaguard.catalog.analysis.literals.datetimes import NotRead

    if order is None or any("infinity" in bound.lower() for bound in bounds):
        raise NotRead(f"the bounds of '{text}' can't be compared")
    lower, upper = (order(bound) for bound in bounds)
    if lower > upper:
        raise Refused("22000", "range lower bound must be less than or equal to range upper bound")
    return bool(lower == upper) and brackets != "[]"


def read_range(
    text: str, read: Reader, step: Callable[[str], str] | None, order: Callable[[str], Any] | None
) -> str:
    """A range literal as `range_out` prints it.

    `step` gives the next value of a discrete subtype, `order` what its values are compared by, where that is known.

    Raises:
        Refused: it is malformed, a bound is no value of the subtype, or the bounds are in the wrong order.
        NotRead: it has two bounds that can't be compared.
    """
    stripped = text.strip(_SPACE)
    if stripped.lower() == "empty":
        return "empty"
    if stripped[:1] not in ("[", "(") or stripped[-1:] not in ("]", ")"):
        raise Refused(MALFORMED, f'malformed range literal: "{text}"')
    bounds = _split(stripped[1:-1], text, "range")
    if len(bounds) != 2:
        raise Refused(MALFORMED, f'malformed range literal: "{text}"')
    lower, upper = (None if bound is None else read(bound.strip(_SPACE)) for bound in bounds)
    opening, closing = stripped[0], stripped[-1]
    if lower is not None and upper is not None and _is_empty(text, (lower, upper), opening + closing, order):
        return "empty"
    if lower is None:
        opening = "("
    elif opening == "(" and step is not None and "infinity" not in lower:
        lower, opening = step(lower), "["
    if upper is None:
        closing = ")"
    elif closing == "]" and step is not None and "infinity" not in upper:
        upper, closing = step(upper), ")"
    if lower is not None and lower == upper and opening + closing != "[]":
        return "empty"
    shown = ["" if bound is None else _quoted(bound, _RANGE_SPECIAL) for bound in (lower, upper)]
    return f"{opening}{','.join(shown)}{closing}"
