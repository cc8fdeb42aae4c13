"""The order of files that tells the order of a history: numbers as numbers, then names."""

from __future__ import annotations

import posixpath
import re

_Key = tuple[tuple[tuple[int, ...], str], ...]
_LAST = (1 << 200,)  # names without a number come after those with one


def by_number(path: str) -> _Key:
    """Sort key of a path: each folder and the file by its leading number (`2`, `1.10`, `2024-01-31`), then by name."""
    return tuple((leading_number(part) or _LAST, part) for part in path.split("/"))


def leading_number(name: str) -> tuple[int, ...]:
    """The number a name begins with, in its parts; empty where it begins with none."""
    found = re.match(r"[vV]?(\d+(?:[.-]\d+)*)", name)
    return tuple(map(int, re.split(r"[.-]", found[1]))) if found else ()


def stem(path: str) -> str:
    """A file's name without folder and extension."""
    return posixpath.basename(path).removesuffix(".sql")
