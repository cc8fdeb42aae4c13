"""Where a project without a config keeps its migrations: what is found, and what was assumed in finding it."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.config.policy import Source
from schemaguard.sources.sql import pg_dump, prisma, supabase
from schemaguard.sources.sql.ordering import leading_number
from schemaguard.sources.sql.reader import Reader
from schemaguard.sources.sql.selection import FOREIGN, OURS, Selection
from schemaguard.sources.tree import join, parent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemaguard.sources.tree import FileTree

# Below these, files that look like migrations are somebody's tests, samples or leftovers.
ASIDE = frozenset(
    (
        *("test", "tests", "testdata", "__tests__", "spec", "e2e", "fixtures", "stub", "stubs", "mocks"),
        *(
            "example",
            "examples",
            "sample",
            "samples",
            "demo",
            "docs",
            "doc",
            "templates",
            "vendor",
            "third_party",
        ),
        *("build", "dist", "out", "bin", "benchmarks", "archive", "archived", "legacy", "old", "deprecated"),
    )
)
_FOLDER = re.compile(
    r"(?:db|sql|database|schema|pg|postgres)?[_-]?(?:migrations?|migrate|changelogs?|changesets?|evolutions|versioned)"
)
_NAMED = re.compile(r"(?:[VU]\d[\d._]*__.*|R__.*|\d+_.*\.(?:up|down))\.sql$")
_SCRIPTS = frozenset(("migration.sql", "up.sql", "down.sql"))
_PLAIN_FOLDERS = frozenset(("sql", "db", "database", "schema", "ddl"))
_DUMPS = frozenset(("structure.sql", "schema.sql", "dump.sql", "init.sql"))
_DJANGO = re.compile(r"(?:^|/)migrations/0001_[^/]*\.py$")
_OTHER_SQL = re.compile(
    r"\bAUTO_INCREMENT\b|\bAUTOINCREMENT\b|\bENGINE\s*=|\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?`|^\s*GO\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_LOOK_INTO = 100_000  # characters: a dialect shows early
_LOOK_AT = 3  # so many files of a folder tell whether it is for another database


class Discovery(NamedTuple):
    """The sources of a project, as a config would list them, and sentences that say what was assumed."""

    sources: tuple[Source, ...]
    notes: tuple[str, ...]


def discover(tree: FileTree) -> Discovery:
    """Find the sources of a project. The order is that of the paths, SQL before Alembic and Django."""
    notes: list[str] = []
    files, aside = _considered(tree)
    notes += [f"{folder}: migrations in there are taken for tests or samples" for folder in aside]
    folders = _sql_folders(tree, files, notes)
    sources = [source for folder in folders for source in _of_folder(tree, folder, aside, notes)]
    sources += [Source(alembic=path) for path in _alembic(tree, files)]
    if django := _django(files):
        sources.append(Source(django=tuple(django)))
    if not sources:
        sources = _last_resort(tree, files, notes)
    if len(sources) > 1:
        names = ", ".join(named(source) for source in sources)
        notes.append(f"several sources were found and are replayed into one database, in this order: {names}")
    return Discovery(tuple(sources), tuple(notes))


def named(source: Source) -> str:
    """A source as people know it: its files, and for a section of an Alembic config its name."""
    if source.alembic is not None:
        return source.alembic if source.name == "alembic" else f"{source.alembic}:{source.name}"
    if source.django:
        # The apps of a project are one history; the folder around them names it.
        return posixpath.commonpath(source.django) or "django"
    return ", ".join(source.sql)


def _considered(tree: FileTree) -> tuple[list[str], list[str]]:
    """The project's files but those in folders of tests and samples; and such folders that hold migrations."""
    kept, aside = [], set()
    for path in tree.files():
        part = next((part for part in parent(path).split("/") if part.lower() in ASIDE), None)
        if part is None:
            kept.append(path)
        elif path.endswith("alembic.ini") or (path.endswith(".sql") and _migrations_root(path) is not None):
            aside.add(path.split(f"{part}/")[0] + part)
    return kept, sorted(aside)


def _sql_folders(tree: FileTree, files: Sequence[str], notes: list[str]) -> list[str]:
    """The folders whose SQL is a history, sorted; those for other databases are told of."""
    plans = {parent(path) for path in files if posixpath.basename(path) == "sqitch.plan"}
    roots = set(plans)
    django = _django(files)  # SQL in there is what migrations of Django's read
    foreign: set[str] = set()
    for path in files:
        if not path.endswith(".sql") or any(_below(path, folder) for folder in (*plans, *django)):
            continue
        root = _migrations_root(path)
        if root is None:
            continue
        root, for_another = _for_database(root, path)
        (foreign if for_another else roots).add(root)
    for folder in sorted(roots - plans):
        if other := _other_database(tree, folder):
            roots.discard(folder)
            notes.append(f"{folder or '.'}: not read, these are migrations for {other}")
    notes += [
        f"{root}: not read, these are migrations for another database" for root in sorted(foreign - roots)
    ]
    return sorted(roots)


