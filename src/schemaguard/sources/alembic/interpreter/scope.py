"""Names and their values, nested as Python nests them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.values import Symbol, Value
    from schemaguard.sources.alembic.source import PythonFile
    from schemaguard.text import Span


class Lazy:
    """An import that is looked up when its name is first used: most of what revisions import they never touch."""

    __slots__ = ("_find", "is_resolving")

    def __init__(self, find: Callable[[], Value]) -> None:
        """Take what finds the value."""
        self._find = find
        self.is_resolving = False

    def resolve(self) -> Value:
        """Find the value. A package that imports a name from itself means a module in it: see `is_resolving`."""
        self.is_resolving = True
        try:
            return self._find()
        finally:
            self.is_resolving = False


class Scope:
    """The names of a module, function, class body or comprehension, and the scope around it.

    `file` is where its code is written. `elsewhere` maps a name declared `global` or `nonlocal` to the scope it is in,
    `imports` an imported name to its module and the import, `stars` holds what `from x import *` was said of.
    A class body is no parent of the functions in it (`parent` skips it), as in Python.
    """

    __slots__ = ("elsewhere", "file", "imports", "names", "parent", "stars", "transparent")

    def __init__(self, file: PythonFile, parent: Scope | None = None, *, transparent: bool = False) -> None:
        """Open a scope; `transparent`: a walrus in it assigns in the scope around (comprehensions)."""
        self.file = file
        self.parent = parent
        self.names: dict[str, Value] = {}
        self.elsewhere: dict[str, Scope] = {}
        self.imports: dict[str, tuple[str, Span]] = {}
        self.stars: list[Symbol] = []
        self.transparent = transparent

    def holder(self, name: str) -> Scope | None:
        """The nearest scope in which `name` has a value."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope
            scope = scope.parent
        return None

    def assigned(self, name: str) -> Scope:
        """The scope that an assignment to `name` written here changes."""
        return self.elsewhere.get(name, self)

    @property
    def top(self) -> Scope:
        """The module's scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope
