"""What an expression can come to, besides Python's own values.

Known data are plain Python objects (`None`, numbers, `tracked.Text`, lists, dicts …), and SQLAlchemy's objects once
`operations` has built them. Everything else the revision can hold is one of the classes here.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.scope import Scope
    from schemaguard.sources.alembic.source import PythonFile
    from schemaguard.text import Span

Value: TypeAlias = object
"""Anything an expression can come to; a plain Python object, or an instance of a class of this module."""


class Unknown:
    """A value that can't be known without running the project.

    `origin`: where it comes from, as a noun: ``"`uuid4()`, which is random"``. `subject`: the variable it was first
    given to, if any. `remedy`: what to declare, as a sentence. Testing its truth raises `Undecided`, so that no host
    function can take it for a value by accident. `partial`: a text of which only parts are not known, with `$1` in
    their place.
    """

    __slots__ = ("origin", "partial", "remedy", "span", "subject")

    def __init__(
        self, origin: str, span: Span, remedy: str = "", subject: str = "", partial: str | None = None
    ) -> None:
        """Say where the value would come from."""
        self.origin = origin
        self.span = span
        self.remedy = remedy
        self.subject = subject
        self.partial = partial

    def named(self, subject: str) -> Unknown:
        """The same, as the value of a variable; the first name it got is the one that says most."""
        return self if self.subject else Unknown(self.origin, self.span, self.remedy, subject, self.partial)

    def in_text(self, partial: str) -> Unknown:
        """The same, as part of a text of which the rest is known."""
        return Unknown(self.origin, self.span, self.remedy, self.subject, partial)

    def describe(self) -> str:
        """Why it is not known, as a sentence without its full stop."""
        if self.subject:
            return f"`{self.subject}` comes from {self.origin}"
        return f"{self.origin} is not known before the migration runs"

    def __bool__(self) -> bool:
        """Refuse to be taken for true or false."""
        raise Undecided(self)

    def __repr__(self) -> str:
        """Show the reason."""
        return f"Unknown({self.describe()})"


class Undecided(Exception):  # noqa: N818 - a state of affairs, not an error
    """Something depends on an unknown value."""

    def __init__(self, unknown: Unknown) -> None:
        """Take the value it depends on."""
        super().__init__(unknown.describe())
        self.unknown = unknown


class LimitExceeded(Exception):  # noqa: N818 - named for what happened
    """The revision takes more steps, memory or depth than any migration needs; the message says which."""

    def __init__(self, message: str, span: Span | None = None) -> None:
        """Take what was exceeded and where."""
        super().__init__(message)
        self.message = message
        self.span = span


class Started(Exception):  # noqa: N818 - an event
    """`env.py` runs the migrations: what it does after them does not matter."""


class Raised(Exception):  # noqa: N818 - named for what the program did
    """The interpreted program raised `value`, an exception of Python's or an `Instance`.

    `explicit`: by a `raise` or `assert` of its own, not because an operation failed.
    """

    def __init__(self, value: Value, span: Span, *, explicit: bool = False) -> None:
        """Take what was raised and where."""
        super().__init__(repr(value))
        self.value = value
        self.span = span
        self.explicit = explicit

    def describe(self) -> str:
        """What happens, as a sentence without its full stop."""
        match self.value:
            case BaseException():
                what = f"{type(self.value).__name__}: {self.value}"
            case Instance():
                what = f"{self.value.cls.name}: {self.value.data}" if self.value.data else self.value.cls.name
            case Class() | Symbol() as named:
                what = named.name
            case _:
                what = "an exception"
        return f"the code raises {what.rstrip(': ')}"


class Symbol:
    """Something of a package outside the project, by its dotted name: ``sqlalchemy.Column``.

    `name` is how the code spells it, `span` the import that brought it in. What it means is looked up when it is used.
    """

    __slots__ = ("name", "path", "span")

    def __init__(self, path: str, span: Span, name: str = "") -> None:
        """Take the dotted name, where it is imported, and how it is spelled there."""
        self.path = path
        self.span = span
        self.name = name or path

    def member(self, name: str) -> Symbol:
        """The attribute `name` of it."""
        return Symbol(f"{self.path}.{name}", self.span, f"{self.name}.{name}")

    def unknown(self) -> Unknown:
        """The same as a value that is needed and can't be had."""
        package = self.path.partition(".")[0]
        origin = f"`{self.name}` ({package}), which is imported at line {self.span.line}"
        return Unknown(origin, self.span, f"Declare its value under `values` as `{self.path}`.")

    def __eq__(self, other: object) -> bool:
        """Two imports of one thing are the same thing."""
        return isinstance(other, Symbol) and other.path == self.path

    def __hash__(self) -> int:
        """As equality says."""
        return hash(self.path)

    def __repr__(self) -> str:
        """Show the dotted name."""
        return f"Symbol({self.path})"


