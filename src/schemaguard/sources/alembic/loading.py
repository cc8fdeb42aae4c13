"""From an Alembic project to its migrations in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.alembic.configuration import Configuration, find_configuration
from schemaguard.sources.alembic.graph import Graph
from schemaguard.sources.alembic.migration import AlembicMigration
from schemaguard.sources.alembic.options import AlembicOptions
from schemaguard.sources.alembic.problems import GRAPH_BROKEN, Problem, Unusable
from schemaguard.sources.alembic.project import Project
from schemaguard.sources.alembic.revisions import read_revisions, revision_files
from schemaguard.sources.alembic.source import Unreadable, read_text
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from schemaguard.text import Span


class AlembicSource(NamedTuple):
    """What an Alembic project comes to: its migrations in order, what is wrong with it, and the files it was read from."""

    migrations: list[AlembicMigration]
    problems: list[Problem]
    folders: list[Path]


def load(
    root: Path,
    path: Path,
    options: AlembicOptions | None = None,
    *,
    origin: str = "",
    role: str = "postgres",
) -> AlembicSource:
    """Read the Alembic project at `path`: its ini file, a `pyproject.toml`, or a folder that has one or is a script folder.

    `root` is the project under check; findings name files relative to it, and nothing outside of it is read.

    Raises:
        Unusable: there is no Alembic project at `path`, or its configuration can't be used.
    """
    options = options or AlembicOptions()
    configuration = find_configuration(path, options.section)
    scripts = _script_folder(root, path, configuration)
    problems: list[Problem] = []
    folders = _version_folders(root, scripts, configuration, problems)
    paths = _import_paths(root, scripts, configuration)
    project = Project(root, options, configuration=configuration, import_paths=paths)
    recursive = configuration is not None and configuration.flag("recursive_version_locations")
    revisions, unread = read_revisions(project, revision_files(folders, recursive=recursive))
    graph = Graph(revisions)
    first = _declaration(root, project, configuration, path)
    ordered = graph.order()
    migrations = [
        AlembicMigration(
            revision,
            project,
            origin=origin or project.relative(configuration.file if configuration else scripts),
            role=role,
            first=(first or revision.span()) if position == 0 else None,
        )
        for position, revision in enumerate(ordered)
    ]
    return AlembicSource(migrations, [*problems, *unread, *graph.check()], folders)


def _script_folder(root: Path, path: Path, configuration: Configuration | None) -> Path:
    """The folder that holds `env.py`.

    Raises:
        Unusable: it is not configured, or not there.
    """
    if configuration is None:
        return path
    location = configuration.option("script_location")
    if not location:
        raise Unusable(
            f"{configuration.file.name} has no script_location in section [{configuration.section}]"
        )
    folder = _located(root, configuration, location)
    if folder is None:
        raise Unusable(f"{configuration.file.name}: script_location {location} does not exist")
    return folder


def _located(root: Path, configuration: Configuration, location: str) -> Path | None:
    """The folder that a location names: a path, or `package:folder` looked up on the import path."""
    bases = [configuration.folder, root]
    if ":" in location and not location.startswith("/"):
        package, *folders = location.split(":")
        bases = [*(base / extra for base in bases for extra in configuration.prepend_sys_path()), *bases]
        bases += [base / "src" for base in bases]
        location = "/".join([package.replace(".", "/"), *folders])
    for base in bases:
        folder = base / location
        if folder.is_dir():
            return folder
    return None


def _version_folders(
    root: Path, scripts: Path, configuration: Configuration | None, problems: list[Problem]
) -> list[Path]:
    locations = [] if configuration is None else configuration.version_locations()
    if not locations or configuration is None:
        return [scripts / "versions"]
    folders: list[Path] = []
    for location in locations:
        folder = _located(root, configuration, location)
        if folder is not None:
            folders.append(folder)
            continue
        span = _setting_span(root, configuration, "version_locations")
        message = f"version location {location} does not exist, so none of its revisions is read"
        problems.append(Problem(GRAPH_BROKEN, span, message, (), f"version location {location}"))
    return folders


def _import_paths(root: Path, scripts: Path, configuration: Configuration | None) -> Sequence[Path]:
    """Where the project's modules are imported from: as configured, else where projects keep them."""
    paths: list[Path] = []
    if configuration is not None:
        paths += [configuration.folder / entry for entry in configuration.prepend_sys_path()]
        paths += [configuration.folder, configuration.folder / "src"]
    return [*paths, root, root / "src", scripts.parent, scripts]


def _declaration(
    root: Path, project: Project, configuration: Configuration | None, path: Path
) -> Span | None:
    """The line of the ini file that makes the source one of Alembic: what the version table is blamed on."""
    del project, path
    return None if configuration is None else _setting_span(root, configuration, "script_location")


def _setting_span(root: Path, configuration: Configuration, name: str) -> Span:
    """Where a setting is written in the configuration's file."""
    file = configuration.file
    try:
        text = read_text(file)
    except Unreadable:
        text = ""
    path = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
    source = SourceFile(path, text)
    for number in range(1, len(source.line_starts) + 1):
        if source.line(number).split("=")[0].strip() == name:
            return source.line_span(number)
    return source.line_span(1)
