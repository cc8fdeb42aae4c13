"""A revision as a migration: its `upgrade()` and `downgrade()`, interpreted against a target."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.interpreter import Interpreter, deep_recursion
from schemaguard.sources.alembic.interpreter.library.alembic_context import revision_module
from schemaguard.sources.alembic.interpreter.values import LimitExceeded, Raised, Undecided
from schemaguard.text import SqlText

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.environment import Environment
    from schemaguard.sources.alembic.project import Project
    from schemaguard.sources.alembic.revisions import Revision
    from schemaguard.sources.migration import Target
    from schemaguard.text import SourceFile, Span


class AlembicMigration:
    """One revision of an Alembic project; see `sources.migration.Migration` for its attributes."""

    shares_session = True
    transactional = True

    def __init__(
        self,
        revision: Revision,
        project: Project,
        environment: Callable[[], Environment],
        *,
        origin: str,
        role: str,
    ) -> None:
        """Take the revision, and what reads the project's `env.py`."""
        self.revision = revision
        self.name = revision.id
        self.title = revision.title
        self.file: SourceFile = revision.file
        self.origin = origin
        self.role = role
        self.has_down: bool | None = has_program(revision.file.tree, "downgrade")
        self.version_table: Span | None = None
        self._project = project
        self._environment = environment

    def up(self, target: Target) -> None:
        """Interpret `upgrade()`.

        The first revision of a source (`version_table` is the place to blame) also does what Alembic does before any:
        what `env.py` executes, and the version table.
        """
        environment = self._environment()
        if self.version_table is not None:
            environment.perform(target)
            sql = version_table_sql(environment.version_table)
            target.execute(SqlText.written_by(sql, self.version_table), always=True)
        self._run("upgrade", target)

    def down(self, target: Target) -> None:
        """Interpret `downgrade()`."""
        if self.has_down:
            self._run("downgrade", target)

    def _run(self, program: str, target: Target) -> None:
        self._project.naming_convention = self._environment().naming_convention
        machine = Interpreter(self._project, target)
        place = self.revision.span()
        with deep_recursion():
            try:
                function = machine.attribute(revision_module(machine, self.revision), program, place)
                machine.call(function, Call(machine, [], {}, place))
            except Raised as raised:
                target.opaque(raised.span, f"{raised.describe()}: what follows is not read")
            except LimitExceeded as limit:
                target.opaque(limit.span or place, f"{limit.message}: what follows is not read")
            except Undecided as undecided:
                target.opaque(undecided.unknown.span, undecided.unknown.describe(), undecided.unknown.remedy)
            except RecursionError:
                target.opaque(place, "the revision is nested too deeply to be read")


def version_table_sql(name: str) -> str:
    """The statement that Alembic makes its version table by; `name` may be qualified, quoted where it has to be."""
    constraint = name.rpartition(".")[2].strip('"') + "_pkc"
    quoted = (
        constraint if constraint.isidentifier() and constraint == constraint.lower() else f'"{constraint}"'
    )
    return (
        f"CREATE TABLE {name} (version_num character varying(32) NOT NULL, "
        f"CONSTRAINT {quoted} PRIMARY KEY (version_num))"
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
