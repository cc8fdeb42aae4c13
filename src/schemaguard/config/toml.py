"""`[tool.schemaguard]` of a pyproject.toml.

Python's TOML reader gives no positions. They are found by a second look at the lines: a header, or a key that
begins a line, is where its value stands; what an inline table or array holds stands where that begins.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from schemaguard.config.document import Entries, Items, Node, Value
from schemaguard.config.errors import ConfigError

if TYPE_CHECKING:
    from schemaguard.text import SourceFile, Span

TABLE = ("tool", "schemaguard")

_Path = tuple[str | int, ...]
_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_LINE = re.compile(
    rf"^[ \t]*(?:(?P<open>\[\[?)[ \t]*(?P<header>{_DOTTED})[ \t]*\]|(?P<key>{_DOTTED})[ \t]*=)", re.MULTILINE
)


def read_pyproject(file: SourceFile) -> Node | None:
    """The table `[tool.schemaguard]`, None where there is none.

    Raises:
        ConfigError: the file is not TOML.
    """
    if "schemaguard" not in file.text:
        return None
    import tomllib

    try:
        content: Any = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (file.text.count("\n") + 1, 1)
        message = re.sub(r" \(at .*\)$", "", str(error))
        raise ConfigError(f"this is not TOML: {message}", file.path, line, column) from None
    except RecursionError:
        raise ConfigError("this is nested too deeply for a config", file.path, 1, 1) from None
    for name in TABLE:
        content = content.get(name) if isinstance(content, dict) else None
    if content is None:
        return None
    places = _places(file)
    return _node(content, TABLE, places, places.get(TABLE, file.span(0, 0)))


def _node(content: Any, path: _Path, places: dict[_Path, Span], outer: Span) -> Node:  # noqa: ANN401 - TOML
    span = places.get(path, outer)
    if isinstance(content, dict):
        entries = {
            key: (_node(child, (*path, key), places, span), places.get((*path, key), span))
            for key, child in content.items()
        }
        return Entries(entries, span)
    if isinstance(content, list):
        return Items([_node(item, (*path, index), places, span) for index, item in enumerate(content)], span)
    return Value(content if isinstance(content, str) else str(content), content, span)


def _places(file: SourceFile) -> dict[_Path, Span]:
    """Where each table and key stands that begins a line."""
    places: dict[_Path, Span] = {}
    counts: dict[_Path, int] = {}
    table: _Path = ()
    for found in _LINE.finditer(file.text):
        names = _names(found["header"] or found["key"])
        if found["open"] is None:
            places.setdefault((*table, *names), file.span(*found.span("key")))
            continue
        table = _indexed(names[:-1], counts)
        table = (*table, names[-1])
        if found["open"] == "[[":
            counts[table] = counts.get(table, -1) + 1
            table = (*table, counts[table])
        places.setdefault(table, file.span(*found.span("header")))
    return places


def _indexed(names: _Path, counts: dict[_Path, int]) -> _Path:
    """A header's path with the number of the last element of each array of tables on the way."""
    path: _Path = ()
    for name in names:
        path = (*path, name)
        if path in counts:
            path = (*path, counts[path])
    return path


def _names(dotted: str) -> _Path:
    return tuple(name.strip("\"'") for name in re.findall(_KEY, dotted))
