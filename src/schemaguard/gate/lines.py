"""The lines that a change wrote: a pull request shows a finding only where it has lines of its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemaguard.sources.tree import FileTree
    from schemaguard.text import Location


class ChangedLines:
    """The lines of the head that the base has not; `renamed`: paths of the head that were others at the base."""

    def __init__(self, head: FileTree, base: FileTree, renamed: Mapping[str, str]) -> None:
        """Take both sides; files are read when they are asked about."""
        self._head = head
        self._base = base
        self._renamed = renamed
        self._known: dict[str, frozenset[int]] = {}

    def holds(self, location: Location) -> bool:
        """Whether a line of a place is new."""
        lines = self._known.get(location.path)
        if lines is None:
            lines = self._known[location.path] = self._of(location.path)
        return any(line in lines for line in range(location.line, location.end_line + 1))

    def _of(self, path: str) -> frozenset[int]:
        return written_lines(_text(self._head, path), _text(self._base, self._renamed.get(path, path)))


class ChangedFiles:
    """All lines of the files that changed, where it is not known what they were before."""

    def __init__(self, paths: frozenset[str] = frozenset()) -> None:
        """Take their paths; without any, nothing changed."""
        self._paths = paths

    def holds(self, location: Location) -> bool:
        """Whether a place is in one of them."""
        return location.path in self._paths


def written_lines(head: bytes, base: bytes) -> frozenset[int]:
    """The numbers of the lines of `head` that are not in `base`.

    A line is known again wherever it stands now, but as often only as the base has it; so this takes time that grows
    with the text, and not with its square.
    """
    ours, theirs = head.splitlines(), base.splitlines()
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start] == theirs[start]:
        start += 1
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    left = Counter(theirs[start : len(theirs) - end])
    found = set()
    for number, line in enumerate(ours[start : len(ours) - end], start + 1):
        if left[line] > 0:
            left[line] -= 1
        else:
            found.add(number)
    return frozenset(found)


def _text(tree: FileTree, path: str) -> bytes:
    try:
        return tree.read(path)
    except OSError:
        return b""
