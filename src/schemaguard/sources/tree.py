"""The files under check, read through one door: a folder on disk or, with `--base`, the tree of a commit."""

from __future__ import annotations

import os
import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from schemaguard.sources.problems import Problem, Unreadable
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# Folders of other people's files or machine output: not searched, but a path that names one is read.
SKIPPED = frozenset(("__pycache__", "node_modules", "bower_components", "site-packages", "venv", "target"))


class FileTree(Protocol):
    """The files of a project.

    Paths are relative to the root, with forward slashes and normalized (`db/x.sql`; `../x.sql` where a config
    points above it). `""` is the root.
    """

    def files(self, folder: str = "") -> Sequence[str]:
        """Every file below `folder`, sorted by path; skipped and hidden folders below it are left out."""

    def folder(self, folder: str = "") -> Sequence[str]:
        """Names of the files and folders directly in `folder`, sorted; none where there is no such folder."""

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there."""

    def read(self, path: str) -> bytes:
        """The file's bytes.

        Raises:
            OSError: it can't be read, is not there, or lies outside the repository.
        """

    def real(self, path: str) -> str:
        """The path of the file itself, where `path` leads to it through symbolic links."""


class DiskTree:
    """A folder on disk; what lies outside `boundary` (its git repository, else the folder) is never read."""

    def __init__(self, root: Path, boundary: Path | None = None) -> None:
        """Take the project's folder; `boundary` defaults to the repository that holds it."""
        self.root = root.resolve()
        self.boundary = (boundary or repository_of(self.root)).resolve()
        self._walked: dict[str, tuple[str, ...]] = {}
        self._folders_inside: dict[str, bool] = {}

    def files(self, folder: str = "") -> Sequence[str]:
        """Every file below `folder`, sorted by path; each folder is walked once."""
        known = self._walked.get(folder)
        if known is None:
            known = self._walked[folder] = tuple(sorted(self._walk(folder))) if self._inside(folder) else ()
        return known

    def folder(self, folder: str = "") -> Sequence[str]:
        """Names directly in `folder`, sorted."""
        if not self._inside(folder):
            return ()
        try:
            return sorted(entry.name for entry in (self.root / folder).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return ()

    def is_file(self, path: str) -> bool:
        """Whether a file is there, inside the repository."""
        return (self.root / path).is_file() and self._inside(path)

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there, inside the repository."""
        return (self.root / path).is_dir() and self._inside(path)

    def read(self, path: str) -> bytes:
        """The file's bytes; a link that leads out of the repository is refused."""
        if not self._inside(path):
            message = "it lies outside the repository"
            raise PermissionError(message)
        with open(os.path.join(self.root, path), "rb") as file:  # noqa: PTH118, PTH123 - as in `_inside`
            return file.read()

    def real(self, path: str) -> str:
        """The path of the file itself, relative to the root."""
        return normalize(os.path.relpath(os.path.realpath(self.root / path), self.root))

    def _inside(self, path: str) -> bool:
        """Whether a path leads to something inside the repository; its folder is followed once for all it holds."""
        full = os.path.join(self.root, path)  # noqa: PTH118 - asked of every file; a Path is five times the cost
        if not path or posixpath.basename(path) == ".." or os.path.islink(full):  # noqa: PTH114 - likewise
            return (self.root / path).resolve().is_relative_to(self.boundary)
        folder = posixpath.dirname(path)
        known = self._folders_inside.get(folder)
        if known is None:
            known = (self.root / folder).resolve().is_relative_to(self.boundary)
            self._folders_inside[folder] = known
        return known

    def _walk(self, folder: str) -> Iterator[str]:
        waiting = [folder]
        while waiting:
            parent = waiting.pop()
            try:
                entries = list(os.scandir(self.root / parent))
            except (
                OSError
            ):  # a folder that can't be listed; a source that names it says so when it finds nothing
                continue
            for entry in entries:
                path = f"{parent}/{entry.name}" if parent else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not is_skipped(entry.name) and not _is_environment(entry.path):
                        waiting.append(path)
                elif _is_file(entry):
                    yield path


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a file or a link to one; a link that goes in a circle is none."""
    try:
        return entry.is_file()
    except OSError:
        return False


def is_skipped(name: str) -> bool:
    """Whether a folder of this name is left out of every search."""
    return name.startswith(".") or name in SKIPPED


def _is_environment(path: str) -> bool:
    """A Python environment, whatever its name."""
    return os.path.exists(f"{path}/pyvenv.cfg")  # noqa: PTH110 - asked of every folder; a Path is five times the cost


def repository_of(folder: Path) -> Path:
    """The nearest folder upwards that holds `.git`, or `folder` itself."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def normalize(path: str) -> str:
    """A path as trees take it: forward slashes, no `.` or `x/..`; the root is `""`."""
    path = posixpath.normpath(path.replace("\\", "/"))
    return "" if path == "." else path


def join(folder: str, name: str) -> str:
    """`name` as seen from `folder`, normalized."""
    return normalize(posixpath.join(folder, name))


def parent(path: str) -> str:
    """The folder that a file or folder is in."""
    return posixpath.dirname(path)


def glob(tree: FileTree, pattern: str) -> list[str]:
    """Files that match a pattern: `*`, `?`, `[…]`, `**` (any number of folders); a plain path matches itself.

    Only the part of the tree below the pattern's fixed beginning is looked at.
    """
    pattern = normalize(pattern)
    if not is_pattern(pattern):
        return [pattern] if tree.is_file(pattern) else []
    fixed = pattern[: re.search(r"[*?[]", pattern).start()]  # type: ignore[union-attr] # it is a pattern
    matches = _compiled(pattern).fullmatch
    return [path for path in tree.files(parent(fixed)) if matches(path)]


def is_pattern(path: str) -> bool:
    """Whether a path has wildcards."""
    return any(char in path for char in "*?[")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    """A path pattern as a regular expression: `*` does not match `/`, `**/` matches any folders or none."""
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**/", at):
            parts.append("(?:[^/]+/)*")
            at += 3
            continue
        if pattern.startswith("**", at):
            parts.append(".*")
            at += 2
            continue
        close = pattern.find("]", at + 2) if char == "[" else -1
        if close > 0:
            inner = re.sub(r"([\\\[&~|])", r"\\\1", pattern[at + 1 : close])
            parts.append(f"[^{inner[1:]}]" if inner.startswith("!") else f"[{inner}]")
            at = close
        else:
            parts.append("[^/]*" if char == "*" else "[^/]" if char == "?" else re.escape(char))
        at += 1
    return re.compile("".join(parts))


def read_source(tree: FileTree, path: str) -> SourceFile:
    """The text of a file: UTF-8, with or without a byte order mark.

    Raises:
        Unreadable: no such file, no permission, not UTF-8, or bytes that no text holds.
    """
    try:
        data = tree.read(path)
    except OSError as error:
        raise unreadable(path, f"cannot be read: {error.strerror or error}") from None
    if b"\0" in data:
        raise unreadable(
            path,
            "holds NUL bytes, so it is not UTF-8 text",
            data[: data.index(b"\0")].decode(errors="replace"),
            "Save it as UTF-8 (UTF-16, as some editors write it, has NUL bytes).",
        )
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise unreadable(
            path,
            f"is not UTF-8 text: byte 0x{data[error.start]:02x} at offset {error.start}",
            data[: error.start].decode(),
            "Save it as UTF-8.",
        ) from None
    return SourceFile(path, text.removeprefix("\ufeff"))


def unreadable(path: str, why: str, before: str = "", remedy: str = "") -> Unreadable:
    """The finding that a file's text can't be had; `before` is the text up to the place that is at fault."""
    span = SourceFile(path, before).span(len(before), len(before))
    return Unreadable(Problem("file-unreadable", span, f"{path} {why}", (), remedy))
