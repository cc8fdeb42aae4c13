"""Whether a change touches the schema: whether what was read of the head would be read of the base just so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemaguard.sources.tree import FileTree

_READ = re.compile(r"\.(?:sql|py|ini|toml|cfg|conf|plan|ya?ml|json|xml|java|js|ts|sh)$", re.IGNORECASE)
"""Names of files that a source reads, or says that it does not read."""

_SEARCHED_FOR = re.compile(
    r"\.sql$|(?:^|/)(?:alembic\.ini|sqitch\.plan)$|(?:^|/)(?:migrations?|versions)/", re.IGNORECASE
)
"""Paths by which sources are found in a project that names none."""


class WatchedTree:
    """A tree that remembers what it was asked: a `FileTree`."""

    def __init__(self, tree: FileTree) -> None:
        """Take the tree that answers."""
        self.tree = tree
        self._lists: dict[tuple[str, bool], Sequence[str]] = {}
        self._tests: dict[tuple[str, bool], bool] = {}
        self._reads: dict[str, bytes | None] = {}

    def files(self, folder: str = "") -> Sequence[str]:
        """Every file below `folder`."""
        return self._lists.setdefault((folder, True), self.tree.files(folder))

    def folder(self, folder: str = "") -> Sequence[str]:
        """Names directly in `folder`."""
        return self._lists.setdefault((folder, False), self.tree.folder(folder))

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""
        return self._tests.setdefault((path, True), self.tree.is_file(path))

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there."""
        return self._tests.setdefault((path, False), self.tree.is_folder(path))

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        self._reads.setdefault(path, None)
        data = self._reads[path] = self.tree.read(path)
        return data

    def real(self, path: str) -> str:
        """The path of the file itself."""
        return self.tree.real(path)

    def reads(self, paths: Iterable[str]) -> None:
        """Also remember files that others have read of it."""
        for path in paths:
            self._reads[path] = _bytes(self.tree, path)

    @property
    def asked_for(self) -> frozenset[str]:
        """The paths of all files that were read or looked for."""
        return frozenset((*self._reads, *(path for path, _ in self._tests)))

    def edited(self, path: str, base: FileTree) -> bool:
        """Whether both sides have a file, and not the same."""
        return base.is_file(path) and self._reads.get(path) != _bytes(base, path)

    def answers_as(self, other: FileTree) -> bool:
        """Whether `other` would have answered all of it so that the same history comes of it."""
        return (
            all(_told(found, folder) == _told(_listed(other, folder, below=below), folder)
                for (folder, below), found in self._lists.items())
            and all(found == (other.is_file(path) if is_file else other.is_folder(path))
                    for (path, is_file), found in self._tests.items())
            and all(found == _bytes(other, path) for path, found in self._reads.items())
        )  # fmt: skip


def _listed(tree: FileTree, folder: str, *, below: bool) -> Sequence[str]:
    return tree.files(folder) if below else tree.folder(folder)


def _told(names: Sequence[str], folder: str) -> list[str]:
    """The names that matter: what lies somewhere in the project only where a source would be found by it."""
    wanted = _READ if folder else _SEARCHED_FOR
    return [name for name in names if wanted.search(name)]


def _bytes(tree: FileTree, path: str) -> bytes | None:
    try:
        return tree.read(path)
    except OSError:
        return None
