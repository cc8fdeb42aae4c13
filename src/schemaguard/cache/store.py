"""A folder of entries, each a file: written whole or not at all, checked when read, bounded, and never executed."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAGIC = b"schemaguard cache 1\n"
SUFFIX = ".answer"
MOST_BYTES = 200_000_000
MOST_ENTRIES = 500
_CHECKSUM_BYTES = 16
_ABANDONED_SECONDS = 3600
"""A half-written file of this age has no writer any more."""


class Store:
    """Entries by name, in one folder that several runs may use at once."""

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        """Take the folder, which is made when the first entry is written, and what tells the user of trouble."""
        self.folder = folder
        self._tell = tell

    def get(self, name: str) -> bytes | None:
        """What was put under a name; None where there is nothing, or nothing that can be trusted."""
        path = self.folder / f"{name}{SUFFIX}"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._tell(f"the cache entry {path} cannot be read ({error.strerror}): it is ignored")
            return None
        start = len(MAGIC) + _CHECKSUM_BYTES
        content = data[start:]
        if not data.startswith(MAGIC) or data[len(MAGIC) : start] != _checksum(content):
            self._tell(f"the cache entry {path} is damaged or not schemaguard's: it is ignored")
            return None
        with suppress(OSError):  # a cache that is only read serves as well
            os.utime(path)  # what is used is pruned last
        return content

    def put(self, name: str, content: bytes) -> None:
        """Keep `content` under a name, in place of what was there; a reader sees the one or the other."""
        path = self.folder / f"{name}{SUFFIX}"
        unfinished = self.folder / f"{name}.{os.getpid()}.{time.monotonic_ns()}.tmp"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                unfinished.write_bytes(MAGIC + _checksum(content) + content)
                os.replace(unfinished, path)  # noqa: PTH105 - atomic, and named so
            finally:
                unfinished.unlink(missing_ok=True)
            self._prune(path)
        except OSError as error:
            self._tell(f"the cache in {self.folder} cannot be written: {error.strerror}")

    def _prune(self, newest: Path) -> None:
        """Remove the entries that were used longest ago, until the rest is within bounds."""
        entries: list[tuple[float, int, str]] = []
        now = time.time()
        with os.scandir(self.folder) as found:
            for entry in found:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # another run was quicker
                    continue
                if entry.name.endswith(SUFFIX) and entry.path != str(newest):
                    entries.append((status.st_mtime, status.st_size, entry.path))
                elif entry.name.endswith(".tmp") and now - status.st_mtime > _ABANDONED_SECONDS:
                    _remove(entry.path)
        left, size = len(entries) + 1, sum(size for _, size, _ in entries) + newest.stat().st_size
        for _, bytes_, path in sorted(entries):
            if left <= MOST_ENTRIES and size <= MOST_BYTES:
                return
            _remove(path)
            left, size = left - 1, size - bytes_


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):  # another run was quicker
        os.unlink(path)  # noqa: PTH108 - it comes from scandir


def _checksum(content: bytes) -> bytes:
    return blake2b(content, digest_size=_CHECKSUM_BYTES).digest()
