"""LIKE and regular expressions."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=512)
def _like_pattern(pattern: str, *, fold: bool, escape: str = "\\") -> re.Pattern[str]:
    parts = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if escape and char == escape and at + 1 < len(pattern):
            at += 1
            parts.append(re.escape(pattern[at]))
        else:
            parts.append({"%": ".*", "_": "."}.get(char) or re.escape(char))
        at += 1
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if fold else 0))


def like(text: str, pattern: str, *, fold: bool = False, escape: str = "\\") -> bool:
    """LIKE, with `fold` ILIKE."""
    return _like_pattern(pattern, fold=fold, escape=escape).fullmatch(text) is not None


_CLASSES = {
    "[:alpha:]": "a-zA-Z", "[:digit:]": "0-9", "[:alnum:]": "a-zA-Z0-9", "[:space:]": r"\s", "[:upper:]": "A-Z",
    "[:lower:]": "a-z", "[:punct:]": r"!-/:-@\[-`{-~", "[:xdigit:]": "0-9a-fA-F", "[:word:]": r"\w",
}  # fmt: skip


@lru_cache(maxsize=512)
def regular_expression(pattern: str, flags: str = "") -> re.Pattern[str] | None:
    """An advanced regular expression as Python's; None for one that does not carry over."""
    for name, characters in _CLASSES.items():
        pattern = pattern.replace(name, characters)
    pattern = re.sub(r"\\[my<>]|\[\[:[<>]:\]\]", lambda _match: r"\b", pattern)
    pattern = re.sub(r"(?<!\\)\\A", r"\\A", pattern).replace(r"\Y", r"\B").replace(r"\M", r"\b")
    options = re.IGNORECASE if "i" in flags else re.NOFLAG
    options |= re.MULTILINE if "n" in flags or "m" in flags else re.DOTALL
    try:
        return re.compile(pattern, options)
    except re.error:
        return None
