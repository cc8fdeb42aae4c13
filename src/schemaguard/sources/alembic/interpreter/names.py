"""Names: what they stand for, and assignment to them and to everything else that can be assigned to."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.iteration import items
from schemaguard.sources.alembic.interpreter.library.builtin import BUILTINS
from schemaguard.sources.alembic.interpreter.library.database import Dialect
from schemaguard.sources.alembic.interpreter.library.handles import Handle
from schemaguard.sources.alembic.interpreter.scope import Lazy
from schemaguard.sources.alembic.interpreter.values import (
    Class,
    Instance,
    Module,
    Raised,
    Symbol,
    Undecided,
    Unknown,
    unknown_in,
)

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.scope import Scope
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


def lookup(name: str, scope: Scope, node: ast.Name) -> Value:
    """What a name stands for.

    Raises:
        Raised: a NameError: it stands for nothing.
    """
    holder = scope.holder(name)
    if holder is None:
        return _without_holder(name, scope, node)
    value = holder.names[name]
    if not isinstance(value, Lazy):
        return value
    value = value.resolve()
    if isinstance(value, Unknown) and name in holder.imports:
        remedy = f"Declare its value under `values` as `{holder.imports[name][0]}.{name}`."
        return Unknown(origin(node, scope), scope.file.node_span(node), remedy)
    holder.names[name] = value  # no change that a branch makes: it is what the name stood for all along
    return value


def origin(node: ast.expr, scope: Scope) -> str:
    """An expression as a noun that says where its value comes from: "`Base` (app.models), which is imported …"."""
    root = node
    while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
        root = root.func if isinstance(root, ast.Call) else root.value
    code = f"`{scope.file.code(node)}`"
    holder = scope.holder(root.id) if isinstance(root, ast.Name) else None
    if holder is None or not isinstance(root, ast.Name) or root.id not in holder.imports:
        return code
    module, span = holder.imports[root.id]
    where = f"line {span.line}" if span.file is scope.file else f"{span.path}:{span.line}"
    return f"{code} ({module}), which is imported at {where}"


def _without_holder(name: str, scope: Scope, node: ast.Name) -> Value:
    if name in BUILTINS:
        return BUILTINS[name]
    stars = scope.top.stars
    if stars:
        return stars[-1].member(name)
    raise Raised(NameError(f"name '{name}' is not defined"), scope.file.node_span(node))


def assign(machine: Machine, target: ast.expr, value: Value, scope: Scope) -> None:
    """Give a value to a name, an attribute, an element, or take it apart into several."""
    match target:
        case ast.Name(id=name):
            if isinstance(value, Unknown):
                value = value.named(name)
            machine.write(scope.assigned(name).names, name, value)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            _take_apart(machine, elements, value, scope)
        case ast.Starred(value=inner):
            assign(machine, inner, value, scope)
        case ast.Attribute(value=owner_node, attr=name):
            _set_attribute(machine, machine.evaluate(owner_node, scope), name, value)
        case ast.Subscript(value=owner_node, slice=key_node):
            owner = machine.evaluate(owner_node, scope)
            key = machine.evaluate(key_node, scope)
            _set_element(machine, owner, key, value, scope.file.node_span(target))
        case _:
            message = f"cannot assign to {type(target).__name__}"
            raise Raised(SyntaxError(message), scope.file.node_span(target))


def _take_apart(machine: Machine, elements: list[ast.expr], value: Value, scope: Scope) -> None:
    span = scope.file.node_span(elements[0]) if elements else scope.file.span(0, 0)
    try:
        values = list(items(machine, value, span))
    except Undecided as undecided:
        for element in elements:
            assign(machine, element, undecided.unknown, scope)
        return
    starred = next((index for index, node in enumerate(elements) if isinstance(node, ast.Starred)), None)
    if starred is not None:
        after = len(elements) - starred - 1
        if len(values) < starred + after:
            message = f"not enough values to unpack (expected at least {starred + after}, got {len(values)})"
            raise Raised(ValueError(message), span)
        middle = values[starred : len(values) - after]
        values = [*values[:starred], middle, *values[len(values) - after :]]
    if len(values) != len(elements):
        message = f"cannot unpack {len(values)} values into {len(elements)}"
        raise Raised(ValueError(message), span)
    for element, item in zip(elements, values, strict=True):
        assign(machine, element, item, scope)


def _set_attribute(machine: Machine, owner: Value, name: str, value: Value) -> None:
    match owner:
        case Instance() | Class():
            machine.write(owner.attributes, name, value)
        case Module():
            machine.write(owner.scope.names, name, value)
        case _ if type(owner).__module__.startswith("sqlalchemy."):
            machine.sqlalchemy.set_attribute(owner, name, value)
        case Symbol() | Unknown() | Handle() | Dialect():
            pass  # what a library is told about itself does not change what the revision does
        case _:
            message = f"'{type(owner).__name__}' object has no attribute '{name}' that can be set"
            raise AttributeError(message)


def _set_element(machine: Machine, owner: Value, key: Value, value: Value, span: Span) -> None:
    if isinstance(owner, Instance):
        try:
            method = owner.cls.find("__setitem__")
        except KeyError:
            owner = owner.data
        else:
            machine.call(method, Call(machine, [owner, key, value], {}, span))
            return
    if isinstance(owner, (Unknown, Symbol)):
        return
    if isinstance(owner, (list, dict)):
        machine.touch(owner)
        if (unknown := unknown_in(key)) is not None:
            machine.taint(owner, unknown)
        else:
            owner[key] = value  # type: ignore[call-overload]  # a key of the wrong type raises what Python raises
        return
    message = f"'{type(owner).__name__}' object does not support item assignment"
    raise TypeError(message)


def delete(machine: Machine, target: ast.expr, scope: Scope) -> None:
    """`del target`."""
    match target:
        case ast.Name(id=name):
            machine.erase(scope.assigned(name).names, name)
        case ast.Attribute(value=owner_node, attr=name):
            owner = machine.evaluate(owner_node, scope)
            if isinstance(owner, (Instance, Class)):
                machine.erase(owner.attributes, name)
        case ast.Subscript(value=owner_node, slice=key_node):
            owner, key = machine.evaluate(owner_node, scope), machine.evaluate(key_node, scope)
            if isinstance(owner, (list, dict)):
                machine.touch(owner)
                if (unknown := unknown_in(key)) is not None:
                    machine.taint(owner, unknown)
                else:
                    del owner[key]  # type: ignore[arg-type]  # as above
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                delete(machine, element, scope)
        case _:
            pass
