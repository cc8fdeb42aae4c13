"""The files of the project under check, as a revision may read or import them; nothing outside its root is touched."""

from __future__ import annotations

import os
import os.path
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.source import PythonFile, Unreadable, read_python, read_text
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from schemaguard.sources.alembic.configuration import Configuration
    from schemaguard.sources.alembic.options import AlembicOptions
    from schemaguard.sources.alembic.revisions import Revision

_NEVER_OF_THE_PROJECT = frozenset(("alembic", "sqlalchemy", "alembic_utils", "typing", "__future__"))


class FoundModule:
    """A module of the project: its file, not read yet."""

    def __init__(self, project: Project, absolute: Path, *, is_package: bool) -> None:
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
    """Reads files below `root` and finds modules on the import path that Alembic would have; each file is read once."""

    def __init__(
        self,
        root: Path,
        options: AlembicOptions,
        *,
        configuration: Configuration | None = None,
        import_paths: Sequence[Path] = (),
    ) -> None:
        """Take the project's root, and the folders that its modules are imported from, first to last."""
        self.root = root
        self._real_root = Path(os.path.realpath(root))
        self.options = options
        self.configuration = configuration
        self.import_paths = list(dict.fromkeys(import_paths))
        self._files: dict[Path, PythonFile | Unreadable] = {}
        self._modules: dict[str, FoundModule | None] = {}
        self._mentions: dict[str, list[Path]] = {}
        self.revisions: dict[str, Revision] = {}
        self.naming_convention: Callable[[], Mapping[str, str] | None] = lambda: None

    # Files

    def relative(self, file: Path) -> str:
        """A path as findings name it: relative to the root, with forward slashes."""
        for base, path in ((self.root, file), (self._real_root, Path(os.path.realpath(file)))):
            if path.is_relative_to(base):
                return path.relative_to(base).as_posix()
        return file.as_posix()

    def inside(self, path: PurePath) -> Path | None:
        """The file of a path that a revision names, if it lies in the project; relative ones start at the root."""
        absolute = Path(path) if path.is_absolute() else self.root / path
        real = Path(os.path.realpath(absolute))
        return absolute if real.is_relative_to(self._real_root) else None

    def read_python(self, file: Path) -> PythonFile:
        """A Python file.

        Raises:
            Unreadable: it can't be read.
        """
        known = self._files.get(file)
        if known is None:
            try:
                known = read_python(file, self.relative(file))
            except Unreadable as error:
                known = error
            self._files[file] = known
        if isinstance(known, Unreadable):
            raise known
        return known

    def read_text(self, path: PurePath) -> SourceFile:
        """A text file that a revision reads.

        Raises:
            Unreadable: it can't be read, or lies outside the project.
        """
        file = self.inside(path)
        if file is None:
            raise Unreadable("outside the project")
        return SourceFile(self.relative(file), read_text(file))

    def is_file(self, path: PurePath) -> bool:
        """Whether a file of the project is there."""
        file = self.inside(path)
        return file is not None and file.is_file()

    def is_folder(self, path: PurePath) -> bool:
        """Whether a folder of the project is there."""
        file = self.inside(path)
        return file is not None and file.is_dir()

    def children(self, path: PurePath) -> list[PurePath]:
        """What a folder holds, by name."""
        folder = self.inside(path)
        if folder is None or not folder.is_dir():
            return []
        return [PurePosixPath(child.as_posix()) for child in sorted(folder.iterdir())]

    def glob(self, path: PurePath, pattern: str) -> list[PurePath]:
        """The files below a folder that match a pattern, by name."""
        folder = self.inside(path)
        if folder is None or not folder.is_dir():
            return []
        found = (child for child in folder.glob(pattern) if self.inside(child) is not None)
        return [PurePosixPath(child.as_posix()) for child in sorted(found)]

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
                if file.is_file() and self.inside(file) is not None:
                    return FoundModule(self, file, is_package=is_package)
        return None

    def module_name(self, file: Path) -> str | None:
        """The dotted name that a file is imported by; None if it is below no folder of the import path."""
        for folder in self.import_paths:
            if file.is_relative_to(folder):
                parts = file.relative_to(folder).with_suffix("").parts
                return ".".join(part for part in parts if part != "__init__")
        return None

    def files_mentioning(self, word: str) -> list[Path]:
        """Python files of the project that hold a word: what a decorator registers, nobody needs to import."""
        if word not in self._mentions:
            self._mentions[word] = [file for file in self._python_files() if word.encode() in _bytes(file)]
        return self._mentions[word]

    def _python_files(self) -> list[Path]:
        found: list[Path] = []
        for root, folders, names in os.walk(self.root):
            folders[:] = sorted(
                name for name in folders if not name.startswith(".") and name not in _NOT_SEARCHED
            )
            found += (Path(root, name) for name in sorted(names) if name.endswith(".py"))
            if len(found) > _MOST_FILES:
                break
        return found


_NOT_SEARCHED = frozenset(("node_modules", "site-packages", "venv", "__pycache__", "build", "dist", "target"))
_MOST_FILES = 20_000


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
