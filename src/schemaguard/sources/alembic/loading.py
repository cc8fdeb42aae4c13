"""From an Alembic project to its migrations in order."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.alembic.configuration import Configuration, find_configuration
from schemaguard.sources.alembic.files import ROOT, ProjectFiles
from schemaguard.sources.alembic.graph import Graph
from schemaguard.sources.alembic.migration import AlembicMigration
from schemaguard.sources.alembic.options import AlembicOptions
from schemaguard.sources.alembic.problems import GRAPH_BROKEN, Problem, Unusable
from schemaguard.sources.alembic.project import Project
from schemaguard.sources.alembic.revisions import read_revisions, revision_files
from schemaguard.sources.alembic.runtime import Runtime
from schemaguard.sources.alembic.source import Unreadable
from schemaguard.sources.sql.selection import OURS
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.sources.tree import FileTree
    from schemaguard.text import Span


class AlembicSource(NamedTuple):
    """What an Alembic project comes to: its migrations in order, what is wrong with it, where its revisions are.

    `swapped`: the same migrations with unmerged branches the other way round, and `heads` the ends of those; both are
    empty where there is one head.
    """

    migrations: list[AlembicMigration]
    problems: list[Problem]
    folders: list[PurePosixPath]
    swapped: list[AlembicMigration]
    heads: list[tuple[str, Span]]


def load(
    tree: FileTree,
    path: str,
    options: AlembicOptions | None = None,
    *,
    origin: str = "",
    role: str = "postgres",
) -> AlembicSource:
    """Read an Alembic project.

    `path`: its ini file, a `pyproject.toml`, a folder that has one, a script folder, or a folder of revisions,
    as `tree` names it; nothing outside of the tree is read.

    Raises:
        Unusable: there is no Alembic project at `path`, it has no revision, or its configuration can't be used.
    """
    options = options or AlembicOptions()
    files = ProjectFiles(tree)
    place = ROOT / path
    configuration = find_configuration(files, place, options.section)
    scripts = _script_folder(files, place, configuration)
    problems: list[Problem] = []
    folders = _version_folders(files, scripts, place, configuration, problems)
    paths = _import_paths(files, scripts, configuration)
    project = Project(files, options, configuration=configuration, import_paths=paths)
    recursive = configuration is not None and configuration.flag("recursive_version_locations")
    revisions, unread = read_revisions(project, revision_files(files, folders, recursive=recursive))
    if not revisions and not unread and not problems:
        raise Unusable(f"there is no revision in {', '.join(map(project.relative, folders))}")
    graph = Graph(revisions)
    project.revisions = graph.revisions
    runtime = Runtime(project, scripts)
    origin = origin or project.relative(configuration.file if configuration else place)
    migrations = [AlembicMigration(revision, runtime, origin=origin, role=role) for revision in graph.order()]
    if migrations:
        first = migrations[0]
        first.version_table = (
            first.revision.span()
            if configuration is None
            else _setting_span(files, configuration, "script_location")
        )
    by_revision = {migration.name: migration for migration in migrations}
    swapped = [by_revision[revision.id] for revision in graph.swapped_order()]
    return AlembicSource(
        migrations,
        [*problems, *unread, *graph.check(complete=not unread and not problems)],
        folders,
        swapped,
        _ends(migrations, set(graph.heads())) if swapped else [],
    )


def _ends(migrations: Sequence[AlembicMigration], heads: set[str]) -> list[tuple[str, Span]]:
    """The heads in the order in which they are replayed, and where they are written."""
    return [
        (migration.name, migration.revision.span()) for migration in migrations if migration.name in heads
    ]


def _script_folder(
    files: ProjectFiles, path: PurePosixPath, configuration: Configuration | None
) -> PurePosixPath:
    """The folder that holds `env.py`.

    Raises:
        Unusable: it is not configured, or not there.
    """
    if configuration is None:
        return next((folder for folder in _upwards(path) if files.is_file(folder / "env.py")), path)
    location = configuration.option("script_location")
    if not location:
        raise Unusable(
            f"{configuration.file.name} has no script_location in section [{configuration.section}]"
        )
    folder = _located(files, configuration, location)
    if folder is None:
        raise Unusable(f"{configuration.file.name}: script_location {location} does not exist")
    return folder


def _upwards(folder: PurePosixPath) -> Iterator[PurePosixPath]:
    """A folder and those around it, up to the root."""
    yield folder
    while folder != ROOT and folder.is_relative_to(ROOT):
        folder = folder.parent
        yield folder


def _located(files: ProjectFiles, configuration: Configuration, location: str) -> PurePosixPath | None:
    """The folder that a location names: a path, or `package:folder` looked up on the import path.

    A relative path starts where the alembic command is run: beside its configuration, or in a folder around it.
    """
    bases = list(_upwards(configuration.folder))
    if ":" in location and not location.startswith("/"):
        package, *folders = location.split(":")
        bases = [*(base / extra for base in bases for extra in configuration.prepend_sys_path()), *bases]
        bases += [base / "src" for base in bases]
        location = "/".join([package.replace(".", "/"), *folders])
    return next((base / location for base in bases if files.is_folder(base / location)), None)


def _version_folders(
    files: ProjectFiles,
    scripts: PurePosixPath,
    path: PurePosixPath,
    configuration: Configuration | None,
    problems: list[Problem],
) -> list[PurePosixPath]:
    if configuration is None:
        return [scripts / "versions"] if files.is_folder(path / "versions") or path == scripts else [path]
    folders: list[PurePosixPath] = []
    for location in configuration.version_locations():
        folder = _located(files, configuration, location)
        if folder is not None:
            folders.append(folder)
            continue
        span = _setting_span(files, configuration, "version_locations")
        message = f"version location {location} does not exist, so none of its revisions is read"
        problems.append(Problem(GRAPH_BROKEN, span, message, object=f"version location {location}"))
    return folders or ([] if problems else [_for_postgres(files, scripts / "versions")])


def _for_postgres(files: ProjectFiles, folder: PurePosixPath) -> PurePosixPath:
    """A folder of revisions, or the one in it that is for PostgreSQL, where each database has its own."""
    names = files.names(folder)
    own = [name for name in names if name in OURS]
    return folder / own[0] if own and not any(name.endswith(".py") for name in names) else folder


def _import_paths(
    files: ProjectFiles, scripts: PurePosixPath, configuration: Configuration | None
) -> Sequence[PurePosixPath]:
    """Where the project's modules are imported from: as configured, else where projects keep them."""
    paths: list[PurePosixPath] = []
    if configuration is not None:
        for base in _upwards(configuration.folder):
            paths += [base / entry for entry in configuration.prepend_sys_path()]
        paths += [configuration.folder, configuration.folder / "src"]
    top = next((folder for folder in _upwards(scripts) if not files.is_file(folder / "__init__.py")), ROOT)
    return [
        PurePosixPath(posixpath.normpath(folder)) for folder in [*paths, top, ROOT, ROOT / "src", scripts]
    ]


def _setting_span(files: ProjectFiles, configuration: Configuration, name: str) -> Span:
    """Where a setting is written in the configuration's file."""
    file = configuration.file
    try:
        text = files.text(file)
    except Unreadable:
        text = ""
    source = SourceFile(files.relative(file), text)
    for number in range(1, len(source.line_starts) + 1):
        if source.line(number).split("=")[0].strip() == name:
            return source.line_span(number)
    return source.line_span(1)
