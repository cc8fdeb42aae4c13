"""The texts behind locations, for reports that show them and for comments that silence findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.text import SourceFile


class Files:
    """Source files by their path relative to the project; one that was not handed in is read on demand."""

    def __init__(
        self, known: Iterable[SourceFile] = (), read: Callable[[str], SourceFile] | None = None
    ) -> None:
        """Take the files that were read already, and how to read others.

        `read` raises OSError or ValueError for a file without a text.
        """
        self._files: dict[str, SourceFile | None] = {file.path: file for file in known}
        self._read = read

    def add(self, file: SourceFile) -> None:
        """Hold one more file; the first text under a path stays."""
        self._files.setdefault(file.path, file)

    def get(self, path: str) -> SourceFile | None:
        """The file at a path, None where it has no text (a folder, bytes that are not UTF-8)."""
        if path not in self._files:
            self._files[path] = self._try(path)
        return self._files[path]

    def known(self) -> list[SourceFile]:
        """The files held so far, sorted by path."""
        return [file for _, file in sorted(self._files.items()) if file is not None]

    def _try(self, path: str) -> SourceFile | None:
        if self._read is None:
            return None
        try:
            return self._read(path)
        except (OSError, ValueError):
            return None
