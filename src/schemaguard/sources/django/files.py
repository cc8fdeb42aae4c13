"""Migration files of Django apps: which there are, and what each says of its place in the graph, by reading alone."""

from __future__ import annotations

import ast
import posixpath
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.alembic.files import ROOT
from schemaguard.sources.alembic.problems import GRAPH_BROKEN, UNPARSED, UNREADABLE
from schemaguard.sources.alembic.source import NotPython, Unreadable
from schemaguard.sources.problems import Problem
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from schemaguard.sources.alembic.project import Project
    from schemaguard.sources.alembic.source import PythonFile
    from schemaguard.text import Span

Key = tuple[str, str]
"""A migration as Django names it: the app's label and the file's name without `.py`."""

FIRST, LATEST = "__first__", "__latest__"


class MigrationFile(NamedTuple):
    """A file with a class `Migration`, and what that says of the graph.

    `irreversible`: an operation that can't be undone (`RunSQL` without `reverse_sql`), if it has one. `own`: it is one
    of Django's own apps, read from the installed package.
    """

    key: Key
    file: PythonFile
    module: str
    span: Span
    dependencies: tuple[tuple[Key, Span], ...]
    run_before: tuple[tuple[Key, Span], ...]
    replaces: tuple[tuple[Key, Span], ...]
    atomic: bool
    irreversible: bool
    own: bool = False

    @property
    def name(self) -> str:
        """The migration as people name it: `shop.0001_initial`."""
        return ".".join(self.key)


class Reader:
    """Reads the migration files of a project; what can't be read is a problem, and the rest is still read."""

    def __init__(self, project: Project, user_model: str, *, own: bool = False) -> None:
        """Take the project, and the model (`app.Model`) that `AUTH_USER_MODEL` names."""
        self._project = project
        self._user_model = user_model
        self._own = own
        self.problems: list[Problem] = []

    def read(self, paths: Iterable[str]) -> list[MigrationFile]:
        """The migrations among these files, in the order of the paths."""
        found = []
        labels: dict[str, str] = {}
        for path in paths:
            folder, name = posixpath.split(path)
            if not name.endswith(".py") or name[0] in "_~":
                continue
            if folder not in labels:
                labels[folder] = self._label(folder)
            migration = self._file(path, (labels[folder], name.removesuffix(".py")))
            if migration is not None:
                found.append(migration)
        return found

    def _label(self, folder: str) -> str:
        """The label of the app that a folder of migrations belongs to: its `AppConfig` says, or the folder's name."""
        app = posixpath.dirname(folder)
        try:
            tree = self._project.read_python(ROOT / app / "apps.py").tree
        except (Unreadable, NotPython):
            tree = ast.Module([], [])
        for node in tree.body:
            for name, value in _assignments(node.body) if isinstance(node, ast.ClassDef) else ():
                if name == "label" and isinstance(value, ast.Constant):
                    return str(value.value)
        return posixpath.basename(app)

    def _file(self, path: str, key: Key) -> MigrationFile | None:
        try:
            file = self._project.read_python(ROOT / path)
        except Unreadable as error:
            place = SourceFile(path, "").span(0, 0)
            self.problems.append(Problem(UNREADABLE, place, f"the file can't be read: {error}", object=path))
            return None
        try:
            tree = file.tree
        except NotPython as error:
            place = file.line_span(error.line)
            self.problems.append(Problem(UNPARSED, place, f"not Python: {error.message}", object=path))
            return None
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name == "Migration":
                return self._migration(file, key, node)
        return None

    def _migration(self, file: PythonFile, key: Key, node: ast.ClassDef) -> MigrationFile:
        lists: dict[str, tuple[tuple[Key, Span], ...]] = {}
        atomic = True
        for name, value in _assignments(node.body):
            if name in ("dependencies", "run_before", "replaces"):
                lists[name] = tuple(self._keys(file, key, value))
            elif name == "atomic" and isinstance(value, ast.Constant):
                atomic = bool(value.value)
        module = self._project.module_name(ROOT / file.path) or file.path
        span = file.line_span(node.lineno)
        return MigrationFile(
            key, file, module, span, lists.get("dependencies", ()), lists.get("run_before", ()),
            lists.get("replaces", ()), atomic, _is_irreversible(node), self._own,
        )  # fmt: skip

    def _keys(self, file: PythonFile, owner: Key, node: ast.expr) -> Iterator[tuple[Key, Span]]:
        """The migrations that a list of dependencies names; what is no literal is a problem."""
        match node:
            case ast.List(elts=elements) | ast.Tuple(elts=[ast.Tuple(), *_] as elements):
                for element in elements:
                    yield from self._keys(file, owner, element)
            case ast.Tuple(elts=[ast.Constant(value=str() as app), ast.Constant(value=str() as name)]):
                yield (app, name), file.node_span(node)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                yield from self._keys(file, owner, left)
                yield from self._keys(file, owner, right)
            case ast.Call(func=ast.Attribute(attr="swappable_dependency"), args=[argument]):
                yield self._swappable(argument), file.node_span(node)
            case _:
                code = file.code(node)
                message = f"`{code}` is not a literal: the graph can't be read without running the file"
                place = file.node_span(node)
                self.problems.append(Problem(GRAPH_BROKEN, place, message, object=".".join(owner)))

    def _swappable(self, argument: ast.expr) -> Key:
        """The first migration of the app that has a model which the settings may exchange."""
        named = argument.value if isinstance(argument, ast.Constant) else self._user_model
        return str(named).partition(".")[0], FIRST


def _assignments(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def _is_irreversible(node: ast.ClassDef) -> bool:
    """Whether an operation runs SQL or code and says no way back."""
    backwards = {"RunSQL": "reverse_sql", "RunPython": "reverse_code"}
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        function = call.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        keyword = backwards.get(name)
        if keyword and len(call.args) < 2 and not any(word.arg in (keyword, None) for word in call.keywords):
            return True
    return False


class Settings(NamedTuple):
    """The settings that decide what migrations send."""

    user_model: str
    auto_field: str


def settings_of(project: Project) -> Settings:
    """The settings of a project, by reading alone."""
    return Settings(
        _setting(project, "AUTH_USER_MODEL", "auth.User"),
        _setting(project, "DEFAULT_AUTO_FIELD", "django.db.models.AutoField"),
    )


def _setting(project: Project, name: str, default: str) -> str:
    """A setting: as the config says, else as a module of the project assigns it, else Django's default."""
    declared = project.options.values.get(f"django.conf.settings.{name}")
    if isinstance(declared, str):
        return declared
    for path in project.files_mentioning(name):
        try:
            body = project.read_python(path).tree.body
        except (Unreadable, NotPython):
            continue
        for assigned, value in _assignments(body):
            if assigned == name and isinstance(value, ast.Constant) and isinstance(value.value, str):
                return value.value
    return default
