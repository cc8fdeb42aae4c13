"""All sources of a project, as the config lists them or as they are found: migrations in the order they run in."""

from __future__ import annotations

import posixpath
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.config.decode import nearest
from schemaguard.config.errors import ConfigError, ConfigErrors
from schemaguard.config.patterns import matches_name
from schemaguard.sources.discovery import discover, named
from schemaguard.sources.problems import Problem
from schemaguard.sources.sql.layouts import LAYOUTS, recognise
from schemaguard.sources.sql.reader import Reader
from schemaguard.sources.sql.selection import Selection
from schemaguard.sources.tree import glob, is_pattern, join, normalize, parent, read_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.config.policy import Policy, Source
    from schemaguard.sources.alembic.options import AlembicOptions
    from schemaguard.sources.migration import Migration
    from schemaguard.sources.sql.migration import SqlMigration
    from schemaguard.sources.tree import FileTree
    from schemaguard.text import SourceFile, Span


class LoadedSource(NamedTuple):
    """What one source came to. `kind`: `alembic`, `django` or the name of a SQL layout."""

    name: str
    kind: str
    role: str
    migrations: int


class Unmerged(NamedTuple):
    """The migrations of a source whose branches were never merged, in another order; and the ends of the branches."""

    migrations: Sequence[Migration]
    heads: Sequence[tuple[str, Span]]


