"""The files of the project under check, as a revision may read or import them; nothing outside its root is touched."""

from __future__ import annotations

from itertools import islice
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.files import ROOT, ProjectFiles
from schemaguard.sources.alembic.source import PythonFile, Unreadable
from schemaguard.sources.tree import glob, join
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from schemaguard.sources.alembic.configuration import Configuration
    from schemaguard.sources.alembic.options import AlembicOptions
    from schemaguard.sources.alembic.revisions import Revision

_NEVER_OF_THE_PROJECT = frozenset(
    ("alembic", "sqlalchemy", "alembic_utils", "django", "typing", "__future__")
)


class FoundModule:
    """A module of the project: its file, not read yet."""

    def __init__(self, project: Project, absolute: PurePosixPath, *, is_package: bool) -> None:
        """Take the file."""
        self._project = project
        self.absolute = absolute
        self.is_package = is_package

    @property
    def path(self) -> str:
        """The file's path as findings name it."""
        return self._project.relative(self.absolute)

    def read(self) -> PythonFile:
        """The file.

        Raises:
            Unreadable: it can't be read.
        """
        return self._project.read_python(self.absolute)


class Project:
    """Reads the files of a tree and finds modules on the import path that Alembic would have; each is read once."""

    def __init__(
        self,
        files: ProjectFiles,
        options: AlembicOptions,
        *,
        configuration: Configuration | None = None,
        import_paths: Sequence[PurePosixPath] = (),
    ) -> None:
        """Take the project's files, and the folders that its modules are imported from, first to last."""
        self.root = ROOT
        self.files = files
        self.options = options
        self.configuration = configuration
        self.import_paths = list(dict.fromkeys(import_paths))
        self._read: dict[PurePosixPath, PythonFile | Unreadable] = {}
        self._modules: dict[str, FoundModule | None] = {}
        self._mentions: dict[str, list[PurePosixPath]] = {}
        self.revisions: dict[str, Revision] = {}
        self.naming_convention: Callable[[], Mapping[str, str] | None] = lambda: None

    # Files

    def relative(self, file: PurePath) -> str:
        """A path as findings name it: relative to the root, with forward slashes."""
        return self.files.relative(file)

    def read_python(self, file: PurePosixPath) -> PythonFile:
        """A Python file.

        Raises:
            Unreadable: it can't be read.
        """
        known = self._read.get(file)
        if known is None:
            try:
                known = self.files.python(file)
            except Unreadable as error:
                known = error
            self._read[file] = known
        if isinstance(known, Unreadable):
            raise known
        return known

    def read_text(self, path: PurePath) -> SourceFile:
        """A text file that a revision reads.

        Raises:
            Unreadable: it can't be read, or lies outside the project.
        """
        return SourceFile(self.relative(path), self.files.text(path))

    def is_file(self, path: PurePath) -> bool:
        """Whether a file of the project is there."""
        return self.files.is_file(path)

    def is_folder(self, path: PurePath) -> bool:
        """Whether a folder of the project is there."""
        return self.files.is_folder(path)

    def children(self, path: PurePath) -> list[PurePath]:
        """What a folder holds, by name."""
        return [PurePosixPath(path) / name for name in self.files.names(path)]

    def glob(self, path: PurePath, pattern: str) -> list[PurePath]:
        """The files below a folder that match a pattern, by name."""
        return [ROOT / found for found in glob(self.files.tree, join(self.relative(path), pattern))]

    def section(self, name: str) -> dict[str, str]:
        """The settings of a section of the ini file."""
        return {} if self.configuration is None else self.configuration.items(name)

    # Modules

    def find_module(self, name: str) -> FoundModule | None:
        """The module of the project with that dotted name; None if it is from elsewhere."""
        if name not in self._modules:
            self._modules[name] = self._search(name)
        return self._modules[name]

    def _search(self, name: str) -> FoundModule | None:
        parts = name.split(".")
        if parts[0] in _NEVER_OF_THE_PROJECT or not all(parts):
            return None
        for folder in self.import_paths:
            base = folder.joinpath(*parts)
            for file, is_package in (
                (base / "__init__.py", True),
                (base.with_name(f"{base.name}.py"), False),
            ):
                if self.files.is_file(file):
                    return FoundModule(self, file, is_package=is_package)
        return None

    def module_name(self, file: PurePosixPath) -> str | None:
        """The dotted name that a file is imported by; None if it is below no folder of the import path."""
        for folder in self.import_paths:
            if file.is_relative_to(folder):
                parts = file.relative_to(folder).with_suffix("").parts
                return ".".join(part for part in parts if part != "__init__")
        return None

    def files_mentioning(self, word: str) -> list[PurePosixPath]:
        """Python files of the project that hold a word: what a decorator registers, nobody needs to import."""
        if word not in self._mentions:
            self._mentions[word] = [
                file for file in self._python_files() if word.encode() in self._bytes(file)
            ]
        return self._mentions[word]

    def _python_files(self) -> list[PurePosixPath]:
        found = (
            file
            for file in self.files.below(ROOT)
            if file.suffix == ".py" and _NOT_SEARCHED.isdisjoint(file.relative_to(ROOT).parts)
        )
        return list(islice(found, _MOST_FILES))

    def _bytes(self, file: PurePosixPath) -> bytes:
        try:
            return self.files.read(file)
        except Unreadable:
            return b""


_NOT_SEARCHED = frozenset(("build", "dist"))
"""Copies of what is searched, beside the folders that no tree looks into."""

_MOST_FILES = 20_000
