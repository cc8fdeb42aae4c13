"""What a run asked of the files under check, and what it was told, as digests: whether it would be told the same."""

from __future__ import annotations

from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemaguard.sources.tree import FileTree

Trace = dict[str, bytes]
"""Digests of answers by question: a letter for the method of `FileTree`, and the path."""

_DIGEST_BYTES = 16


class TracedTree:
    """A `FileTree` that remembers every question with a digest of its answer."""

    def __init__(self, tree: FileTree) -> None:
        """Take the tree that answers."""
        self.tree = tree
        self.trace: Trace = {}

    def files(self, folder: str = "") -> Sequence[str]:
        """Every file below `folder`."""
        found = self.tree.files(folder)
        self.trace[f"a{folder}"] = _of_names(found)
        return found

    def folder(self, folder: str = "") -> Sequence[str]:
        """Names directly in `folder`."""
        found = self.tree.folder(folder)
        self.trace[f"n{folder}"] = _of_names(found)
        return found

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""
        found = self.tree.is_file(path)
        self.trace[f"f{path}"] = _of_bool(found)
        return found

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there."""
        found = self.tree.is_folder(path)
        self.trace[f"d{path}"] = _of_bool(found)
        return found

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        try:
            data = self.tree.read(path)
        except OSError as error:
            self.trace[f"r{path}"] = _of_error(error)
            raise
        self.trace[f"r{path}"] = _digest(data)
        return data

    def real(self, path: str) -> str:
        """The path of the file itself."""
        found = self.tree.real(path)
        self.trace[f"l{path}"] = _digest(found.encode(errors="surrogateescape"))
        return found


def would_answer(tree: FileTree, trace: Trace) -> bool:
    """Whether a tree answers every question of a trace as it was answered then."""
    again = TracedTree(tree)
    ask: dict[str, Callable[[str], object]] = {
        "a": again.files,
        "n": again.folder,
        "f": again.is_file,
        "d": again.is_folder,
        "r": again.read,
        "l": again.real,
    }
    for question, answer in trace.items():
        with suppress(OSError):  # its digest is in the trace as well
            ask[question[0]](question[1:])
        if again.trace[question] != answer:
            return False
    return True


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST_BYTES).digest()


def _of_names(names: Sequence[str]) -> bytes:
    return _digest("\0".join(names).encode(errors="surrogateescape"))


def _of_bool(found: bool) -> bytes:
    return b"\1" if found else b"\0"


def _of_error(error: OSError) -> bytes:
    return f"!{error.strerror or error}".encode(errors="surrogateescape")
