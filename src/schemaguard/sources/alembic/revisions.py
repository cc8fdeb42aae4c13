"""Revision files: which ones there are, and the identifiers that each assigns, by reading alone."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.alembic.problems import GRAPH_BROKEN, UNPARSED, UNREADABLE, Problem
from schemaguard.sources.alembic.source import NotPython, Unreadable
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import PurePosixPath

    from schemaguard.sources.alembic.files import ProjectFiles
    from schemaguard.sources.alembic.project import Project
    from schemaguard.sources.alembic.source import PythonFile
    from schemaguard.text import Span

_REVISION_FILE = re.compile(r"(?!\.\#|__init__)(.*\.py)$")
_LEGACY_NAME = re.compile(r"([a-f0-9]+)\.py$")
_IDENTIFIERS = ("revision", "down_revision", "branch_labels", "depends_on", "replaces")


class Revision(NamedTuple):
    """A revision file and what it says of itself; `spans` holds the place of each identifier's value."""

    id: str
    down: tuple[str, ...]
    labels: tuple[str, ...]
    depends_on: tuple[str, ...]
    replaces: tuple[str, ...]
    file: PythonFile
    absolute: PurePosixPath
    spans: dict[str, Span]

    def span(self, identifier: str = "revision") -> Span:
        """Where an identifier is given, or the file's first line."""
        return self.spans.get(identifier) or self.file.line_span(1)

    @property
    def title(self) -> str:
        """The first paragraph of the docstring."""
        return " ".join((ast.get_docstring(self.file.tree) or "").split("\n\n")[0].split())


def revision_files(
    files: ProjectFiles, folders: Sequence[PurePosixPath], *, recursive: bool
) -> list[PurePosixPath]:
    """The files that may be revisions, as Alembic lists them: by folder, by name, each file once."""
    found: dict[str, PurePosixPath] = {}
    for folder in folders:
        listed = files.below(folder) if recursive else [folder / name for name in files.names(folder)]
        for file in listed:
            if _REVISION_FILE.match(file.name):
                found.setdefault(files.tree.real(files.relative(file)), file)
    return list(found.values())


def read_revisions(project: Project, files: Sequence[PurePosixPath]) -> tuple[list[Revision], list[Problem]]:
    """Read the files; one that can't be read or has no identifiers is a problem, and the rest is still read."""
    revisions: list[Revision] = []
    problems: list[Problem] = []
    for path in files:
        try:
            file = project.read_python(path)
        except Unreadable as error:
            nothing = SourceFile(project.relative(path), "").span(0, 0)
            problems.append(
                Problem(UNREADABLE, nothing, f"the file can't be read: {error}", object=nothing.path)
            )
            continue
        try:
            revision = _read(file, path, problems)
        except NotPython as error:
            start = min(
                file.line_starts[min(error.line, len(file.line_starts)) - 1] + error.column - 1,
                len(file.text),
            )
            span = file.span(start, min(start + 1, len(file.text)))
            mend = "Mend the file: Alembic can't load it either, nor any revision beside it."
            message = f"not Python: {error.message}"
            problems.append(Problem(UNPARSED, span, message, help=mend, object=file.path))
            continue
        if revision is not None:
            revisions.append(revision)
    return revisions, problems


def _read(file: PythonFile, path: PurePosixPath, problems: list[Problem]) -> Revision | None:
    values: dict[str, object] = {}
    spans: dict[str, Span] = {}
    for name, node in _assignments(file.tree.body):
        if name not in _IDENTIFIERS:
            continue
        spans[name] = file.node_span(node)
        try:
            values[name] = ast.literal_eval(node)
        except ValueError:
            message = f"`{name}` is not a literal: the revision graph can't be read without running the file"
            problems.append(Problem(GRAPH_BROKEN, spans[name], message, (), object=file.path))
            values[name] = None
    identifier = values.get("revision")
    if "revision" not in values:
        legacy = _LEGACY_NAME.match(path.name)
        if legacy is None:
            message = "the file assigns no `revision`: Alembic would refuse to load it"
            problems.append(Problem(GRAPH_BROKEN, file.line_span(1), message, (), object=file.path))
            return None
        identifier = legacy[1]
    if not isinstance(identifier, str):
        if identifier is not None:
            message = f"`revision` is {identifier!r}, not a string"
            problems.append(Problem(GRAPH_BROKEN, spans["revision"], message, (), object=file.path))
        return None
    if "down_revision" not in values:
        message = "the file assigns no `down_revision`: Alembic would refuse to load it"
        problems.append(
            Problem(GRAPH_BROKEN, file.line_span(1), message, (), object=f"revision {identifier}")
        )
    names = {name: _names(values.get(name)) for name in _IDENTIFIERS[1:]}
    return Revision(
        identifier, names["down_revision"], names["branch_labels"], names["depends_on"], names["replaces"],
        file, path, spans,
    )  # fmt: skip


def _assignments(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Names assigned at the top level of a file, with the expression; the last assignment of a name counts."""
    for statement in body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name):
                        yield target.id, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (tuple, list)):
        return tuple(str(item) for item in value)
    if isinstance(value, (set, frozenset)):
        return tuple(sorted(str(item) for item in value))
    return ()
