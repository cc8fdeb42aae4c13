"""The files of a commit, as `git ls-tree` lists them: a `FileTree` of which nothing is on disk."""

from __future__ import annotations

import os
import posixpath
from functools import cached_property
from typing import TYPE_CHECKING

from schemaguard.sources.tree import is_skipped, join, normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LINK = "120000"
_SUBMODULE = "160000"
_MOST_LINKS = 40  # as Linux has it

_CIRCLE = "\0"
"""Where links that go in a circle lead: no file has this name."""

_OUTSIDE = "it lies outside the repository"


class GitTree:
    """A folder of a commit's tree. Symbolic links are followed inside the repository, as a checkout would."""

    def __init__(self, listing: bytes, prefix: str, content: Callable[[str], bytes]) -> None:
        """Take what `git ls-tree -r -z` says, the project's folder, and what reads a blob by its id."""
        self.prefix = prefix
        self._content = content
        self._blobs: dict[str, str] = {}
        self._links: dict[str, str] = {}
        self._submodules: set[str] = set()
        for line in listing.split(b"\0"):
            if not line:
                continue
            mode, _, rest = os.fsdecode(line).partition(" ")
            (_, _, name), path = rest.partition("\t")[0].partition(" "), rest.partition("\t")[2]
            if mode == _SUBMODULE:
                self._submodules.add(path)
            elif mode == _LINK:
                self._links[path] = name
            else:
                self._blobs[path] = name

    @cached_property
    def _folders(self) -> dict[str, dict[str, str]]:
        """What is directly in each folder: names, each with its path."""
        found: dict[str, dict[str, str]] = {"": {}}
        for path in (*self._blobs, *self._links, *self._submodules):
            child = path
            while True:
                parent = posixpath.dirname(child)
                known = parent in found
                found.setdefault(parent, {})[posixpath.basename(child)] = child
                if known:
                    break
                child = parent
        return found

    # FileTree

    def files(self, folder: str = "") -> Sequence[str]:
        """Every file below `folder`, sorted by path."""
        top = self._resolved(folder)
        if top is None or top not in self._folders:
            return ()
        found: list[str] = []
        waiting = [(top, normalize(folder))]
        while waiting:
            real, shown = waiting.pop()
            names = self._folders[real]
            if real != top and "pyvenv.cfg" in names:
                continue  # a Python environment, whatever its name
            for name, path in names.items():
                here = f"{shown}/{name}" if shown else name
                if path in self._folders:
                    if not is_skipped(name):
                        waiting.append((path, here))
                elif (leads_to := self._resolved(here)) is None or leads_to in self._blobs:
                    found.append(here)  # None: out of the repository, which whoever reads it is told
        return sorted(found)

    def folder(self, folder: str = "") -> Sequence[str]:
        """Names directly in `folder`, sorted."""
        real = self._resolved(folder)
        return () if real is None else sorted(self._folders.get(real, ()))

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""
        return self._resolved(path) in self._blobs

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there."""
        return self._resolved(path) in self._folders

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        real = self._resolved(path)
        if real is None:
            raise PermissionError(_OUTSIDE)
        if real in self._submodules:
            message = "it lies in a submodule, whose files git keeps elsewhere: compare two folders, with --base-dir"
            raise PermissionError(message)
        if real not in self._blobs:
            raise FileNotFoundError(2, "No such file or directory")
        return self._content(self._blobs[real])

    def real(self, path: str) -> str:
        """The path of the file itself, relative to the project."""
        return normalize(posixpath.relpath(f"/{self._resolved(path) or path}", f"/{self.prefix}"))

    # Paths

    def _resolved(self, path: str) -> str | None:
        """A path of the project as one of the repository, links followed; None where it leads out of it."""
        whole = join(self.prefix, path)
        if not self._links and not self._submodules:
            return None if whole.startswith("..") else whole
        done = ""
        waiting = whole.split("/") if whole else []
        for _ in range(_MOST_LINKS):
            while waiting:
                done = normalize(f"{done}/{waiting.pop(0)}" if done else waiting.pop(0))
                if done.startswith(".."):
                    return None
                if done in self._submodules:
                    return done
                if done in self._links:
                    break
            else:
                return done
            target = os.fsdecode(self._content(self._links[done]))
            if target.startswith("/"):
                return None
            aim = join(posixpath.dirname(done), target)
            done, waiting = "", [*(aim.split("/") if aim else []), *waiting]
        return _CIRCLE