def _below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _migrations_root(path: str) -> str | None:
    """The folder of the history that a SQL file belongs to, None where it looks like none."""
    folder, name = posixpath.split(path)
    above = parent(folder) if name in _SCRIPTS else folder
    candidate = above
    while candidate:
        if _FOLDER.fullmatch(posixpath.basename(candidate).lower()):
            return candidate
        candidate = parent(candidate)
    if name in _SCRIPTS and leading_number(posixpath.basename(folder)):
        return above
    return folder if _NAMED.match(name) else None


def _for_database(root: str, path: str) -> tuple[str, bool]:
    """The root, or the folder below it that names a database; and whether that one is not PostgreSQL."""
    folder = parent(parent(path)) if posixpath.basename(path) in _SCRIPTS else parent(path)
    parts = folder.split("/")
    for index, part in enumerate(parts):
        name = re.sub(r"[\W_]*v?[\d.]*$", "", part.lower())
        if name in FOREIGN or name in OURS:
            below = "/".join(parts[: index + 1])
            return (below if len(below) > len(root) else root), name in FOREIGN
    return root, False


def _other_database(tree: FileTree, root: str) -> str:
    """The database that files are for, where it is not PostgreSQL and they show it."""
    reader = Reader(tree)
    selection = Selection(reader, [path for path in tree.files(root) if path.endswith((".sql", "lock.toml"))])
    if (name := prisma.provider(selection)) not in ("", "postgresql", "postgres", "cockroachdb"):
        return name
    looked = [file.text for file in reader.texts(selection.sql[:_LOOK_AT])]
    return "another database" if any(_OTHER_SQL.search(text, 0, _LOOK_INTO) for text in looked) else ""


def _of_folder(tree: FileTree, folder: str, aside: Sequence[str], notes: list[str]) -> list[Source]:
    """The sources that a folder of migrations stands for."""
    sources = []
    if re.search(r"(?:^|/)supabase/migrations$", folder):
        roles, seed = join(folder, "../roles.sql"), join(folder, "../seed.sql")
        if tree.is_file(roles):
            sources.append(Source(sql=(roles,)))
        if tree.is_file(seed):
            notes.append(f"{seed}: not read, seeds are for development")
        return [*sources, Source(sql=(folder,), layout=supabase.NAME)]  # type: ignore[arg-type] # a Layout's name
    left_out = tuple(f"{other}/*" for other in aside if _below(other, folder))
    return [Source(sql=(folder or ".",), exclude=left_out)]


def _alembic(tree: FileTree, files: Iterable[str]) -> list[str]:
    """The alembic.ini files, and each pyproject.toml that speaks for Alembic where no ini file is beside it."""
    found = [path for path in files if posixpath.basename(path) == "alembic.ini"]
    beside = {parent(path) for path in found}
    for path in files:
        if posixpath.basename(path) == "pyproject.toml" and parent(path) not in beside:
            try:
                data = tree.read(path)
            except OSError:  # whatever it is, nobody's migrations hang on it
                continue
            if re.search(rb"(?m)^\s*\[\s*tool\s*\.\s*alembic\s*\]", data):
                found.append(path)
    return sorted(found) or _script_folders(tree, files)


def _script_folders(tree: FileTree, files: Iterable[str]) -> list[str]:
    """Alembic's script folders, where a project configures Alembic in its own code."""
    return sorted(
        parent(path)
        for path in files
        if posixpath.basename(path) == "env.py"
        and any(_is_revision(tree, join(parent(path), f"versions/{name}"))
                for name in tree.folder(join(parent(path), "versions"))[:_LOOK_AT])
    )  # fmt: skip


def _is_revision(tree: FileTree, path: str) -> bool:
    try:
        return path.endswith(".py") and b"down_revision" in tree.read(path)
    except OSError:  # whatever it is, it is no file
        return False


def _django(files: Iterable[str]) -> list[str]:
    """The folders of Django migrations."""
    return sorted({parent(path) for path in files if _DJANGO.search(path)})


def _last_resort(tree: FileTree, files: Sequence[str], notes: list[str]) -> list[Source]:
    """Numbered files in a folder named sql or db, else a dump."""
    sql = [path for path in files if path.endswith(".sql")]
    for folder in sorted({parent(path) for path in sql}):
        names = [posixpath.basename(path) for path in sql if parent(path) == folder]
        if posixpath.basename(folder) in _PLAIN_FOLDERS and all(leading_number(name) for name in names):
            notes.append(f"{folder}: taken for the history, since its files are numbered")
            return [Source(sql=(folder,))]
    reader = Reader(tree)
    for path in sql:
        if posixpath.basename(path) in _DUMPS and (file := reader.file(path)) and pg_dump.is_dump(file.text):
            notes.append(f"{path}: taken for the schema, since it is a dump")
            return [Source(sql=(path,))]
    return []
