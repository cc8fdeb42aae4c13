"""The machine that runs a revision's syntax tree: its limits, its state, and the doors to its parts.

The parts are modules of functions that take the machine: `expressions`, `statements`, `functions` (calls of the
project's own), `attributes`, `operators`, `iteration`, `branches` (unknown conditions), `imports`, `library`. Where one
part needs another that needs it in turn, it goes through the machine's abstract methods, which `interpreter` fills in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

from schemaguard.sources.alembic.interpreter.trial import NoTarget, TrialTarget
from schemaguard.sources.alembic.interpreter.values import LimitExceeded

if TYPE_CHECKING:
    import ast
    import weakref
    from collections.abc import Callable, Mapping, Sequence

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.completions import Completion
    from schemaguard.sources.alembic.interpreter.journal import Journal
    from schemaguard.sources.alembic.interpreter.library.results import Result
    from schemaguard.sources.alembic.interpreter.scope import Scope
    from schemaguard.sources.alembic.interpreter.values import Function, Module, Symbol, Unknown, Value
    from schemaguard.sources.alembic.operations.bridge import SqlAlchemy
    from schemaguard.sources.alembic.project import Project
    from schemaguard.sources.migration import Target
    from schemaguard.text import Span

MOST_STEPS = 2_000_000
MOST_CALLS_DEEP = 60
MOST_ITERATIONS = 20_000
LONGEST_TEXT = 20_000_000


class Framework(Protocol):
    """A framework whose own objects the project's migrations are made of (Django)."""

    def value(self, symbol: Symbol) -> Value:
        """What a name of it stands for without being called; None: only the name."""

    def build(self, symbol: Symbol, call: Call) -> Value:
        """Call something of it, or of a package that builds on it."""

    def owns(self, value: Value) -> bool:
        """Whether an object is one of its own."""

    def attribute(self, value: Value, name: str, span: Span) -> Value:
        """An attribute of such an object."""


class Machine(ABC):
    """Runs programs of a project, one after the other, each against a target."""

    def __init__(self, project: Project) -> None:
        """Prepare to run code of `project`."""
        self.project = project
        self.options = project.options
        self.modules: dict[str, Module] = {}
        self.registry: dict[str, dict[object, Value]] = {}
        self.configured: dict[str, Value] = {}
        self.framework: Framework | None = None
        self.in_environment = False
        self.reset(NoTarget())

    def reset(self, target: Target) -> None:
        """Begin a new program, whose effects go to `target`; modules that were read stay."""
        self.target = target
        self.depth = 0
        self.steps = 0
        self.journal: Journal | None = None
        self.tainted: dict[int, tuple[Value, Unknown]] = {}
        self.frames: list[tuple[Function, Scope]] = []
        self.receivers: list[Callable[[Value], Value]] = []
        self.handling: list[Value] = []
        self.guarded = 0
        self.open_results: list[weakref.ref[Result]] = []

    # The parts, where they need each other

    @abstractmethod
    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression (`expressions`)."""

    @abstractmethod
    def run(self, body: Sequence[ast.stmt], scope: Scope) -> Completion:
        """Run statements (`statements`)."""

    @abstractmethod
    def call(self, callee: Value, call: Call) -> Value:
        """Call a value (`functions`)."""

    @abstractmethod
    def attribute(self, value: Value, name: str, span: Span) -> Value:
        """The attribute of a value (`attributes`)."""

    @abstractmethod
    def load(self, name: str, span: Span, spelled: str) -> Value:
        """A module by its dotted name: of the project, or the `Symbol` of one outside, spelled so (`imports`)."""

    @abstractmethod
    def run_module(self, module: Module) -> None:
        """Run a module's top level, if that has not happened yet (`imports`)."""

    @property
    @abstractmethod
    def sqlalchemy(self) -> SqlAlchemy:
        """SQLAlchemy's and Alembic's own objects; loads both packages when first used (`operations`)."""

    # Limits

    def tick(self, node: ast.AST, scope: Scope) -> None:
        """Count a step.

        Raises:
            LimitExceeded: the program takes more than any migration needs.
        """
        self.steps += 1
        if self.steps > MOST_STEPS:
            span = scope.file.node_span(node) if hasattr(node, "lineno") else None  # type: ignore[arg-type]
            raise LimitExceeded(f"the revision does not end within {MOST_STEPS:,} steps", span)

    def check_length(self, length: int, span: Span) -> None:
        """Refuse to make a text or list that is longer than any migration needs.

        Raises:
            LimitExceeded: it is.
        """
        if length > LONGEST_TEXT:
            raise LimitExceeded(
                f"a value of more than {LONGEST_TEXT:,} characters or elements is built", span
            )

    # State

    def write(self, mapping: dict[str, Value], name: str, value: Value) -> None:
        """Set a name of a scope, object or class."""
        if self.journal is not None:
            self.journal.before_write(mapping, name)
        mapping[name] = value

    def erase(self, mapping: dict[str, Value], name: str) -> None:
        """Delete a name of a scope, object or class, if it is there."""
        if self.journal is not None:
            self.journal.before_write(mapping, name)
        mapping.pop(name, None)

    def touch(self, container: Value) -> None:
        """A list, dict or set of the program is about to change."""
        if self.journal is not None:
            self.journal.before_mutation(container)

    def taint(self, container: Value, unknown: Unknown) -> None:
        """From here on nothing is known of what a list, dict or set holds."""
        self.tainted[id(container)] = (container, unknown)

    def tainted_by(self, container: Value) -> Unknown | None:
        """Why the contents of a container are not known, or None if they are."""
        if not self.tainted:
            return None
        found = self.tainted.get(id(container))
        return found[1] if found else None

    def register(self, kind: str, key: object, value: Value) -> None:
        """Keep what a decorator of a library registers (custom operations, compilers)."""
        self.registry.setdefault(kind, {})[key] = value

    def deliver(self, value: Value) -> Value:
        """Hand a yielded value to whoever drives the innermost running generator."""
        return self.receivers[-1](value) if self.receivers else None

    def registered(self, kind: str, key: object) -> Value:
        """What was registered under that key, or None."""
        return self.registry.get(kind, {}).get(key)

    # The target

    def before_statement(self) -> None:
        """The database is about to change: results that somebody still holds get their rows now."""
        for reference in self.open_results:
            result = reference()
            if result is not None:
                result.load()
        self.open_results.clear()

    def reflect(self, question: Callable[[Any], Value]) -> Value:
        """Ask the replayed catalog, as it is at this point also while a branch is only tried."""
        target = self.target
        if not isinstance(target, TrialTarget):
            return question(target.reflection())
        mark = target.apply()
        try:
            return question(target.reflection())
        finally:
            target.withdraw(mark)

    def naming_convention(self) -> Mapping[str, str] | None:
        """The naming convention of the project's metadata: as the config says, or else as `env.py` leads to it."""
        return self.options.naming_convention or self.project.naming_convention()
