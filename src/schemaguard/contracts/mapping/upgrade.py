"""References of lines rewritten as JSON pointers; comments and layout stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.contracts.openapi.index import encoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.contracts.crosscheck import CrossCheck
    from schemaguard.contracts.mapping.references import Reference
    from schemaguard.text import SourceFile


class Upgraded(NamedTuple):
    """A mapping file with its new text; `changed` references were rewritten, `left` could not be followed."""

    file: SourceFile
    text: str
    changed: int
    left: tuple[Reference, ...]


def upgraded(check: CrossCheck) -> Iterator[Upgraded]:
    """Each mapping file, with every reference of lines that leads to its field or schema rewritten."""
    _ = check.mapped, check.read_models
    for mapping in check.mappings:
        edits = {
            (reference.place.start, reference.place.end): f"{reference.path}#{encoded(pointer)}"
            for reference, pointer, of in check.resolved
            if of is mapping and reference.pointer is None and pointer
        }
        left = tuple(
            stale.reference for stale, of in check.stale if of is mapping and stale.reference.pointer is None
        )
        file = mapping.document.file
        yield Upgraded(file, _edited(file.text, edits.items()), len(edits), left)


def _edited(text: str, edits: Iterable[tuple[tuple[int, int], str]]) -> str:
    parts: list[str] = []
    at = 0
    for (start, end), new in sorted(edits):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])
