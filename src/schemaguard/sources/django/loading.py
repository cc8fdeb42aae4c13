"""From folders of Django migrations to migrations in order."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.alembic.files import ROOT, ProjectFiles
from schemaguard.sources.alembic.options import AlembicOptions
from schemaguard.sources.alembic.project import Project
from schemaguard.sources.django.files import FIRST, Reader, settings_of
from schemaguard.sources.django.graph import Graph
from schemaguard.sources.django.migration import DjangoMigration
from schemaguard.sources.tree import DiskTree, join, parent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.sources.django.files import MigrationFile
    from schemaguard.sources.django.runtime import Runtime
    from schemaguard.sources.problems import Problem
    from schemaguard.sources.tree import FileTree
    from schemaguard.text import Span

OWN_APPS = ("admin", "auth", "contenttypes", "flatpages", "redirects", "sessions", "sites")
"""Django's own apps that have migrations."""


class DjangoSource(NamedTuple):
    """What a Django project comes to: its migrations in order, what is wrong with it, what was left out and why.

    `swapped` and `heads`: as `AlembicSource` has them.
    """

    migrations: list[DjangoMigration]
    problems: list[Problem]
    notes: list[str]
    swapped: list[DjangoMigration]
    heads: list[tuple[str, Span]]


def is_installed() -> bool:
    """Whether Django and its driver are there to say what operations send; neither is loaded to find out."""
    return find_spec("django") is not None and find_spec("psycopg") is not None


def load(
    tree: FileTree,
    paths: Sequence[str],
    options: AlembicOptions | None = None,
    *,
    origin: str = "",
    role: str = "postgres",
) -> DjangoSource:
    """Read the migrations among the files of some Django apps; Django's own apps that they need come from Django."""
    project = Project(
        ProjectFiles(tree), options or AlembicOptions(), import_paths=_import_paths(tree, paths)
    )
    settings = settings_of(project)
    reader = Reader(project, settings.user_model)
    found = reader.read(paths)
    own = _own_project(project.options)
    graph = Graph([*found, *_own_migrations(project, own, settings.user_model, found)])
    plan = graph.order()

    @cache
    def runtime() -> Runtime:
        from schemaguard.sources.django.runtime import Runtime

        return Runtime(project, own, plan, settings)

    migrations = [
        DjangoMigration(migration, runtime, origin=origin, role=role, first=position == 0)
        for position, migration in enumerate(plan)
    ]
    replaced = ", ".join(".".join(key) for key in graph.replaced)
    notes = [f"not replayed, since squashed migrations stand for them: {replaced}"] if replaced else []
    problems = [*reader.problems, *graph.check()]
    by_key = {migration.migration.key: migration for migration in migrations}
    swapped = [by_key[migration.key] for migration in graph.swapped_order()]
    apps = sorted({migration.key[0] for migration in found})
    heads = [
        (graph.migrations[leaf].name, graph.migrations[leaf].span)
        for app in apps
        if len(graph.leaves(app)) > 1
        for leaf in graph.leaves(app)
    ]
    return DjangoSource(migrations if found else [], problems, notes, swapped, heads)


def _import_paths(tree: FileTree, paths: Sequence[str]) -> list[PurePosixPath]:
    """Where the apps are imported from: the folders around their packages, and the root."""
    folders: dict[str, None] = {}
    for folder in dict.fromkeys(map(parent, paths)):
        top = folder
        while tree.is_file(join(top, "__init__.py")) and top:
            top = parent(top)
        folders[top] = None
    return [ROOT / folder for folder in [*folders, "", "src"]]


def _own_project(options: AlembicOptions) -> Project:
    """The installed Django, as a project of which migrations are read."""
    package = Path(str((find_spec("django") or _ABSENT).origin)).parent
    return Project(
        ProjectFiles(DiskTree(package.parent, package.parent)),
        options,
        import_paths=[ROOT / "django/contrib"],
    )


class _ABSENT:
    origin = "/"


def _own_migrations(
    project: Project, own: Project, user_model: str, found: Sequence[MigrationFile]
) -> list[MigrationFile]:
    """The migrations of Django's own apps that the project's depend on, or that its settings install."""
    mine = {migration.key[0] for migration in found}
    reader = Reader(own, user_model, own=True)
    wanted = {wanted[0] for migration in found for wanted, _span in migration.dependencies}
    wanted |= set(_installed(project))
    read: dict[str, list[MigrationFile]] = {}
    while waiting := sorted((wanted & set(OWN_APPS)) - mine - read.keys()):
        for app in waiting:
            folder = f"django/contrib/{app}/migrations"
            read[app] = reader.read([join(folder, name) for name in own.files.tree.folder(folder)])
            wanted |= {
                key[0]
                for migration in read[app]
                for key, _span in migration.dependencies
                if key[1] != FIRST or key[0] in OWN_APPS
            }
    return [migration for migrations in read.values() for migration in migrations]


def _installed(project: Project) -> Iterator[str]:
    """Django's own apps that the settings name."""
    for path in project.files_mentioning("INSTALLED_APPS"):
        text = project.files.read(path)
        for app in OWN_APPS:
            if f"django.contrib.{app}".encode() in text:
                yield app
