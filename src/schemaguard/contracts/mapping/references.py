"""References to the contract in a mapping's texts: `PATH:FIRST-LAST (FIELD: TYPE) → COLUMN (TYPE)`, or pointers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from schemaguard.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.contracts.nodes import Scalar

_ARGUMENTS = r"(?:[^()]|\([^()]*\))*"
REFERENCE = re.compile(
    r"(?P<path>(?:https?:)?[^\s:#(),;'\"]+\.(?:ya?ml|json))"
    r"(?:#(?P<pointer>/[^\s,;()'\"→]*)"
    r"|:(?P<first>\d{1,7})(?:-(?P<last>\d{1,7}))?(?:\s*\((?P<what>[^()]*)\))?)"
    rf"(?P<arrow>\s*(?:→|->)\s*(?P<column>\w+)(?:\s*\((?P<type>{_ARGUMENTS})\))?)?"
)


class Reference(NamedTuple):
    """A reference to the contract, as written.

    `first` and `last` are lines, 0 where a `pointer` (already unescaped from its percent-encoding) is given instead.
    `name`: the field or schema that the lines are said to hold; `type` and `format`: as which. `column` and
    `column_type`: what stands behind an arrow. `place`: the reference; `length`: how much of it names the contract.
    """

    text: str
    place: Span
    path: str
    first: int = 0
    last: int = 0
    pointer: str | None = None
    name: str = ""
    type: str = ""
    format: str = ""
    column: str = ""
    column_type: str = ""

    @property
    def words(self) -> str:
        """The reference without what is said about it: `api.yaml:60-63`, `api.yaml#/components/…`."""
        if self.pointer is not None:
            return f"{self.path}#{self.pointer}"
        return f"{self.path}:{self.first}" + (f"-{self.last}" if self.last != self.first else "")


def references_in(node: Scalar) -> Iterator[Reference]:
    """The references in a text of a mapping, each with its own place in the file."""
    prose = node.value if isinstance(node.value, str) else ""
    at = node.start
    for found in REFERENCE.finditer(prose):
        named = found[0][: len(found[0]) - len(found["arrow"] or "")].rstrip()
        place = place_in(node, named, at)
        at = max(at, place.end) if place != node.span else at
        what, colon, said = (found["what"] or "").partition(":")
        kind, _, form = said.strip().partition(" ")
        first = int(found["first"] or 0)
        pointer = found["pointer"]
        yield Reference(
            text=named,
            place=place,
            path=found["path"],
            first=first,
            last=int(found["last"] or first),
            pointer=None if pointer is None else unquote(pointer.rstrip(".")),
            name=what.strip(),
            type=kind.strip() if colon else "",
            format=form.strip(),
            column=found["column"] or "",
            column_type=(found["type"] or "").strip(),
        )


def place_in(node: Scalar, part: str, start: int | None = None) -> Span:
    """The place of a part of a text; that of the whole where it is written otherwise (with escapes)."""
    words = r"\s+".join(map(re.escape, part.split()))  # a text may be folded at any space
    found = re.compile(words).search(node.file.text, node.start if start is None else start, node.end)
    return node.span if found is None else Span(node.file, *found.span())
