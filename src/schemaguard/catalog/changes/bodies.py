"""What routines and rules do, which the facts do not hold: only that it is another text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.changes.change import Change, short
from schemaguard.catalog.model import Function
from schemaguard.catalog.routines import identity_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.state import Catalog

_WORDS = {"f": "function", "p": "procedure", "a": "aggregate", "w": "function"}


def body_changes(before: Catalog, after: Catalog) -> Iterator[Change]:
    """The routines whose body is another one."""
    old = {_key(before, routine): routine for routine in before.all(Function) if not routine.external}
    for routine in after.all(Function):
        other = old.get(key) if (key := _key(after, routine)) in old else None
        if other is None or other is routine or _body(other) == _body(routine):
            continue
        word = _WORDS[routine.kind]
        place = None if routine.because is None else routine.because.span.location
        words = f"changes the body of {word} {short(key)}"
        yield Change(f"{word}-body-changed", key, words, place, other.body, routine.body)


def _key(catalog: Catalog, routine: Function) -> str:
    return f"{catalog.qualified(routine)}({identity_arguments(catalog, routine)})"


def _body(routine: Function) -> tuple[str, object]:
    """A body's text, or its statements; where these stand in a file does not count."""
    return routine.body, _without_places(routine.body_nodes)


def _without_places(node: object) -> object:
    if isinstance(node, dict):
        return {key: _without_places(value) for key, value in node.items() if key not in _PLACES}
    if isinstance(node, list | tuple):
        return [_without_places(each) for each in node]
    return node


_PLACES = frozenset(("location", "stmt_location", "stmt_len", "list_start", "list_end", "rexpr_list_start",
                     "rexpr_list_end"))  # fmt: skip
