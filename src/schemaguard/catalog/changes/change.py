"""One change of a schema, and how its objects are spelled in a sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from schemaguard.text import Location


class Change(NamedTuple):
    """One thing that a change of the schema does.

    `kind`: what happens to what, `table-added`, `column-type-changed`, `privilege-given`. `object`: whom it happens to,
    by qualified name: `public.orders`, `public.orders.status`, a role's name. `words`: a sentence without its subject
    and full stop, "drops NOT NULL of orders.status". `location`: the statement that does it, None where that is not
    known (the statement that made a fact is gone with an edited file). `before`, `after`: the fact in the
    shape of `catalog.facts`, None on the side that has none.
    """

    kind: str
    object: str
    words: str
    location: Location | None = None
    before: Any = None
    after: Any = None


def change_object(change: Change) -> dict[str, Any]:
    """A change as JSON has it."""
    place = change.location
    return {
        "kind": change.kind,
        "object": change.object,
        "words": change.words,
        "location": None
        if place is None
        else {"path": place.path, "line": place.line, "column": place.column},
        "before": change.before,
        "after": change.after,
    }


class Known(dict[str, Any]):
    """A fact of which parts may be left out, because nobody can know them: they read as empty."""

    def __missing__(self, key: str) -> str:
        """Nothing."""
        return ""


def known(fact: Any) -> Any:  # noqa: ANN401 - any level of the facts
    """A part of the facts that can be read whatever of it is left out."""
    if isinstance(fact, dict):
        return Known({key: known(value) for key, value in fact.items()})
    return [known(each) for each in fact] if isinstance(fact, list) else fact


_PUBLIC = re.compile(r"\bpublic\.(?=[\w\"])")


def short(name: str) -> str:
    """A qualified name without the schema `public`."""
    return name.removeprefix("public.")


def shortened(text: str) -> str:
    """A text without the schema `public` before any name in it."""
    return _PUBLIC.sub("", text)


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def parenthesized(text: str) -> str:
    """An expression in parentheses; in those that it has, where they are around all of it."""
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0 and at < len(text) - 1:
            return f"({text})"
    return text


LONGEST = 80
"""So long may a value be in a sentence."""


def brief(value: object, longest: int = LONGEST) -> str:
    """A value in a sentence: on one line, and cut where it is long."""
    text = " ".join(str(value).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
