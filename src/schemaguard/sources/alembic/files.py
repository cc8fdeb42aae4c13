"""The tree of files under check, as paths that Python code computes with."""

from __future__ import annotations

import posixpath
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.source import Unreadable, decoded_python, decoded_text
from schemaguard.sources.tree import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.sources.alembic.source import PythonFile
    from schemaguard.sources.tree import FileTree

ROOT = PurePosixPath("/srv/repository/project")
"""Where the project is taken to be: what its code makes of `__file__` is the same wherever the checkout lies."""


class ProjectFiles:
    """A tree whose root is ROOT; paths are absolute, or relative to it. What the tree does not hold is not there."""

    def __init__(self, tree: FileTree) -> None:
        """Take the tree."""
        self.tree = tree

    def relative(self, file: PurePath) -> str:
        """A path as the tree and findings have it: relative to the root, with forward slashes."""
        return normalize(posixpath.relpath(posixpath.join(str(ROOT), file.as_posix()), ROOT))

    def is_file(self, file: PurePath) -> bool:
        """Whether a file is there."""
        return self.tree.is_file(self.relative(file))

    def is_folder(self, folder: PurePath) -> bool:
        """Whether a folder is there."""
        return self.tree.is_folder(self.relative(folder))

    def names(self, folder: PurePath) -> Sequence[str]:
        """The names of the files and folders directly in a folder, sorted; none where it is not there."""
        return self.tree.folder(self.relative(folder))

    def below(self, folder: PurePath) -> list[PurePosixPath]:
        """The files below a folder, by path; hidden folders and those of machine output are left out."""
        return [ROOT / path for path in self.tree.files(self.relative(folder))]

    def read(self, file: PurePath) -> bytes:
        """A file's bytes.

        Raises:
            Unreadable: it can't be read, or holds a NUL.
        """
        try:
            data = self.tree.read(self.relative(file))
        except OSError as error:
            raise Unreadable(error.strerror or str(error)) from error
        if b"\0" in data:
            raise Unreadable(f"holds a NUL byte, at offset {data.index(0)}")
        return data

    def python(self, file: PurePath) -> PythonFile:
        """A Python file, in the encoding that it declares (PEP 263).

        Raises:
            Unreadable: it can't be read as text.
        """
        return decoded_python(self.read(file), self.relative(file))

    def text(self, file: PurePath) -> str:
        """A UTF-8 text file, with a line feed for every line end.

        Raises:
            Unreadable: it can't be read as text.
        """
        return decoded_text(self.read(file))
