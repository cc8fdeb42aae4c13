"""A contract or mapping file as written: values that know their place, light enough for files of many megabytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.text import SourceFile


class Scalar:
    """A single value, as Python reads it: None, bool, int, float or str."""

    __slots__ = ("end", "file", "start", "value")

    def __init__(self, file: SourceFile, start: int, end: int, value: object) -> None:
        """Hold a value and the offsets of its text."""
        self.file = file
        self.start = start
        self.end = end
        self.value = value

    @property
    def span(self) -> Span:
        """Its place."""
        return Span(self.file, self.start, self.end)


class Items:
    """A list."""

    __slots__ = ("end", "file", "items", "start")

    def __init__(self, file: SourceFile, start: int) -> None:
        """Begin an empty list."""
        self.file = file
        self.start = start
        self.end = start
        self.items: list[Node] = []

    @property
    def span(self) -> Span:
        """Its place, without the empty lines behind a block."""
        return _trimmed(self.file, self.start, self.end)


class Entries:
    """A mapping: the node of each key, and in `keys` the offsets of the key itself."""

    __slots__ = ("end", "entries", "file", "keys", "start")

    def __init__(self, file: SourceFile, start: int) -> None:
        """Begin an empty mapping."""
        self.file = file
        self.start = start
        self.end = start
        self.entries: dict[str, Node] = {}
        self.keys: dict[str, tuple[int, int]] = {}

    @property
    def span(self) -> Span:
        """Its place, without the empty lines behind a block."""
        return _trimmed(self.file, self.start, self.end)

    def place(self, key: str) -> Span:
        """The place of a key."""
        return Span(self.file, *self.keys[key])


Node = Scalar | Items | Entries


def _trimmed(file: SourceFile, start: int, end: int) -> Span:
    return Span(file, start, start + len(file.text[start:end].rstrip()))


def get(node: Node | None, *path: str) -> Node | None:
    """What stands under some keys, None where one is missing."""
    for key in path:
        if not isinstance(node, Entries):
            return None
        node = node.entries.get(key)
    return node


def text(node: Node | None, *path: str) -> str:
    """A string under some keys; "" where there is none."""
    found = get(node, *path)
    return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else ""


def items(node: Node | None, *path: str) -> list[Node]:
    """The items of a list under some keys; none where there is no list."""
    found = get(node, *path)
    return found.items if isinstance(found, Items) else []


def entries(node: Node | None, *path: str) -> Iterator[tuple[str, Node]]:
    """The entries of a mapping under some keys; none where there is no mapping."""
    found = get(node, *path)
    if isinstance(found, Entries):
        yield from found.entries.items()


def strings(node: Node | None, *path: str) -> list[str]:
    """The strings of a list under some keys, other items left out."""
    return [
        item.value for item in items(node, *path) if isinstance(item, Scalar) and isinstance(item.value, str)
    ]


def flag(node: Node | None, key: str) -> bool:
    """Whether a key holds `true`."""
    found = get(node, key)
    return isinstance(found, Scalar) and found.value is True


def value(node: Node | None) -> Any:  # noqa: ANN401 - whatever the file holds
    """The value of a scalar, None for anything else."""
    return node.value if isinstance(node, Scalar) else None
