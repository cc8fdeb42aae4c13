"""Calls: of the project's functions and classes, and of what libraries provide."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.classes import instantiate
from schemaguard.sources.alembic.interpreter.completions import Perhaps, Return
from schemaguard.sources.alembic.interpreter.library import outside
from schemaguard.sources.alembic.interpreter.machine import MOST_CALLS_DEEP
from schemaguard.sources.alembic.interpreter.scope import Scope
from schemaguard.sources.alembic.interpreter.values import (
    Bound,
    Class,
    Descriptor,
    Function,
    Generator,
    Instance,
    LimitExceeded,
    Native,
    Raised,
    Symbol,
    Unknown,
)

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.completions import Completion
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def define(machine: Machine, node: _Definition, scope: Scope) -> Function:
    """The function that a `def` or `lambda` makes, with its defaults evaluated now, as Python does."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: dict[str, Value] = {}
    if arguments.defaults:
        for parameter, default in zip(
            positional[-len(arguments.defaults) :], arguments.defaults, strict=True
        ):
            defaults[parameter.arg] = machine.evaluate(default, scope)
    for parameter, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if keyword_default is not None:
            defaults[parameter.arg] = machine.evaluate(keyword_default, scope)
    return Function(node, scope, scope.file, defaults)


def call(machine: Machine, callee: Value, called: Call) -> Value:
    """Call a value.

    Raises:
        Raised: the call raises.
        LimitExceeded: it goes too deep.
    """
    match callee:
        case Function():
            return _call_function(machine, callee, called)
        case Native():
            called.name = called.name or callee.name
            return callee.implementation(called)
        case Bound():
            return machine.call(callee.function, _with_receiver(machine, callee.receiver, called))
        case Symbol():
            called.name = callee.path
            return outside.call_symbol(machine, callee, called)
        case Class():
            return instantiate(machine, callee, called)
        case Instance():
            return machine.call(_called_method(machine, callee, called), called)
        case Descriptor():
            return outside.call_descriptor(machine, callee, called)
        case Unknown():
            outside.report_hidden_effects(machine, callee, called)
            return callee
        case _:
            return outside.call_object(machine, callee, called)


def _called_method(machine: Machine, callee: Instance, called: Call) -> Value:
    try:
        return machine.attribute(callee, "__call__", called.span)
    except Raised as raised:
        message = f"'{callee.cls.name}' object is not callable"
        raise Raised(TypeError(message), called.span) from raised


def _with_receiver(machine: Machine, receiver: Value, called: Call) -> Call:
    return Call(machine, [receiver, *called.arguments], called.keywords, called.span, scope=called.scope)


def _call_function(machine: Machine, function: Function, called: Call) -> Value:
    scope = Scope(function.file, function.scope)
    _bind(function, called, scope)
    if function.is_generator:
        return Generator(function, scope)
    if machine.depth >= MOST_CALLS_DEEP:
        raise LimitExceeded(f"calls are nested more than {MOST_CALLS_DEEP} deep", called.span)
    machine.depth += 1
    machine.frames.append((function, scope))
    try:
        if isinstance(function.node, ast.Lambda):
            return machine.evaluate(function.node.body, scope)
        return _result(machine.run(function.node.body, scope))
    finally:
        machine.depth -= 1
        machine.frames.pop()


def _result(completion: Completion) -> Value:
    """What a call comes to, from how the body ended."""
    match completion:
        case Return():
            return completion.value
        case Perhaps():
            values = [ending.value for ending in completion.endings if isinstance(ending, Return)]
            return None if all(value is None for value in values) else completion.unknown
    return None


def _bind(function: Function, called: Call, scope: Scope) -> None:
    """Give the parameters their values, by Python's rules."""
    arguments = function.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    names, keywords = scope.names, dict(called.keywords)
    rest = keywords.pop("**", None)
    for parameter, value in zip(positional, called.arguments, strict=False):
        names[parameter.arg] = value
    extra = called.arguments[len(positional) :]
    if arguments.vararg is not None:
        names[arguments.vararg.arg] = tuple(extra)
    elif extra:
        message = (
            f"{function.name}() takes {len(positional)} positional arguments, not {len(called.arguments)}"
        )
        raise Raised(TypeError(message), called.span)
    for parameter in [*arguments.args, *arguments.kwonlyargs]:
        if parameter.arg in keywords:
            names[parameter.arg] = keywords.pop(parameter.arg)
    if arguments.kwarg is not None:
        names[arguments.kwarg.arg] = keywords if rest is None else rest
    elif keywords:
        message = f"{function.name}() got an unexpected keyword argument '{next(iter(keywords))}'"
        raise Raised(TypeError(message), called.span)
    for parameter in [*positional, *arguments.kwonlyargs]:
        if parameter.arg in names:
            continue
        if rest is not None:
            names[parameter.arg] = rest
        elif parameter.arg in function.defaults:
            names[parameter.arg] = function.defaults[parameter.arg]
        else:
            message = f"{function.name}() is missing its argument '{parameter.arg}'"
            raise Raised(TypeError(message), called.span)
