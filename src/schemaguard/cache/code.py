"""Which code answers: schemaguard's own, the rules' and what they stand on; another one may answer otherwise."""

from __future__ import annotations

import os
import sys
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from schemaguard import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable


def fingerprint(rule_files: Iterable[str]) -> str:
    """A digest of the versions and of the dates and sizes of all files of code; `rule_files`: paths of rules.

    Dates and sizes, not contents: an installation is replaced as a whole, and who edits a checkout changes dates.
    """
    digest = blake2b(f"{__version__} {sys.version}".encode(), digest_size=20)
    folders = {os.path.dirname(path) for path in rule_files}  # noqa: PTH120 - of a hundred files
    for folder in sorted({*_packages(Path(__file__).parent.parent), *folders}):
        digest.update(folder.encode(errors="surrogateescape"))
        for name, changed, size in _files(folder):
            digest.update(f"\0{name}\0{changed}\0{size}".encode(errors="surrogateescape"))
    for folder in sys.path:
        for name in _distributions(folder):
            digest.update(name.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _packages(top: Path) -> Iterable[str]:
    waiting = [str(top)]
    while waiting:
        folder = waiting.pop()
        yield folder
        with os.scandir(folder) as entries:
            waiting += [each.path for each in entries if each.name != "__pycache__" and each.is_dir()]


def _files(folder: str) -> list[tuple[str, int, int]]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file():
                status = entry.stat()
                found.append((entry.name, status.st_mtime_ns, status.st_size))
    return sorted(found)


def _distributions(folder: str) -> list[str]:
    """The installed distributions, by the names of their metadata, which hold the version."""
    try:
        names = os.listdir(folder or os.curdir)  # noqa: PTH208 - most of a run's start is such folders
    except OSError:  # no folder: an archive, or an entry of the path that is not there
        return []
    return sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))
