"""`env.py`: what it configures and executes before the migrations run, found by interpreting it."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.imports import run_module_body
from schemaguard.sources.alembic.interpreter.interpreter import Interpreter, deep_recursion
from schemaguard.sources.alembic.interpreter.scope import Lazy, Scope
from schemaguard.sources.alembic.interpreter.trial import NoTarget, TrialTarget
from schemaguard.sources.alembic.interpreter.values import (
    LimitExceeded,
    Module,
    Raised,
    Started,
    Undecided,
    Unknown,
)
from schemaguard.sources.alembic.source import NotPython, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import PurePosixPath

    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.sources.alembic.project import Project
    from schemaguard.sources.migration import Target


class Environment(NamedTuple):
    """What `env.py` says.

    `prologue`: what it executes on the connection before the migrations. `version_table` may be qualified.
    `naming_convention` finds that of `target_metadata`, which may lead through all models. `per_migration`: each
    revision has a transaction of its own.
    """

    prologue: TrialTarget | None = None
    version_table: str = "alembic_version"
    naming_convention: Callable[[], Mapping[str, str] | None] = lambda: None
    per_migration: bool = False

    def perform(self, target: Target) -> None:
        """Do to `target` what `env.py` does before the migrations."""
        if self.prologue is not None:
            self.prologue.perform(target)


def read_environment(project: Project, scripts: PurePosixPath) -> Environment:
    """Interpret the `env.py` of a script folder; a folder without one has Alembic's defaults."""
    path = scripts / "env.py"
    if not project.is_file(path):
        return Environment()
    target = TrialTarget(NoTarget())
    machine = Interpreter(project)
    machine.reset(target)
    machine.in_environment = True
    try:
        file = project.read_python(path)
        module = Module("env", file, Scope(file), is_package=False)
        module.scope.names.update({"__name__": "env", "__file__": str(path)})
        machine.modules["env"] = module
        with deep_recursion():
            run_module_body(machine, file.tree.body, module.scope, quiet=False)
    except (Started, Unreadable, NotPython, Raised, LimitExceeded, Undecided, RecursionError):
        # Whatever stops it, what was seen until then counts; a revision says for itself what it can't know.
        pass
    configured = machine.configured
    return Environment(
        target if target.effects else None,
        _version_table(configured),
        cache(lambda: _convention(project, configured.get("target_metadata"))),
        configured.get("transaction_per_migration") is True,
    )


def _version_table(configured: Mapping[str, Value]) -> str:
    name, schema = (plain(configured.get(key)) for key in ("version_table", "version_table_schema"))
    table = _identifier(name) if isinstance(name, str) else "alembic_version"
    return f"{_identifier(schema)}.{table}" if isinstance(schema, str) else table


def _identifier(name: str) -> str:
    return name if name.isidentifier() and name == name.lower() else '"' + name.replace('"', '""') + '"'


def _convention(project: Project, metadata: Value) -> Mapping[str, str] | None:
    """The naming convention of the metadata that autogeneration compares with."""
    if isinstance(metadata, Lazy):
        try:
            with deep_recursion():
                metadata = metadata.resolve()
        except (Raised, LimitExceeded, Undecided, RecursionError):
            return _written_convention(project)
    candidates = metadata if isinstance(metadata, (list, tuple)) else [metadata]
    for candidate in candidates:
        convention = getattr(candidate, "naming_convention", None)
        if convention:
            return {str(key): str(value) for key, value in convention.items()}
    if any(isinstance(candidate, Unknown) for candidate in candidates):
        return _written_convention(project)
    return None


def _written_convention(project: Project) -> Mapping[str, str] | None:
    """The one naming convention that is written out in the project, where `env.py` does not lead to it."""
    found: list[dict[str, str]] = []
    for path in project.files_mentioning("naming_convention"):
        try:
            tree = project.read_python(path).tree
        except (Unreadable, NotPython):
            continue
        found += [convention for convention in _conventions(tree) if convention not in found]
    return found[0] if len(found) == 1 else None


def _conventions(tree: ast.Module) -> Iterator[dict[str, str]]:
    literals = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        value: ast.expr | None = None
        if isinstance(node, ast.keyword) and node.arg == "naming_convention":
            value = node.value
        elif isinstance(node, ast.Assign):
            names = [target for target in node.targets if isinstance(target, ast.Attribute)]
            value = node.value if any(target.attr == "naming_convention" for target in names) else None
        if isinstance(value, ast.Name):
            value = literals.get(value.id)
        if isinstance(value, ast.Dict):
            try:
                convention = ast.literal_eval(value)
            except ValueError:
                continue
            yield {str(key): str(item) for key, item in convention.items()}
