"""Comprehensions: the elements that they make, also of what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.branches import choose
from schemaguard.sources.alembic.interpreter.iteration import items
from schemaguard.sources.alembic.interpreter.names import assign
from schemaguard.sources.alembic.interpreter.scope import Scope
from schemaguard.sources.alembic.interpreter.truth import truth
from schemaguard.sources.alembic.interpreter.values import Undecided

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Unknown, Value


def _comprehension(machine: Machine, node: Any, scope: Scope) -> Iterator[Scope]:  # noqa: ANN401 - four node types
    """The scopes in which a comprehension's element is to be evaluated, one for each combination that passes."""
    inner = Scope(scope.file, scope, transparent=True)

    def clause(index: int) -> Iterator[Scope]:
        if index == len(node.generators):
            yield inner
            return
        generator = node.generators[index]
        source = machine.evaluate(generator.iter, scope if index == 0 else inner)
        for value in items(machine, source, scope.file.node_span(generator.iter)):
            machine.tick(generator.iter, scope)
            assign(machine, generator.target, value, inner)
            if all(truth(machine, machine.evaluate(test, inner)) for test in generator.ifs):
                yield from clause(index + 1)

    yield from clause(0)


def _elements_of(machine: Machine, node: Any, scope: Scope, *parts: ast.expr) -> list[Value]:  # noqa: ANN401 - as above
    """The elements of a comprehension: the value of its expression, or of key and value.

    Raises:
        Undecided: which they are is not known; what making one does may or may not happen.
    """
    found: list[Value] = []
    try:
        for inner in _comprehension(machine, node, scope):
            values = [machine.evaluate(part, inner) for part in parts]
            found.append(values[0] if len(parts) == 1 else tuple(values))
    except Undecided as undecided:
        _perhaps_one(machine, node, scope, parts, undecided.unknown)
        raise
    return found


def _perhaps_one(
    machine: Machine,
    node: Any,  # noqa: ANN401 - as above
    scope: Scope,
    parts: tuple[ast.expr, ...],
    unknown: Unknown,
) -> None:
    """Make one element of something unknown, for what that does beside."""

    def one() -> Value:
        inner = Scope(scope.file, scope, transparent=True)
        for generator in node.generators:
            assign(machine, generator.target, unknown, inner)
        return [machine.evaluate(part, inner) for part in parts]

    choose(machine, unknown, [one, lambda: None], scope.file.node_span(node))


def list_comprehension(machine: Machine, node: ast.ListComp, scope: Scope) -> Value:
    """`[element for …]`."""
    return _elements_of(machine, node, scope, node.elt)


def set_comprehension(machine: Machine, node: ast.SetComp, scope: Scope) -> Value:
    """`{element for …}`."""
    return set(_elements_of(machine, node, scope, node.elt))


def dict_comprehension(machine: Machine, node: ast.DictComp, scope: Scope) -> Value:
    """`{key: value for …}`."""
    pairs: Any = _elements_of(machine, node, scope, node.key, node.value)
    return dict(pairs)


def generator(machine: Machine, node: ast.GeneratorExp, scope: Scope) -> Value:
    """`(element for …)`."""
    # Evaluated at once: what differs from Python (an endless source, side effects in between) no migration has.
    return iter(_elements_of(machine, node, scope, node.elt))
