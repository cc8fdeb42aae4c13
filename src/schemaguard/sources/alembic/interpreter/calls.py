"""A call as the functions that the interpreter provides see it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.values import Raised, unknown_in

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.scope import Scope
    from schemaguard.sources.alembic.interpreter.values import Unknown, Value
    from schemaguard.text import Span


class Call:
    """The evaluated arguments of one call, and where they are written.

    `node` is None for a call that no source shows (a decorator, a protocol method); `span` is then its statement's.
    """

    __slots__ = ("arguments", "keywords", "machine", "name", "node", "scope", "span")

    def __init__(
        self,
        machine: Machine,
        arguments: list[Value],
        keywords: dict[str, Value],
        span: Span,
        *,
        node: ast.Call | None = None,
        scope: Scope | None = None,
    ) -> None:
        """Take the values; `name` is set to the dotted name of the function where it has one."""
        self.machine = machine
        self.arguments = arguments
        self.keywords = keywords
        self.span = span
        self.node = node
        self.scope = scope
        self.name = ""

    def argument(self, position: int, name: str = "", default: Value = None) -> Value:
        """The argument at `position`, or given by `name`."""
        if 0 <= position < len(self.arguments):
            return self.arguments[position]
        return self.keywords.get(name, default) if name else default

    def required(self, position: int, name: str = "") -> Value:
        """The argument at `position`, or given by `name`.

        Raises:
            Raised: a TypeError, as Python would raise, if it is missing.
        """
        if position < len(self.arguments):
            return self.arguments[position]
        if name and name in self.keywords:
            return self.keywords[name]
        message = f"{self.name or 'the function'} is missing its argument {name or position + 1}"
        raise Raised(TypeError(message), self.span)

    def given(self, position: int, name: str) -> bool:
        """Whether the argument was passed at all."""
        return position < len(self.arguments) or name in self.keywords

    def unknown(self) -> Unknown | None:
        """The first unknown value among the arguments, however deep."""
        return unknown_in(self.arguments, self.keywords)

    def argument_span(self, argument: int | str) -> Span:
        """Where an argument is written; the whole call where that can't be said (`*arguments`)."""
        node = self._argument_node(argument)
        return self.scope.file.node_span(node) if node is not None and self.scope is not None else self.span

    def code(self, argument: int | str) -> str:
        """An argument as written, or "" where that can't be said."""
        node = self._argument_node(argument)
        return self.scope.file.code(node) if node is not None and self.scope is not None else ""

    def _argument_node(self, argument: int | str) -> ast.expr | None:
        if self.node is None:
            return None
        if isinstance(argument, str):
            return next((word.value for word in self.node.keywords if word.arg == argument), None)
        before = self.node.args[: argument + 1]
        if len(before) <= argument or any(isinstance(node, ast.Starred) for node in before):
            return None
        return before[argument]
