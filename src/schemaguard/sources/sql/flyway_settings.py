"""Flyway's own settings: `flyway.conf` and `flyway.toml` around the migrations say what placeholders stand for."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from schemaguard.sources.problems import Problem
from schemaguard.sources.tree import join, parent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.sources.sql.reader import Reader
    from schemaguard.text import SourceFile

_NAMES = ("flyway.conf", "conf/flyway.conf", "flyway.toml")
_PLACEHOLDER = re.compile(
    r"^\s*flyway\.placeholders\.(?P<name>[\w.-]+)\s*[=:]\s*(?P<value>.*?)\s*$", re.MULTILINE
)


def placeholders(reader: Reader, folder: str) -> dict[str, str]:
    """What the settings in a folder and those around it say of placeholders; the nearest file counts."""
    found: dict[str, str] = {}
    for file in _files(reader, folder):
        values = _of_toml(reader, file) if file.path.endswith(".toml") else _of_conf(file)
        found = {**values, **found}
    return found


def _files(reader: Reader, folder: str) -> Iterator[SourceFile]:
    here = folder
    while True:
        for name in _NAMES:
            path = join(here, name)
            if reader.tree.is_file(path) and (file := reader.file(path)) is not None:
                yield file
        if not here:
            return
        here = parent(here)


def _of_conf(file: SourceFile) -> dict[str, str]:
    return {match["name"]: match["value"] for match in _PLACEHOLDER.finditer(file.text)}


def _of_toml(reader: Reader, file: SourceFile) -> dict[str, str]:
    try:
        settings = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        message = f"{file.path} is not TOML ({error}), so its placeholders are not known"
        reader.problems.append(Problem("statement-opaque", file.line_span(1), message))
        return {}
    flyway = settings.get("flyway", {})
    values = flyway.get("placeholders", {}) if isinstance(flyway, dict) else {}
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else {}
