"""Everything outside the project: what a symbol stands for, and what calling it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.library import (
    alembic_context,
    alembic_operations,
    builtin,
    database,
    entities,
    enum_operations,
    paths,
    pure,
    standard,
    surroundings,
    types,
)
from schemaguard.sources.alembic.interpreter.library.handles import handle_in
from schemaguard.sources.alembic.interpreter.library.managers import Managed
from schemaguard.sources.alembic.interpreter.library.third_party import sql_type
from schemaguard.sources.alembic.interpreter.tracked import written_at
from schemaguard.sources.alembic.interpreter.values import (
    Bound,
    Class,
    Descriptor,
    Function,
    Generator,
    Instance,
    Native,
    Raised,
    Symbol,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    **builtin.FUNCTIONS,
    **standard.FUNCTIONS,
    **paths.FUNCTIONS,
    **surroundings.FUNCTIONS,
    **alembic_context.FUNCTIONS,
    **alembic_operations.FUNCTIONS,
    **database.FUNCTIONS,
    **enum_operations.FUNCTIONS,
}


def canonical(path: str) -> str:
    """One name for what SQLAlchemy exports under several."""
    if path.startswith("sqlalchemy.") and not path.startswith("sqlalchemy.dialects."):
        return database.CANONICAL.get(path.rpartition(".")[2], path)
    return path


def symbol_value(machine: Machine, symbol: Symbol) -> Value:
    """What a name from outside stands for, where that is more: a declared value, a constant, `os.environ`."""
    path = symbol.path
    if path in machine.options.values:
        return declared(machine.options.values[path], symbol.span)
    if machine.framework is not None and (given := machine.framework.value(symbol)) is not None:
        return given
    if path == "os.environ":
        return surroundings.Environment(dict(machine.options.environment))
    constant = pure.value_of(path)
    if constant is not None:
        return constant
    if path in _CONSTANTS:
        return _CONSTANTS[path]
    return Symbol(canonical(path), symbol.span, symbol.name)


def declared(value: Any, span: Span) -> Value:  # noqa: ANN401 - whatever YAML holds
    """A value that the config declares; its strings were written where it is used."""
    if isinstance(value, str):
        return written_at(value, span)
    if isinstance(value, dict):
        return {key: declared(item, span) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [declared(item, span) for item in value]
    result: Value = value
    return result


_CONSTANTS: dict[str, Value] = {
    "typing.TYPE_CHECKING": False,
    "alembic.context.config": alembic_context.Settings(),
    "alembic.context.script": alembic_context.Scripts(),
    "os.sep": "/",
    "os.linesep": "\n",
    "os.pathsep": ":",
    "sys.platform": "linux",
    "sys.argv": ["alembic", "upgrade", "head"],
}


def member(machine: Machine, symbol: Symbol, name: str) -> Value:
    """`symbol.name`."""
    provided = alembic_operations.member(machine, symbol, name)
    return symbol_value(machine, symbol.member(name)) if provided is None else provided


def of_unknown(machine: Machine, value: Unknown, name: str, span: Span) -> Value:
    """An attribute of something unknown; in `env.py` what executes SQL is taken for the migrations' own connection."""
    if machine.in_environment and name in ("execute", "exec_driver_sql", "run_sync"):
        return machine.attribute(database.Connection(machine), name, span)
    return value


def call_symbol(machine: Machine, symbol: Symbol, call: Call) -> Value:
    """Call something outside the project."""
    function = FUNCTIONS.get(symbol.path) or entities.constructor(symbol.path)
    if function is not None:
        return function(call)
    root = symbol.path.partition(".")[0]
    if symbol.path.startswith("alembic.op."):
        return alembic_operations.operation(symbol, call)
    if root == "sqlalchemy":
        return machine.sqlalchemy.build(symbol, call)
    if pure.standard_module(symbol.path):
        return Unknown("", call.span)
    if machine.framework is not None:
        return machine.framework.build(symbol, call)
    if symbol.path in machine.options.types or sql_type(symbol.path, [], {}) is not None:
        return machine.sqlalchemy.build_third_party(symbol, call)
    report_hidden_effects(machine, symbol, call)
    return Unknown("", call.span, f"Declare its value under `values` as `{symbol.path}()`.")


