"""`try` and `with`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.completions import Perhaps
from schemaguard.sources.alembic.interpreter.generators import drive
from schemaguard.sources.alembic.interpreter.library.managers import Managed, Suppressing
from schemaguard.sources.alembic.interpreter.names import assign
from schemaguard.sources.alembic.interpreter.values import (
    Class,
    Generator,
    Instance,
    Raised,
    Symbol,
    Unknown,
)

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.completions import Completion
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.scope import Scope
    from schemaguard.sources.alembic.interpreter.values import Value


def run_try(machine: Machine, node: ast.Try, scope: Scope) -> Completion:
    """`try`: the handlers run where the project's own code raises; a statement that the server refuses is a finding."""
    try:
        completion = _guarded(machine, node, scope)
    except Raised:
        final = machine.run(node.finalbody, scope)
        if final is not None:
            return final
        raise
    final = machine.run(node.finalbody, scope)
    return completion if final is None else final


def _guarded(machine: Machine, node: ast.Try, scope: Scope) -> Completion:
    machine.guarded += bool(node.handlers)
    try:
        completion = machine.run(node.body, scope)
    except Raised as raised:
        handler = _handler_of(machine, node, raised, scope)
        if handler is None:
            raise
        return _handle(machine, handler, raised, scope)
    finally:
        machine.guarded -= bool(node.handlers)
    if completion is None or isinstance(completion, Perhaps):
        after = machine.run(node.orelse, scope)
        return completion if after is None else after
    return completion


def _handler_of(machine: Machine, node: ast.Try, raised: Raised, scope: Scope) -> ast.ExceptHandler | None:
    for handler in node.handlers:
        if handler.type is None or matches(raised.value, machine.evaluate(handler.type, scope)):
            return handler
    return None


def _handle(machine: Machine, handler: ast.ExceptHandler, raised: Raised, scope: Scope) -> Completion:
    value = (
        raised.value()
        if isinstance(raised.value, type) and issubclass(raised.value, Exception)
        else raised.value
    )
    if handler.name:
        machine.write(scope.names, handler.name, value)
    machine.handling.append(value)
    try:
        return machine.run(handler.body, scope)
    finally:
        machine.handling.pop()
        if handler.name:
            machine.erase(scope.names, handler.name)


def matches(value: Value, wanted: Value) -> bool:
    """Whether an exception is caught by what stands in an `except` clause."""
    if isinstance(wanted, tuple):
        return any(matches(value, one) for one in wanted)
    if isinstance(wanted, type):
        if isinstance(value, Instance):
            return any(
                isinstance(base, type) and issubclass(base, wanted) for base in value.cls.ancestors()
            ) or (wanted in (Exception, BaseException))
        if isinstance(value, (Symbol, Unknown, Class)):
            return wanted in (Exception, BaseException)
        return isinstance(value, wanted) or (isinstance(value, type) and issubclass(value, wanted))
    if isinstance(wanted, Class):
        return isinstance(value, Instance) and wanted in value.cls.ancestors()
    if isinstance(wanted, Symbol):
        if isinstance(value, Instance):
            return wanted in value.cls.ancestors()
        return isinstance(value, Symbol) and value.path == wanted.path
    return False


def run_with(machine: Machine, node: ast.With | ast.AsyncWith, scope: Scope) -> Completion:
    """`with`: of what libraries provide, of generators under `@contextmanager`, and of the project's own managers."""
    return _with_item(machine, node, 0, scope)


def _with_item(machine: Machine, node: ast.With | ast.AsyncWith, index: int, scope: Scope) -> Completion:
    if index == len(node.items):
        return machine.run(node.body, scope)
    item = node.items[index]
    manager = machine.evaluate(item.context_expr, scope)
    span = scope.file.node_span(item.context_expr)

    def inside(value: Value) -> Completion:
        if item.optional_vars is not None:
            assign(machine, item.optional_vars, value, scope)
        return _with_item(machine, node, index + 1, scope)

    match manager:
        case Managed(value=Generator() as generator):
            endings: list[Completion] = []

            def receive(value: Value) -> Value:
                endings.append(inside(value))
                return None

            drive(machine, generator, receive)
            return endings[0] if endings else None
        case Managed():
            completion = inside(manager.value)
            if manager.leave is not None:
                manager.leave()
            return completion
        case Suppressing():
            try:
                return inside(None)
            except Raised as raised:
                if not matches(raised.value, manager.exceptions):
                    raise
                return None
        case Instance():
            return _own_manager(machine, manager, inside, Call(machine, [], {}, span))
        case _:
            return inside(manager)


def _own_manager(
    machine: Machine, manager: Instance, inside: Callable[[Value], Completion], call: Call
) -> Completion:
    """A context manager class of the project."""
    enter = _method(machine, manager, ("__enter__", "__aenter__"), call)
    leave = _method(machine, manager, ("__exit__", "__aexit__"), call)
    value = machine.call(enter, call)
    completion = inside(value)
    machine.call(leave, Call(machine, [None, None, None], {}, call.span))
    return completion


def _method(machine: Machine, manager: Instance, names: tuple[str, str], call: Call) -> Value:
    for name in names:
        try:
            manager.cls.find(name)
        except KeyError:
            continue
        return machine.attribute(manager, name, call.span)
    return machine.attribute(manager, names[0], call.span)
