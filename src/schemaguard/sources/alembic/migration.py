"""A revision as a migration: its `upgrade()` and `downgrade()`, interpreted against a target."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.imports import load_module
from schemaguard.sources.alembic.interpreter.interpreter import Interpreter, deep_recursion
from schemaguard.sources.alembic.interpreter.scope import Scope
from schemaguard.sources.alembic.interpreter.values import LimitExceeded, Module, Raised, Undecided
from schemaguard.text import SqlText

if TYPE_CHECKING:
    from schemaguard.sources.alembic.project import Project
    from schemaguard.sources.alembic.revisions import Revision
    from schemaguard.sources.migration import Target
    from schemaguard.text import SourceFile, Span


class AlembicMigration:
    """One revision of an Alembic project; see `sources.migration.Migration` for its attributes."""

    shares_session = True
    transactional = True

    def __init__(
        self, revision: Revision, project: Project, *, origin: str, role: str, first: Span | None
    ) -> None:
        """Take the revision; `first`: it is the first of its source, whose run makes the version table (place to blame)."""
        self.revision = revision
        self.name = revision.id
        self.title = revision.title
        self.file: SourceFile = revision.file
        self.origin = origin
        self.role = role
        self.has_down: bool | None = has_program(revision.file.tree, "downgrade")
        self._project = project
        self._first = first

    def up(self, target: Target) -> None:
        """Interpret `upgrade()`."""
        if self._first is not None:
            target.execute(SqlText.written_by(VERSION_TABLE, self._first), always=True)
        self._run("upgrade", target)

    def down(self, target: Target) -> None:
        """Interpret `downgrade()`."""
        if self.has_down:
            self._run("downgrade", target)

    def _run(self, program: str, target: Target) -> None:
        machine = Interpreter(self._project, target)
        name = f"{self.revision.absolute.stem}_py"
        module = Module(name, self.revision.file, Scope(self.revision.file), is_package=False)
        module.scope.names.update({"__name__": name, "__file__": str(self.revision.absolute)})
        machine.modules[name] = module
        place = self.revision.span()
        with deep_recursion():
            try:
                load_module(machine, module)
                function = machine.attribute(module, program, place)
                machine.call(function, Call(machine, [], {}, place))
            except Raised as raised:
                target.opaque(raised.span, f"{raised.describe()}: what follows is not read")
            except LimitExceeded as limit:
                target.opaque(limit.span or place, f"{limit.message}: what follows is not read")
            except Undecided as undecided:
                target.opaque(undecided.unknown.span, undecided.unknown.describe(), undecided.unknown.remedy)
            except RecursionError:
                target.opaque(place, "the revision is nested too deeply to be read")


VERSION_TABLE = (
    "CREATE TABLE alembic_version (version_num character varying(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def has_program(tree: ast.Module, name: str) -> bool:
    """Whether a revision has a function of that name that does anything but pass or raise."""
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == name:
            return any(not _does_nothing(inner) for inner in statement.body)
    return False


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Raise():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=None | ast.Constant(value=None)):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return True
    return False