def report_hidden_effects(machine: Machine, callee: Symbol | Unknown, call: Call) -> None:
    """A function that can't be read and is given the database may do anything to it."""
    handle = handle_in(call)
    dangerous = isinstance(callee, Symbol) and callee.path.startswith(_REACH_OUT)
    if not handle and not dangerous:
        return
    what = f"`{callee.name}`" if isinstance(callee, Symbol) else callee.origin
    given = f" and is given {handle}" if handle else " and can reach the database by itself"
    machine.target.opaque(call.span, f"{what} is outside the project{given}: what it does is not known")


_REACH_OUT = (
    "subprocess.",
    "os.system",
    "os.popen",
    "os.exec",
    "os.spawn",
    "psycopg2.connect",
    "psycopg.connect",
    "asyncpg.connect",
    "pg8000.connect",
)


def call_descriptor(machine: Machine, descriptor: Descriptor, call: Call) -> Value:
    """Call a function that a decorator has wrapped."""
    result = machine.call(descriptor.function, call)
    if descriptor.kind == "contextmanager" and isinstance(result, Generator):
        return Managed(result)
    return result


def call_object(machine: Machine, callee: Value, call: Call) -> Value:
    """Call one of Python's own types, or an object of a library that can be called."""
    if isinstance(callee, type):
        return types.construct(callee, call)
    if isinstance(callee, Managed):
        return callee
    if isinstance(callee, pure.CALLABLE):
        return pure.called(callee, call)
    called = machine.sqlalchemy.call(callee, call)
    if called is not None:
        return called
    raise Raised(TypeError(f"'{type(callee).__name__}' object is not callable"), call.span)


def inherited(machine: Machine, cls: Class, receiver: Value, name: str) -> Value:
    """What an object or class of the project has from a base outside it; None if that is not known."""
    if name in ("__init__", "__init_subclass__", "__new__", "__post_init__"):
        return Native(name, lambda call: _base_init(receiver, call))
    return database.inherited(machine, cls, name)


def _base_init(receiver: Value, call: Call) -> Value:
    if isinstance(receiver, Instance):
        receiver.attributes.setdefault("__arguments__", (tuple(call.arguments[1:]), dict(call.keywords)))
        if isinstance(receiver.data, BaseException):
            receiver.data.args = tuple(call.arguments[1:])
    return None


class Super:
    """`super()`: the attributes of the bases of the class that the running method belongs to."""

    def __init__(self, owner: Class, receiver: Value) -> None:
        """Take the class of the method and the object."""
        self.owner = owner
        self.receiver = receiver

    def interpreted_attribute(self, machine: Machine, name: str, span: Span) -> Value:
        """An attribute of the bases, bound to the object."""
        receiver = self.receiver
        cls = receiver.cls if isinstance(receiver, Instance) else receiver
        ancestors = cls.ancestors() if isinstance(cls, Class) else []
        after = ancestors[ancestors.index(self.owner) + 1 :] if self.owner in ancestors else []
        for ancestor in after:
            if isinstance(ancestor, Class) and name in ancestor.attributes:
                return _bound(ancestor.attributes[name], receiver, cls)
        if isinstance(cls, Class):
            found = inherited(machine, cls, receiver, name)
            if found is not None:
                return Native(name, lambda call: _call_with(machine, found, receiver, call))
        return Unknown("", span)


def _call_with(machine: Machine, found: Value, receiver: Value, call: Call) -> Value:
    return machine.call(found, Call(machine, [receiver, *call.arguments], call.keywords, call.span))


def _bound(value: Value, receiver: Value, cls: Value) -> Value:
    if isinstance(value, Descriptor):
        if value.kind == "staticmethod":
            return value.function
        return Bound(value.function, cls if value.kind == "classmethod" else receiver)
    return Bound(value, receiver) if isinstance(value, (Function, Native)) else value


def _super(call: Call) -> Value:
    machine = call.machine
    if len(call.arguments) == 2 and isinstance(call.arguments[0], Class):
        return Super(call.arguments[0], call.arguments[1])
    for function, scope in reversed(machine.frames):
        if function.owner is not None and function.node.args.args:
            return Super(function.owner, scope.names[function.node.args.args[0].arg])
    return Unknown("", call.span)


FUNCTIONS["builtins.super"] = _super
