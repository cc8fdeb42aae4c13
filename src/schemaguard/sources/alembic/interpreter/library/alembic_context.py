"""`alembic.context` and `op.get_context()`: online, with the ini file's settings and the declared `-x` arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.library.database import Connection, Dialect
from schemaguard.sources.alembic.interpreter.library.execution import send_rendered
from schemaguard.sources.alembic.interpreter.library.handles import Handle
from schemaguard.sources.alembic.interpreter.library.managers import Managed
from schemaguard.sources.alembic.interpreter.scope import Scope
from schemaguard.sources.alembic.interpreter.tracked import written_at
from schemaguard.sources.alembic.interpreter.values import Module, Native, Started, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.sources.alembic.revisions import Revision
    from schemaguard.text import Span


class Context(Handle):
    """A migration context, online."""

    called = "the migration context"

    def interpreted_attribute(self, machine: Machine, name: str, span: Span) -> Value:
        """The attributes that revisions use."""
        if name in ("impl", "environment_context"):
            return self
        if name in ("bind", "connection"):
            return Connection(machine)
        if name == "execute":
            return machine.attribute(Connection(machine), "execute", span)
        if name == "opts":
            return {"as_sql": False, "target_metadata": Unknown("", span)}
        method = _METHODS.get(name)
        if method is not None:
            return Native(name, method)
        return _VALUES.get(name, Unknown("", span))


def _autocommit_block(call: Call) -> Value:
    """What runs in the block runs outside of the migration's transaction, which is committed first."""
    send_rendered(call.machine, "COMMIT", call.span)
    return Managed(None, lambda: send_rendered(call.machine, "BEGIN", call.span))


class Scripts:
    """`context.script`: the revisions, and their modules."""

    def interpreted_attribute(self, _machine: Machine, name: str, span: Span) -> Value:
        """Finding a revision."""
        return Native(name, _revision) if name == "get_revision" else Unknown("", span)


def _revision(call: Call) -> Value:
    """A revision as `get_revision(id)` returns it: its `module` is what matters."""
    name = call.required(0)
    revision = call.machine.project.revisions.get(str(name))
    if revision is None or isinstance(name, Unknown):
        return (
            name if isinstance(name, Unknown) else Unknown(f"revision {name}, which is not there", call.span)
        )
    return Script(revision)


class Script:
    """A revision, as other revisions see it."""

    def __init__(self, revision: Revision) -> None:
        """Take the revision."""
        self.revision = revision

    def interpreted_attribute(self, machine: Machine, name: str, span: Span) -> Value:
        """Its module and identifiers."""
        match name:
            case "module":
                return revision_module(machine, self.revision)
            case "revision":
                return self.revision.id
            case "down_revision":
                return self.revision.down[0] if len(self.revision.down) == 1 else self.revision.down or None
        return Unknown("", span)


def revision_module(machine: Machine, revision: Revision) -> Module:
    """The module of a revision, not run yet the first time."""
    name = module_name(revision)
    module = machine.modules.get(name)
    if module is None:
        module = Module(name, revision.file, Scope(revision.file), is_package=False)
        module.scope.names.update({"__name__": name, "__file__": str(revision.absolute)})
        machine.modules[name] = module
    return module


def module_name(revision: Revision) -> str:
    """The name that Alembic loads a revision's file by."""
    return f"{revision.absolute.stem}_py"


class Settings:
    """`context.config`: the options of the ini file's section."""

    def interpreted_attribute(self, machine: Machine, name: str, span: Span) -> Value:
        """The readers of the configuration."""
        if name in ("get_main_option", "get_alembic_option"):
            return Native(name, lambda call: _option(call, machine.options.section, 0))
        if name == "get_section_option":
            return Native(name, lambda call: _option(call, str(call.required(0)), 1))
        if name == "get_section":
            return Native(name, lambda call: dict(machine.project.section(str(call.required(0)))))
        if name == "config_ini_section":
            return machine.options.section
        if name in ("config_file_name", "toml_file_name"):
            return None
        if name == "set_main_option":
            return Native(name, lambda _call: None)
        if name == "attributes":
            return {}
        return Unknown("", span)


def _option(call: Call, section: str, position: int) -> Value:
    name = call.required(position, "name")
    if isinstance(name, Unknown):
        return name
    value = call.machine.project.section(section).get(str(name))
    return call.argument(position + 1, "default") if value is None else written_at(value, call.span)


def _no(_call: Call) -> Value:
    return False


def _x_argument(call: Call) -> Value:
    declared = call.machine.options.arguments
    if declared is None:
        remedy = (
            "Declare the `-x` arguments of your deployment under `arguments`; `{}` says that there are none."
        )
        return Unknown("the `-x` arguments of the alembic command", call.span, remedy)
    if call.argument(0, "as_dictionary") is True:
        return {name: written_at(value, call.span) for name, value in declared.items()}
    return [f"{name}={value}" for name, value in declared.items()]


def _configure(call: Call) -> Value:
    call.machine.configured.update(call.keywords)
    return None


def _run_migrations(_call: Call) -> Value:
    raise Started


def _begin_transaction(_call: Call) -> Value:
    return Managed()


def _engine(call: Call) -> Value:
    """An engine made in `env.py` leads to the database of the migrations; in a revision nobody knows where to."""
    if call.machine.in_environment:
        return Connection(call.machine)
    origin = "a connection that the revision opens by itself"
    call.machine.target.opaque(call.span, f"`{call.name}`: what is done through {origin} is not known")
    return Unknown(origin, call.span)


def _get_bind(call: Call) -> Value:
    return Connection(call.machine)


def _get_context(_call: Call) -> Value:
    return Context()


def _get_config(_call: Call) -> Value:
    return Settings()


FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    "alembic.context.is_offline_mode": _no,
    "alembic.context.get_x_argument": _x_argument,
    "alembic.context.get_bind": _get_bind,
    "alembic.context.get_context": _get_context,
    "alembic.context.configure": _configure,
    "alembic.context.run_migrations": _run_migrations,
    "alembic.context.begin_transaction": _begin_transaction,
    "alembic.op.get_bind": _get_bind,
    "alembic.op.get_context": _get_context,
    **{
        f"sqlalchemy.{name}": _engine
        for name in (
            "create_engine",
            "engine_from_config",
            "engine.create_engine",
            "engine.engine_from_config",
            "ext.asyncio.create_async_engine",
            "ext.asyncio.async_engine_from_config",
        )
    },
}

_METHODS: dict[str, Callable[[Call], Value]] = {
    "autocommit_block": _autocommit_block,
    "begin_transaction": _begin_transaction,
    "is_offline_mode": _no,
    "get_x_argument": _x_argument,
    "get_bind": _get_bind,
    "get_context": _get_context,
}

_VALUES: dict[str, Value] = {"dialect": Dialect(), "as_sql": False, "config": Settings(), "script": Scripts()}
