"""The texts behind locations, for reports that show them and for comments that silence findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.text import SourceFile


class Files:
    """Source files by their path relative to the project; one that was not handed in is read on demand."""

    def __init__(
        self,
        known: Iterable[SourceFile] = (),
        read: Callable[[str], SourceFile] | None = None,
        find: Callable[[str], list[str]] | None = None,
    ) -> None:
        """Take the files that were read already, how to read others, and how to find those that match a pattern.

        `read` raises OSError or ValueError for a file without a text.
        """
        self._files: dict[str, SourceFile | None] = {file.path: file for file in known}
        self._reasons: dict[str, str] = {}
        self._read = read
        self._find = find

    def add(self, file: SourceFile) -> None:
        """Hold one more file; the first text under a path stays."""
        self._files.setdefault(file.path, file)

    def get(self, path: str) -> SourceFile | None:
        """The file at a path, None where it has no text (a folder, bytes that are not UTF-8)."""
        if path not in self._files:
            self._files[path] = self._try(path)
        return self._files[path]

    def matching(self, pattern: str) -> list[str]:
        """The paths of the project's files that match a pattern, sorted; a plain path matches itself."""
        if self._find is not None:
            return self._find(pattern)
        return [pattern] if pattern in self._files else []

    def why_unread(self, path: str) -> str:
        """Why `get` has no text for a path, as words that follow the path's name."""
        return self._reasons.get(path, f"{path} is not there")

    def known(self) -> list[SourceFile]:
        """The files held so far, sorted by path."""
        return [file for _, file in sorted(self._files.items()) if file is not None]

    def _try(self, path: str) -> SourceFile | None:
        if self._read is None:
            return None
        try:
            return self._read(path)
        except (OSError, ValueError) as error:
            self._reasons[path] = str(error)
            return None
