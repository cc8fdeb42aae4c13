"""Decorators: those that change how a function or class is used, and those that only register or wrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.values import (
    Bound,
    Class,
    Descriptor,
    Function,
    Native,
    Symbol,
)

if TYPE_CHECKING:
    import ast

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.scope import Scope
    from schemaguard.sources.alembic.interpreter.values import Value

DESCRIPTORS = {
    "builtins.staticmethod": "staticmethod",
    "builtins.classmethod": "classmethod",
    "builtins.property": "property",
    "functools.cached_property": "cached_property",
    "contextlib.contextmanager": "contextmanager",
    "contextlib.asynccontextmanager": "contextmanager",
    "sqlalchemy.orm.declared_attr": "classmethod",
    "sqlalchemy.ext.declarative.declared_attr": "classmethod",
    "sqlalchemy.util.memoized_property": "property",
    "sqlalchemy.ext.hybrid.hybrid_property": "property",
}
"""Decorators that make a descriptor, by dotted name."""


def decorate(machine: Machine, decorator: Value, value: Value, node: ast.expr, scope: Scope) -> Value:
    """What `@decorator` makes of a function or class; a decorator that is not known is taken to wrap it unchanged."""
    if isinstance(decorator, Symbol) and decorator.path in DESCRIPTORS:
        return Descriptor(DESCRIPTORS[decorator.path], value)
    if isinstance(decorator, (Function, Bound, Class, Native)):
        result = machine.call(decorator, Call(machine, [value], {}, scope.file.node_span(node), scope=scope))
        return value if result is None else result
    if isinstance(decorator, Symbol) and decorator.path in (
        "dataclasses.dataclass",
        "attr.s",
        "attrs.define",
    ):
        return machine.call(decorator, Call(machine, [value], {}, scope.file.node_span(node), scope=scope))
    return value
