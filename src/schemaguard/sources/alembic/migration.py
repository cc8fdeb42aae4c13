"""A revision as a migration: its `upgrade()` and `downgrade()`, interpreted against a target."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from schemaguard.text import SqlText

if TYPE_CHECKING:
    from schemaguard.sources.alembic.revisions import Revision
    from schemaguard.sources.alembic.runtime import Runtime
    from schemaguard.sources.migration import Target
    from schemaguard.text import SourceFile, Span


class AlembicMigration:
    """One revision of an Alembic project; see `sources.migration.Migration` for its attributes.

    `binds_values`: `$1` in its statements stands for a value that is not known before it runs.
    """

    shares_session = True
    binds_values = True
    once = True
    transactional = True

    def __init__(
        self,
        revision: Revision,
        runtime: Runtime,
        *,
        origin: str,
        role: str,
    ) -> None:
        """Take the revision, and what runs it."""
        self.revision = revision
        self.name = revision.id
        self.title = revision.title
        self.file: SourceFile = revision.file
        self.origin = origin
        self.role = role
        self.has_down: bool | None = has_program(revision.file.tree, "downgrade")
        self.version_table: Span | None = None
        self._runtime = runtime

    @property
    def after(self) -> tuple[str, ...]:
        """The revisions that it revises or depends on."""
        return (*self.revision.down, *self.revision.depends_on)

    def up(self, target: Target) -> None:
        """Interpret `upgrade()`.

        The first revision of a source (`version_table` is the place to blame) also does what Alembic does before any:
        what `env.py` executes, and the version table.
        """
        environment = self._runtime.environment
        if self.version_table is not None:
            environment.perform(target)
            sql = version_table_sql(environment.version_table)
            target.execute(SqlText.written_by(sql, self.version_table), always=True)
        self._runtime.run(self.revision, "upgrade", target)

    def down(self, target: Target) -> None:
        """Interpret `downgrade()`."""
        if self.has_down:
            self._runtime.run(self.revision, "downgrade", target)


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
