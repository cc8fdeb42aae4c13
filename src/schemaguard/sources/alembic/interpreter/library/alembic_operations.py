"""`op`: the operations of Alembic, its plugins, and those that the project or its config defines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.formatting import format_method
from schemaguard.sources.alembic.interpreter.library import entities, enum_operations
from schemaguard.sources.alembic.interpreter.library.alembic_context import Context
from schemaguard.sources.alembic.interpreter.library.execution import send, sql_of
from schemaguard.sources.alembic.interpreter.tracked import written_at
from schemaguard.sources.alembic.interpreter.values import Class, Instance, Module, Native, Symbol, Unknown
from schemaguard.sources.alembic.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value


def member(machine: Machine, symbol: Symbol, name: str) -> Value:
    """An attribute of `op` that is more than a name: the operations that the project registers; else None."""
    if symbol.path not in ("alembic.op", "alembic.operations.Operations"):
        return None
    if name in ("migration_context", "impl"):
        return Context()
    registered = machine.registered("operation", name)
    if registered is not None or name in FUNCTIONS_OF_OP or name in machine.options.operations:
        return registered
    if symbol.path == "alembic.op" and name not in OPERATIONS:
        _load_registrations(machine, symbol)
    return machine.registered("operation", name)


OPERATIONS = words(
    "add_column alter_column batch_alter_table bulk_insert create_check_constraint "
    "create_exclude_constraint create_foreign_key create_index create_primary_key create_table "
    "create_table_comment create_unique_constraint drop_column drop_constraint drop_index drop_table "
    "drop_table_comment execute f get_bind get_context inline_literal invoke rename_table run_async "
    "implementation_for register_operation"
)
"""What `op` has of its own."""


def _load_registrations(machine: Machine, symbol: Symbol) -> None:
    """Run the modules of the project that register operations: importing them is the business of `env.py`."""
    project = machine.project
    for word in ("register_operation", "implementation_for"):
        for file in project.files_mentioning(word):
            name = project.module_name(file)
            module = None if name is None else machine.load(name, symbol.span, name)
            if isinstance(module, Module):
                machine.run_module(module)


def operation(symbol: Symbol, call: Call) -> Value:
    """Call `op.name(…)`."""
    machine = call.machine
    name = symbol.path.removeprefix("alembic.op.")
    template = machine.options.operations.get(name)
    if template is not None:
        _declared(template, call)
        return None
    if name in FUNCTIONS_OF_OP:
        return FUNCTIONS_OF_OP[name](call)
    return machine.sqlalchemy.perform(name, call)


def _declared(template: str, call: Call) -> None:
    """An operation that the config gives as a template of SQL."""
    sql = format_method(call.machine, template, call.arguments, call.keywords, call.span)
    if not isinstance(sql, Unknown):
        sql = written_at(str(sql), call.span)
    send(call.machine, sql, call.span)


def _execute(call: Call) -> Value:
    span = call.argument_span(0) if call.arguments else call.argument_span("sqltext")
    sql = sql_of(call.machine, call.argument(0, "sqltext"), None, span)
    send(call.machine, sql, span)
    return None


def _literal_name(call: Call) -> Value:
    """`op.f(name)`: the name as it is, whatever the naming convention says."""
    name = call.required(0, "name")
    if isinstance(name, Unknown):
        return name
    return FinalName(str(plain(name)))


class FinalName(str):
    """A constraint's name that no naming convention applies to."""

    __slots__ = ()


def _invoke(call: Call) -> Value:
    """`operations.invoke(operation)`: run the implementation that was registered for its class."""
    subject = call.required(0, "operation")
    machine = call.machine
    if isinstance(subject, Instance):
        for ancestor in subject.cls.ancestors():
            implementation = (
                machine.registered("implementation", ancestor) if isinstance(ancestor, Class) else None
            )
            if implementation is not None:
                operations = Symbol("alembic.op", call.span, "op")
                return machine.call(implementation, Call(machine, [operations, subject], {}, call.span))
    machine.target.opaque(call.span, "the operation has no implementation that is known")
    return None


def _register_operation(call: Call) -> Value:
    """`@Operations.register_operation(name, method)`."""
    name = str(plain(call.required(0, "name")))
    method = call.argument(1, "sourcename")

    def register(inner: Call) -> Value:
        cls = inner.required(0)
        inner.machine.register(
            "operation", name, inner.machine.attribute(cls, str(method or name), inner.span)
        )
        operations = Symbol("alembic.op", inner.span, "op")
        bound = inner.machine.registered("operation", name)

        def run(actual: Call) -> Value:
            return actual.machine.call(
                bound,
                Call(
                    actual.machine,
                    [operations, *actual.arguments],
                    actual.keywords,
                    actual.span,
                    scope=actual.scope,
                ),
            )

        inner.machine.register("operation", name, Native(f"op.{name}", run))
        return cls

    return Native("register_operation", register)


def _implementation_for(call: Call) -> Value:
    """`@Operations.implementation_for(cls)`."""
    cls = call.required(0)

    def register(inner: Call) -> Value:
        inner.machine.register("implementation", cls, inner.required(0))
        return inner.required(0)

    return Native("implementation_for", register)


FUNCTIONS_OF_OP: dict[str, Callable[[Call], Value]] = {
    **entities.OPERATIONS,
    **enum_operations.OPERATIONS,
    "execute": _execute,
    "f": _literal_name,
    "invoke": _invoke,
}

FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    "alembic.operations.Operations.register_operation": _register_operation,
    "alembic.operations.Operations.implementation_for": _implementation_for,
    "alembic.operations.base.Operations.register_operation": _register_operation,
    "alembic.operations.base.Operations.implementation_for": _implementation_for,
}
