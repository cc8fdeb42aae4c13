"""Statements: what they do to names and to the target, and how they end."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter import handling, imports, matching
from schemaguard.sources.alembic.interpreter.branches import decide
from schemaguard.sources.alembic.interpreter.classes import define_class
from schemaguard.sources.alembic.interpreter.completions import Break, Continue, Perhaps, Return
from schemaguard.sources.alembic.interpreter.expressions import PYTHON_ERRORS, TARGET_METADATA
from schemaguard.sources.alembic.interpreter.functions import define
from schemaguard.sources.alembic.interpreter.generators import Stop, drive
from schemaguard.sources.alembic.interpreter.iteration import items
from schemaguard.sources.alembic.interpreter.library.decorators import decorate
from schemaguard.sources.alembic.interpreter.machine import MOST_ITERATIONS
from schemaguard.sources.alembic.interpreter.names import assign, delete
from schemaguard.sources.alembic.interpreter.operators import binary
from schemaguard.sources.alembic.interpreter.scope import Lazy, Scope
from schemaguard.sources.alembic.interpreter.truth import truth
from schemaguard.sources.alembic.interpreter.values import (
    Generator,
    LimitExceeded,
    Raised,
    Undecided,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from schemaguard.sources.alembic.interpreter.completions import Completion
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value


def run(machine: Machine, body: Sequence[ast.stmt], scope: Scope) -> Completion:
    """Run statements one after the other."""
    for position, statement in enumerate(body):
        completion = run_one(machine, statement, scope)
        if completion is None:
            continue
        if isinstance(completion, Perhaps):
            return _perhaps_rest(machine, completion, body[position + 1 :], scope)
        return completion
    return None


def run_one(machine: Machine, statement: ast.stmt, scope: Scope) -> Completion:
    """Run one statement."""
    machine.tick(statement, scope)
    runner = _RUNNERS.get(type(statement))
    if runner is None:
        reason = f"{type(statement).__name__} statements are not interpreted"
        machine.target.opaque(scope.file.node_span(statement), reason)
        return None
    try:
        return runner(machine, statement, scope)
    except PYTHON_ERRORS as error:
        raise Raised(error, scope.file.node_span(statement)) from error


def _perhaps_rest(machine: Machine, ended: Perhaps, rest: Sequence[ast.stmt], scope: Scope) -> Completion:
    return perhaps_then(machine, ended, lambda: run(machine, rest, scope))


def perhaps_then(machine: Machine, ended: Perhaps, rest: Callable[[], Completion]) -> Completion:
    """Run what follows a statement that may have ended the block: it may or may not happen."""
    completion = decide(machine, ended.unknown, [rest, lambda: None])
    match completion:
        case None:
            return ended
        case Perhaps():
            return Perhaps((*ended.endings, *completion.endings), ended.unknown)
        case _:
            return Perhaps((*ended.endings, completion), ended.unknown)


def _expression(machine: Machine, node: ast.Expr, scope: Scope) -> Completion:
    if not isinstance(node.value, ast.Constant):
        machine.evaluate(node.value, scope)
    return None


def _assign(machine: Machine, node: ast.Assign, scope: Scope) -> Completion:
    value: Value
    if (
        machine.in_environment
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == TARGET_METADATA
    ):
        value = Lazy(lambda: machine.evaluate(node.value, scope))
    else:
        value = machine.evaluate(node.value, scope)
    for target in node.targets:
        assign(machine, target, value, scope)
    return None


def _annotated(machine: Machine, node: ast.AnnAssign, scope: Scope) -> Completion:
    if node.value is not None:
        assign(machine, node.target, machine.evaluate(node.value, scope), scope)
    return None


def _augmented(machine: Machine, node: ast.AugAssign, scope: Scope) -> Completion:
    # The target is read with the node that is then assigned to; `ast` marks its context as a store.
    current = machine.evaluate(node.target, scope)
    value = machine.evaluate(node.value, scope)
    span = scope.file.node_span(node)
    if isinstance(current, list) and isinstance(node.op, ast.Add) and not isinstance(value, Unknown):
        machine.touch(current)
        current.extend(items(machine, value, span))
        return None
    if isinstance(current, (list, dict, set)) and isinstance(value, Unknown):
        machine.taint(current, value)
        return None
    assign(machine, node.target, binary(machine, node.op, current, value, span), scope)
    return None


def _return(machine: Machine, node: ast.Return, scope: Scope) -> Completion:
    return Return(None if node.value is None else machine.evaluate(node.value, scope))


def _if(machine: Machine, node: ast.If, scope: Scope) -> Completion:
    condition = machine.evaluate(node.test, scope)
    try:
        decided = truth(machine, condition, scope.file.node_span(node.test))
    except Undecided as undecided:
        return decide(
            machine,
            undecided.unknown,
            [lambda: run(machine, node.body, scope), lambda: run(machine, node.orelse, scope)],
            scope.file.node_span(node.test),
        )
    return run(machine, node.body if decided else node.orelse, scope)


def _for(machine: Machine, node: ast.For | ast.AsyncFor, scope: Scope) -> Completion:
    source = machine.evaluate(node.iter, scope)
    span = scope.file.node_span(node.iter)
    if isinstance(source, Generator) and source.buffer is None:
        return _for_generator(machine, node, source, scope)
    try:
        values = items(machine, source, span)
        return _rounds(machine, node, values, scope)
    except Undecided as undecided:
        unknown = undecided.unknown

    def one_round() -> Completion:
        assign(machine, node.target, unknown, scope)
        return run(machine, node.body, scope)

    completion = decide(machine, unknown, [one_round, lambda: None], span)
    return _after_loop(machine, node, scope, completion)


def _rounds(
    machine: Machine, node: ast.For | ast.AsyncFor, values: Iterator[Value], scope: Scope
) -> Completion:
    """Run the body for each value."""

    def round_of(value: Value) -> Completion:
        assign(machine, node.target, value, scope)
        return run(machine, node.body, scope)

    return _repeat(machine, (partial(round_of, value) for value in values), node, scope)


def _repeat(
    machine: Machine,
    rounds: Iterator[Callable[[], Completion]],
    node: ast.For | ast.AsyncFor | ast.While,
    scope: Scope,
) -> Completion:
    """Run the rounds of a loop and then its `else`, unless a `break` says otherwise."""
    doubt: Perhaps | None = None
    for one_round in rounds:
        completion = one_round() if doubt is None else perhaps_then(machine, doubt, one_round)
        match completion:
            case None | Continue():
                continue
            case Break():
                return None
            case Return():
                return completion
            case Perhaps():
                doubt = _beyond_this_round(completion)
                if doubt is not None and isinstance(node, ast.While):
                    break  # whether there is another round is not known either; what it may do has been seen
    if doubt is not None:
        returns = tuple(ending for ending in doubt.endings if isinstance(ending, Return))
        return Perhaps(returns, doubt.unknown) if returns else None
    return run(machine, node.orelse, scope)


def _beyond_this_round(completion: Perhaps) -> Perhaps | None:
    """What a perhaps of one round means for the next: a `continue` is over, a `break` or `return` is not."""
    endings = tuple(ending for ending in completion.endings if not isinstance(ending, Continue))
    return Perhaps(endings, completion.unknown) if endings else None


def _after_loop(
    machine: Machine, node: ast.For | ast.AsyncFor | ast.While, scope: Scope, completion: Completion
) -> Completion:
    match completion:
        case Perhaps():
            returns = tuple(ending for ending in completion.endings if isinstance(ending, Return))
            return Perhaps(returns, completion.unknown) if returns else None
        case Return():
            return completion
        case _:
            return run(machine, node.orelse, scope)


def _for_generator(
    machine: Machine, node: ast.For | ast.AsyncFor, source: Generator, scope: Scope
) -> Completion:
    """Run the body inside the generator, at each of its yields."""
    source.buffer = []
    ended: list[Completion] = []

    def receive(value: Value) -> Value:
        assign(machine, node.target, value, scope)
        completion = run(machine, node.body, scope)
        if isinstance(completion, (Break, Return)):
            ended.append(completion)
            raise Stop
        if isinstance(completion, Perhaps) and (lasting := _beyond_this_round(completion)) is not None:
            ended[:] = [lasting]
        return None

    drive(machine, source, receive)
    if ended:
        return _after_loop(machine, node, scope, ended[-1]) if not isinstance(ended[-1], Break) else None
    return run(machine, node.orelse, scope)


def _while(machine: Machine, node: ast.While, scope: Scope) -> Completion:
    def rounds() -> Iterator[Callable[[], Completion]]:
        count = 0
        while truth(machine, machine.evaluate(node.test, scope)):
            count += 1
            if count > MOST_ITERATIONS:
                raise LimitExceeded(
                    f"a loop has more than {MOST_ITERATIONS:,} rounds", scope.file.node_span(node.test)
                )
            yield lambda: run(machine, node.body, scope)

    try:
        return _repeat(machine, rounds(), node, scope)
    except Undecided as undecided:
        unknown = undecided.unknown
    completion = decide(
        machine,
        unknown,
        [lambda: run(machine, node.body, scope), lambda: None],
        scope.file.node_span(node.test),
    )
    return _after_loop(machine, node, scope, completion)


def _function(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Completion:
    value: Value = define(machine, node, scope)
    for decorator in reversed(node.decorator_list):
        value = decorate(machine, machine.evaluate(decorator, scope), value, decorator, scope)
    machine.write(scope.assigned(node.name).names, node.name, value)
    return None


def _class(machine: Machine, node: ast.ClassDef, scope: Scope) -> Completion:
    value: Value = define_class(machine, node, scope)
    for decorator in reversed(node.decorator_list):
        value = decorate(machine, machine.evaluate(decorator, scope), value, decorator, scope)
    machine.write(scope.assigned(node.name).names, node.name, value)
    return None


def _raise(machine: Machine, node: ast.Raise, scope: Scope) -> Completion:
    span = scope.file.node_span(node)
    if node.exc is None:
        value: Value = (
            machine.handling[-1] if machine.handling else RuntimeError("No active exception to reraise")
        )
    else:
        value = machine.evaluate(node.exc, scope)
    raise Raised(value, span, explicit=True)


def _assert(machine: Machine, node: ast.Assert, scope: Scope) -> Completion:
    condition = machine.evaluate(node.test, scope)
    try:
        holds = truth(machine, condition)
    except Undecided:
        return None  # the history ran through, so it held
    if not holds:
        raise Raised(AssertionError(scope.file.code(node.test)), scope.file.node_span(node), explicit=True)
    return None


def _delete(machine: Machine, node: ast.Delete, scope: Scope) -> Completion:
    for target in node.targets:
        delete(machine, target, scope)
    return None


def _global(_machine: Machine, node: ast.Global, scope: Scope) -> Completion:
    for name in node.names:
        scope.elsewhere[name] = scope.top
    return None


def _nonlocal(_machine: Machine, node: ast.Nonlocal, scope: Scope) -> Completion:
    for name in node.names:
        holder = scope.parent.holder(name) if scope.parent is not None else None
        if holder is not None:
            scope.elsewhere[name] = holder
    return None


def _nothing(_machine: Machine, _node: ast.stmt, _scope: Scope) -> Completion:
    return None


_RUNNERS: dict[type[ast.stmt], Callable[[Machine, Any, Scope], Completion]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Delete: _delete,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Pass: _nothing,
    ast.Break: lambda _machine, _node, _scope: Break(),
    ast.Continue: lambda _machine, _node, _scope: Continue(),
    ast.Import: imports.import_modules,
    ast.ImportFrom: imports.import_names,
    ast.Try: handling.run_try,
    ast.With: handling.run_with,
    ast.AsyncWith: handling.run_with,
    ast.Match: matching.run_match,
}
if hasattr(ast, "TypeAlias"):
    _RUNNERS[ast.TypeAlias] = _nothing
