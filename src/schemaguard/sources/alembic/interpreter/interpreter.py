"""The machine with all its parts."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.attributes import attribute
from schemaguard.sources.alembic.interpreter.expressions import evaluate
from schemaguard.sources.alembic.interpreter.functions import call
from schemaguard.sources.alembic.interpreter.imports import find_module, load_module
from schemaguard.sources.alembic.interpreter.machine import Machine
from schemaguard.sources.alembic.interpreter.statements import run

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.completions import Completion
    from schemaguard.sources.alembic.interpreter.scope import Scope
    from schemaguard.sources.alembic.interpreter.values import Module, Value
    from schemaguard.sources.alembic.operations.bridge import SqlAlchemy
    from schemaguard.text import Span


class Interpreter(Machine):
    """Runs a revision's syntax tree."""

    _sqlalchemy: SqlAlchemy | None = None

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression."""
        return evaluate(self, node, scope)

    def run(self, body: Sequence[ast.stmt], scope: Scope) -> Completion:
        """Run statements."""
        return run(self, body, scope)

    def call(self, callee: Value, call_: Call) -> Value:
        """Call a value."""
        return call(self, callee, call_)

    def attribute(self, value: Value, name: str, span: Span) -> Value:
        """The attribute of a value."""
        return attribute(self, value, name, span)

    def load(self, name: str, span: Span, spelled: str) -> Value:
        """A module by its dotted name."""
        return find_module(self, name, span, spelled)

    def run_module(self, module: Module) -> None:
        """Run a module's top level."""
        load_module(self, module)

    @property
    def sqlalchemy(self) -> SqlAlchemy:
        """SQLAlchemy's and Alembic's own objects."""
        if self._sqlalchemy is None:
            from schemaguard.sources.alembic.operations.bridge import SqlAlchemy

            self._sqlalchemy = SqlAlchemy(self)
        return self._sqlalchemy


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Allow the depth that a tree-walking interpreter needs: each call of the program takes many of Python's own."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


_DEPTH = 20_000
