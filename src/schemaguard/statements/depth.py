"""How deep a parsed tree may be: what reads it afterwards calls itself for each level, and Python's stack ends."""

from __future__ import annotations

from typing import Any

import orjson

# Levels of JSON; an operator or function call within another takes two or three. PostgreSQL itself goes on to a few
# thousand. Python stops at 1,000 calls, of which a reader of trees needs one or two a level.
DEEPEST = 400
TOO_DEEP = "nested too deeply to be checked"

_LEAST_LEVEL = len('{"a":[]}')

_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"{}[]")


class TooDeep(Exception):  # noqa: N818 - named for what the statement is
    """A statement is nested deeper than `DEEPEST`."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(TOO_DEEP)


def loads(json: str) -> Any:  # noqa: ANN401 - JSON
    """Read libpg_query's JSON.

    Raises:
        TooDeep: it is nested deeper than `DEEPEST`.
    """
    try:
        tree = orjson.loads(json)
    except ValueError:  # orjson goes 1,024 levels down
        raise TooDeep from None
    if _may_be_deep(json) and _is_deep(tree):
        raise TooDeep
    return tree


def _may_be_deep(json: str) -> bool:
    """Whether a text can be deeper, judged by its brackets alone, level by level from the inside.

    Each round takes away one level or two. What brackets inside strings keep from going away counts as levels.
    """
    if len(json) < DEEPEST * _LEAST_LEVEL:
        return False
    brackets = json.encode().translate(None, _NOT_BRACKETS)
    for rounds in range(DEEPEST // 2):
        if len(brackets) <= DEEPEST - 2 * rounds:
            return False
        fewer = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    return True


def _is_deep(tree: object) -> bool:
    """Whether a tree is deeper, level by level from the top."""
    level = [tree]
    for _ in range(DEEPEST):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True