class Function:
    """A function or lambda of the project."""

    __slots__ = ("attributes", "defaults", "file", "name", "node", "owner", "scope")

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        scope: Scope,
        file: PythonFile,
        defaults: dict[str, Value],
    ) -> None:
        """Take the definition, where it closes over names, and the values of its defaults by parameter name."""
        self.node = node
        self.scope = scope
        self.file = file
        self.defaults = defaults
        self.name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
        self.owner: Class | None = None
        self.attributes: dict[str, Value] = {}

    @property
    def is_generator(self) -> bool:
        """Whether a call makes a generator."""
        if isinstance(self.node, ast.Lambda):
            return False
        cache = self.file.cache
        if self.node not in cache:
            cache[self.node] = _yields(self.node.body)
        return cache[self.node] is True

    def __repr__(self) -> str:
        """Show the name."""
        return f"<function {self.name}>"


class Native:
    """A function that the interpreter provides."""

    __slots__ = ("implementation", "name")

    def __init__(self, name: str, implementation: Callable[[Call], Value]) -> None:
        """Take its name, for messages, and what it does."""
        self.name = name
        self.implementation = implementation

    def __repr__(self) -> str:
        """Show the name."""
        return f"<native {self.name}>"


class Bound:
    """A function with its first argument, as a method has it; or a decorated descriptor."""

    __slots__ = ("function", "receiver")

    def __init__(self, function: Value, receiver: Value) -> None:
        """Take a callable value and what goes before its arguments."""
        self.function = function
        self.receiver = receiver


class Descriptor:
    """`@staticmethod`, `@property`, `@contextmanager` …: a function and how it is looked up or called."""

    __slots__ = ("function", "kind")

    def __init__(self, kind: str, function: Value) -> None:
        """Take the decorator's name and the function."""
        self.kind = kind
        self.function = function


class Class:
    """A class of the project. `bases` may hold `Symbol` (of a library), `Class`, or Python's own types."""

    __slots__ = ("attributes", "bases", "file", "name", "node", "traits")

    def __init__(
        self, name: str, bases: Sequence[Value], attributes: dict[str, Value], file: PythonFile
    ) -> None:
        """Take what the class statement came to."""
        self.name = name
        self.bases = tuple(bases)
        self.attributes = attributes
        self.file = file
        self.node: ast.ClassDef | None = None
        self.traits: dict[str, Value] = {}

    def ancestors(self) -> list[Value]:
        """The class and its bases, nearest first, each once."""
        found: list[Value] = [self]
        for base in self.bases:
            for ancestor in base.ancestors() if isinstance(base, Class) else [base]:
                if not any(ancestor is known for known in found):
                    found.append(ancestor)
        return found

    def find(self, name: str) -> Value:
        """The attribute of the class or the nearest base that has it.

        Raises:
            KeyError: none has.
        """
        for ancestor in self.ancestors():
            if isinstance(ancestor, Class) and name in ancestor.attributes:
                return ancestor.attributes[name]
        raise KeyError(name)

    def symbols(self) -> list[str]:
        """Dotted names of the library classes that it descends from."""
        return [ancestor.path for ancestor in self.ancestors() if isinstance(ancestor, Symbol)]

    def __repr__(self) -> str:
        """Show the name."""
        return f"<class {self.name}>"


class Instance:
    """An object of a class of the project; `data` is what a base of Python's own (str, dict, an exception) holds."""

    __slots__ = ("attributes", "cls", "data")

    def __init__(self, cls: Class, attributes: dict[str, Value] | None = None, data: Value = None) -> None:
        """Make an object with these attributes."""
        self.cls = cls
        self.attributes = {} if attributes is None else attributes
        self.data = data

    def __repr__(self) -> str:
        """Show the class."""
        return f"<{self.cls.name} object>"


class Module:
    """A Python module of the project, evaluated when first needed."""

    __slots__ = ("file", "is_package", "is_running", "loaded", "name", "scope")

    def __init__(self, name: str, file: PythonFile, scope: Scope, *, is_package: bool) -> None:
        """Take its dotted name, its file and its (still empty) globals."""
        self.name = name
        self.file = file
        self.scope = scope
        self.is_package = is_package
        self.loaded = False
        self.is_running = False

    def __repr__(self) -> str:
        """Show the dotted name."""
        return f"<module {self.name}>"


class Generator:
    """A call of a function that yields: its body runs when it is iterated, inside the loop that asks for values."""

    __slots__ = ("arguments", "buffer", "function")

    def __init__(self, function: Function, arguments: Scope) -> None:
        """Take the function and the scope that holds its arguments."""
        self.function = function
        self.arguments = arguments
        self.buffer: list[Value] | None = None


def _yields(body: Sequence[ast.AST]) -> bool:
    """Whether a function's own statements (not those of functions in it) have a `yield`."""
    stack = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            stack.extend(ast.iter_child_nodes(node))
    return False


def unknown_in(*values: Value) -> Unknown | None:
    """The first unknown value among these, also inside lists, tuples, sets and dicts; None if all is known."""
    stack = list(reversed(values))
    depth = 0
    while stack:
        value = stack.pop()
        if isinstance(value, Unknown):
            return value
        if isinstance(value, dict):
            stack.extend(value.values())
            stack.extend(value)
        elif isinstance(value, (list, tuple, set, frozenset)):
            stack.extend(value)
        depth += 1
        if depth > _MOST_ITEMS:
            return None
    return None


_MOST_ITEMS = 1_000_000