class Sources:
    """The migrations of a project in the order they run in, and what was found on the way.

    `problems`: findings about the sources themselves. `notes`: what was assumed or left out, as sentences.
    `files`: paths that were read or looked into, to tell whether a change touches the schema. `unmerged`: what branches
    that nobody merged come to the other way round.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.migrations: list[Migration] = []
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.files: set[str] = set()
        self.sources: list[LoadedSource] = []
        self.discovered = False
        self.unmerged: list[Unmerged] = []


def load_sources(tree: FileTree, policy: Policy, *, lenient: bool = False) -> Sources:
    """Read all migrations: from the policy's sources, without any from where a project keeps them as a rule.

    `lenient`: sources that are missing or empty are told of in the notes, and there may be none at all.

    Raises:
        ConfigErrors: a source that is missing or empty, each at its line; nothing was found at all.
    """
    result = Sources()
    wanted: Sequence[Source] = policy.sources
    if not wanted:
        discovery = discover(tree)
        wanted = discovery.sources
        result.notes += discovery.notes
        result.discovered = True
        if not wanted and not lenient:
            raise ConfigErrors([ConfigError(_NOTHING, *_place(policy))])
    errors: list[ConfigError] = []
    last: list[Migration] = []
    for index, source in enumerate(wanted):
        try:
            migrations = _load(tree, policy, source, index, result)
        except ConfigError as error:
            if lenient:
                result.notes += [f"not at the base: {each.message}" for each in error.errors]
            else:
                errors += error.errors
            continue
        result.migrations += migrations
        if source.always:
            for migration in migrations:
                migration.once = False
            last += [_again(migration) for migration in migrations]
    if errors:
        raise ConfigErrors(errors)
    result.migrations += last
    return result


_NOTHING = (
    "there is nothing to check: no migrations of Alembic, Flyway, golang-migrate, goose, dbmate, Supabase, Prisma, "
    "sqitch, Diesel, sqlx, Hasura, Liquibase or node-pg-migrate were found, nor a folder named migrations; "
    "name the files under `sources` in schemaguard.yaml"
)


def _place(policy: Policy) -> tuple[str, int, int]:
    span = policy.where("sources")
    return (span.path, span.line, span.location.column) if span else ("", 0, 0)


def _load(tree: FileTree, policy: Policy, source: Source, index: int, result: Sources) -> Sequence[Migration]:
    kind: str = source.kind
    migrations: Sequence[Migration]
    if kind == "alembic":
        migrations = _alembic(tree, policy, source, index, result)
    elif kind == "django":
        migrations = _django(tree, policy, source, index, result)
    else:
        kind, migrations = _sql(tree, policy, source, index, result)
    result.sources.append(LoadedSource(named(source), kind, source.role, len(migrations)))
    return migrations


def _again(migration: Migration) -> Migration:
    """The same migration, run once more at the end."""
    repeated = copy(migration)
    repeated.name = f"{migration.name} (again)"
    return repeated


# SQL


def _sql(
    tree: FileTree, policy: Policy, source: Source, index: int, result: Sources
) -> tuple[str, list[SqlMigration]]:
    reader = Reader(tree, source.placeholders)
    selection = Selection(reader, *select(tree, policy, source, index))
    layout = LAYOUTS[source.layout] if source.layout else recognise(selection)
    migrations = [] if layout is None else layout.load(selection)
    if not migrations and not reader.problems:
        what = f"as {layout.NAME} reads it" if layout else "of SQL"
        message = f"{named(source)} holds no migration {what}"
        raise ConfigError.at(policy.where("sources", index, "sql"), message)
    for migration in migrations:
        migration.origin = named(source)
        migration.role = source.role
    result.problems += reader.problems
    result.notes += reader.notes
    result.files |= {*selection.paths, *reader.paths}
    return (layout.NAME if layout else "sql"), migrations


def select(tree: FileTree, policy: Policy, source: Source, index: int) -> tuple[list[str], dict[str, int]]:
    """The files that a source of SQL names, and for each the position of the pattern that did.

    Raises:
        ConfigErrors: a pattern that matches no file, a path that is not there.
    """
    ranks: dict[str, int] = {}
    errors = []
    for rank, pattern in enumerate(source.sql):
        found = [path for path in matching(tree, pattern) if not _excluded(path, source.exclude)]
        if not found:
            where = policy.where("sources", index, "sql", rank)
            errors.append(ConfigError.at(where, _no_match(tree, pattern)))
        for path in found:
            ranks.setdefault(path, rank)
    if errors:
        raise ConfigErrors(errors)
    return list(ranks), ranks if len(source.sql) > 1 else {}


def matching(tree: FileTree, pattern: str) -> list[str]:
    """The files that a path, glob or folder of the config stands for."""
    path = normalize(pattern)
    if not is_pattern(path) and tree.is_folder(path):
        return list(tree.files(path))
    return glob(tree, path)


def _excluded(path: str, patterns: Sequence[str]) -> bool:
    return any(
        matches_name(pattern, path if "/" in pattern else posixpath.basename(path)) for pattern in patterns
    )


def _no_match(tree: FileTree, pattern: str) -> str:
    missing = _missing(tree, pattern)
    return f"`{pattern}` matches no file{': ' + missing if missing else ''}"


def _missing(tree: FileTree, pattern: str) -> str:
    """Which part of a path is not there, with the nearest right name; empty where all of it is."""
    known = ""
    for part in normalize(pattern).split("/"):
        if is_pattern(part):
            break
        here = join(known, part)
        if not tree.is_folder(here) and not tree.is_file(here):
            near = nearest(part, tree.folder(known))
            return f"there is no {here}{'; ' + near if near else ''}"
        known = here
    return ""


# Alembic and Django


def _options(policy: Policy, source: Source) -> AlembicOptions:
    """What the config says of the values that Python code takes from elsewhere."""
    from schemaguard.sources.alembic.options import AlembicOptions

    return AlembicOptions(
        section=source.name,
        environment=source.environment,
        arguments=source.arguments,
        values=source.values,
        types=source.types,
        operations=source.operations,
        naming_convention=source.naming_convention or None,
        default_schema=source.search_path[0] if source.search_path else "public",
        server_version=policy.postgres,
    )


def _alembic(
    tree: FileTree, policy: Policy, source: Source, index: int, result: Sources
) -> Sequence[Migration]:
    from schemaguard.sources import alembic  # its interpreter is loaded by those who need it

    path = normalize(source.alembic or "")
    where = policy.where("sources", index, "alembic")
    if not tree.is_file(path) and not tree.is_folder(path):
        raise ConfigError.at(where, _missing(tree, path) or f"{path} is no file")
    options = _options(policy, source)
    try:
        loaded = alembic.load(tree, path, options, origin=named(source), role=source.role)
    except alembic.Unusable as unusable:
        raise ConfigError.at(where, str(unusable)) from None
    if not loaded.migrations and not loaded.problems:
        raise ConfigError.at(where, f"{path} leads to no revision")
    result.problems += [
        Problem(each.rule, each.span, each.message, each.evidence, object=each.object)
        for each in loaded.problems
    ]
    result.files |= {path, *(migration.file.path for migration in loaded.migrations)}
    if loaded.swapped:
        result.unmerged.append(Unmerged(loaded.swapped, loaded.heads))
    return loaded.migrations


def _django(
    tree: FileTree, policy: Policy, source: Source, index: int, result: Sources
) -> Sequence[Migration]:
    from schemaguard.sources import django  # as above

    paths: dict[str, None] = {}
    for rank, pattern in enumerate(source.django):
        found = [path for path in matching(tree, pattern) if _is_migration(path, source.exclude)]
        if not found:
            where = policy.where("sources", index, "django", rank)
            what = f"`{pattern}` holds no migration of Django's"
            raise ConfigError.at(where, what if matching(tree, pattern) else _no_match(tree, pattern))
        paths.update(dict.fromkeys(found))
    result.files |= set(paths)
    if not django.is_installed():
        result.problems.append(_unrendered(read_source(tree, next(iter(paths)))))
        return ()
    loaded = django.load(tree, list(paths), _options(policy, source), origin=named(source), role=source.role)
    result.problems += loaded.problems
    result.notes += loaded.notes
    if loaded.swapped:
        result.unmerged.append(Unmerged(loaded.swapped, loaded.heads))
    return loaded.migrations


def _is_migration(path: str, exclude: Sequence[str]) -> bool:
    """Whether a path looks like a migration of Django's: a Python file in a folder of them."""
    folder, name = posixpath.split(path)
    return (
        name.endswith(".py")
        and name[0] not in "_~"
        and posixpath.basename(folder).endswith("migrations")
        and not _excluded(path, exclude)
    )


def _unrendered(file: SourceFile) -> Problem:
    """The finding that says what is needed to read the migrations of Django."""
    return Problem(
        "statement-opaque",
        file.line_span(1),
        f"{parent(file.path)}: Django is not installed here, so what its migrations do is not known",
        help="pip install 'schemaguard[django]'",
        object=parent(file.path),
    )
