"""`alembic.ini` and `[tool.alembic]` of `pyproject.toml`, read as Alembic reads them."""

from __future__ import annotations

import configparser
import os
import re
import tomllib
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.problems import Unusable
from schemaguard.sources.alembic.source import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePosixPath

    from schemaguard.sources.alembic.files import ProjectFiles

_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_SPACES_OR_COMMAS = re.compile(r", *|(?: +)")
_SPACES_COMMAS_OR_COLONS = re.compile(r", *|(?: +)|\:")


class Configuration:
    """The settings of one section of an ini file, over those of `pyproject.toml`; either file may be missing."""

    def __init__(self, files: ProjectFiles, file: PurePosixPath, section: str = "alembic") -> None:
        """Read `file` (an ini or a TOML file) and the other one beside it.

        Raises:
            Unusable: neither holds settings of Alembic, or a value can't be read.
        """
        self._files = files
        self.file = file
        self.folder = file.parent
        self.section = section
        ini = file if file.suffix != ".toml" else file.with_name("alembic.ini")
        toml = file if file.suffix == ".toml" else file.with_name("pyproject.toml")
        self._ini = self._read_ini(ini)
        self._toml = self._read_toml(toml)
        if not self._ini.has_section(section) and not self._toml:
            raise Unusable(f"{file.name} has no section [{section}]")

    def _read_ini(self, file: PurePosixPath) -> configparser.ConfigParser:
        parser = configparser.ConfigParser({"here": self.folder.as_posix()})
        if self._files.is_file(file):
            try:
                parser.read_string(self._files.text(file))
            except (configparser.Error, Unreadable) as error:
                raise Unusable(f"{file.name} can't be read: {' '.join(str(error).split())}") from error
        return parser

    def _read_toml(self, file: PurePosixPath) -> Mapping[str, Any]:
        if not self._files.is_file(file):
            return {}
        try:
            data = tomllib.loads(self._files.text(file)).get("tool", {}).get("alembic", {})
        except (tomllib.TOMLDecodeError, Unreadable) as error:
            if file == self.file:
                raise Unusable(f"{file.name} can't be read: {error}") from error
            return {}
        return data if isinstance(data, dict) else {}

    def option(self, name: str) -> str | None:
        """A setting as text; `%(here)s` and other references are filled in.

        Raises:
            Unusable: a reference that can't be filled in.
        """
        try:
            value = self._ini.get(self.section, name, fallback=None)
            if value is None and isinstance(given := self._toml.get(name), str):
                value = given % {"here": self.folder.as_posix()}
        except (configparser.Error, KeyError, ValueError) as error:
            raise Unusable(f"{self.file.name}: {name}: {' '.join(str(error).split())}") from error
        return value

    def flag(self, name: str) -> bool:
        """A setting that is true or false."""
        if self._ini.has_option(self.section, name):
            return self.option(name) == "true"
        return self._toml.get(name) is True

    def items(self, section: str) -> dict[str, str]:
        """All settings of a section, for `config.get_section`; references that can't be filled in are left out."""
        found: dict[str, str] = {}
        if self._ini.has_section(section):
            for name in self._ini[section]:
                try:
                    found[name] = self._ini.get(section, name)
                except configparser.Error:
                    continue
        return found

    def sections(self) -> list[str]:
        """Sections of the ini file that have a script location: the databases of a multi-database project."""
        return [name for name in self._ini.sections() if self._ini.has_option(name, "script_location")]

    def version_locations(self) -> list[str]:
        """The `version_locations`, split by the separator that the file names, or else on spaces and commas."""
        return self._paths(
            "version_locations", _SPACES_OR_COMMAS, ("path_separator", "version_path_separator")
        )

    def prepend_sys_path(self) -> list[str]:
        """The `prepend_sys_path`, split likewise, or else on spaces, commas and colons."""
        return self._paths("prepend_sys_path", _SPACES_COMMAS_OR_COLONS, ("path_separator",))

    def _paths(self, name: str, legacy: re.Pattern[str], separators: tuple[str, ...]) -> list[str]:
        text = self._ini.get(self.section, name, fallback=None)
        if not text:
            values = self._toml.get(name)
            listed = values if isinstance(values, list) else [values] if isinstance(values, str) else []
            here = {"here": self.folder.as_posix()}
            return [str(value) % here for value in listed]
        for option in separators:
            separator = self.option(option)
            if separator is None:
                continue
            if separator not in _SEPARATORS:
                allowed = ", ".join(_SEPARATORS)
                raise Unusable(f"{self.file.name}: {option} = {separator!r} is none of {allowed}")
            return [part.strip() for part in text.split(_SEPARATORS[separator]) if part]
        return legacy.split(text)


def find_configuration(files: ProjectFiles, path: PurePosixPath, section: str) -> Configuration | None:
    """The configuration at `path`: an ini or TOML file, or a folder that has one; None if `path` is a script folder.

    Raises:
        Unusable: there is nothing of Alembic at `path`.
    """
    if files.is_file(path):
        return Configuration(files, path, section)
    names = files.names(path)
    if "alembic.ini" in names:
        return Configuration(files, path / "alembic.ini", section)
    if "pyproject.toml" in names and b"[tool.alembic" in files.read(path / "pyproject.toml"):
        return Configuration(files, path / "pyproject.toml", section)
    if any(name in ("versions", "env.py") or name.endswith(".py") for name in names):
        return None
    raise Unusable(f"{files.relative(path) or '.'} is no ini file of Alembic and no folder of revisions")
