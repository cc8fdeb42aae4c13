"""Values of the interpreter as Django takes them: fields, constraints, operations, built by Django's own classes.

Importing this module loads Django.
"""

from __future__ import annotations

import datetime as dt
import inspect
import uuid
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.db.migrations.operations import RunPython, RunSQL
from django.db.migrations.operations.base import Operation
from django.db.models import Field

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.library.builtin import host_function
from schemaguard.sources.alembic.interpreter.library.database import Connection
from schemaguard.sources.alembic.interpreter.values import (
    Bound,
    Class,
    Descriptor,
    Function,
    Instance,
    Native,
    Raised,
    Symbol,
    Undecided,
    Unknown,
)
from schemaguard.sources.alembic.words import words
from schemaguard.sources.django.connection import unknown_default
from schemaguard.sources.django.stand_ins import DeclaredField, OpaqueOperation, unread_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

WRITTEN = "schemaguard_written"
"""Attribute of an operation that says where it is written."""

REFUSALS = (
    LookupError, ValueError, TypeError, AttributeError, AssertionError, NotImplementedError, FieldError,
    ImproperlyConfigured, ValidationError,
)  # fmt: skip
"""What Django raises for what it can't take."""

_MODULES = (
    "django.db.models", "django.db.migrations", "django.contrib.postgres", "django.core.validators",
    "django.utils.deconstruct", "django.core.serializers.json", "django.contrib.auth.validators",
)  # fmt: skip
"""Modules whose classes only build: what an application would do with the objects is none of theirs."""

_NEVER_OF_SQL = words(
    "validators help_text verbose_name choices upload_to storage error_messages editable blank auto_now auto_now_add "
    "unique_for_date unique_for_month unique_for_year serialize related_name related_query_name limit_choices_to "
    "parent_link encoder decoder path match recursive allow_files allow_folders max_size violation_error_message "
    "violation_error_code managers formfield widget hints elidable atomic verbose_name_plural ordering permissions "
    "default_permissions get_latest_by default_manager_name base_manager_name default_related_name "
    "select_on_save required_db_features required_db_vendor indexes_hints object_id_field content_type_field"
)
"""Arguments that no DDL depends on: unknown ones are left out."""

_SAMPLES: dict[str, Any] = {
    "uuid.uuid4": lambda: uuid.UUID(int=0),
    "uuid.uuid1": lambda: uuid.UUID(int=0),
    "django.utils.timezone.now": lambda: dt.datetime(2000, 1, 1, tzinfo=dt.UTC),
    "datetime.date.today": lambda: dt.date(2000, 1, 1),
}
"""Defaults that differ each time: existing rows get some value of the kind, and the column keeps no default."""


def resolve(path: str) -> Any:  # noqa: ANN401 - a class, function or constant of Django's
    """What a dotted name of Django's stands for, if it only builds; None if not."""
    if path in _SAMPLES:
        return _SAMPLES[path]
    if not path.startswith(_MODULES):
        return None
    module_name, _dot, name = path.rpartition(".")
    owner: Any = None
    try:
        owner = import_module(module_name)
    except ImportError:
        outer, _dot, inner = module_name.rpartition(".")
        try:
            owner = getattr(import_module(outer), inner, None)
        except (ImportError, ImproperlyConfigured):
            return None
    except ImproperlyConfigured:  # GeoDjango without its libraries
        return None
    return None if name.startswith("_") else getattr(owner, name, None)


class Framework:
    """Django for one machine."""

    def __init__(self, machine: Machine, user_model: str) -> None:
        """Build for `machine`; `user_model` is what `settings.AUTH_USER_MODEL` names."""
        self.machine = machine
        self.user_model = user_model

    # What the interpreter asks

    def value(self, symbol: Symbol) -> Value:
        """What a name stands for without being called; None: only the name."""
        return self.user_model if symbol.path == "django.conf.settings.AUTH_USER_MODEL" else None

    def build(self, symbol: Symbol, call: Call) -> Value:
        """Call something of Django's, or a field of another package that the config declares; None: not known here."""
        if symbol.path.startswith("django.utils.translation."):
            return call.argument(0, default="")
        factory = resolve(symbol.path)
        if isinstance(factory, type) or (
            factory is not None and symbol.path.endswith("swappable_dependency")
        ):
            return self._made(factory, list(call.arguments), dict(call.keywords), call)
        declared = self.machine.options.types.get(symbol.path)
        if declared is not None:
            return self._made(DeclaredField, [declared], self._field_keywords(call.keywords), call)
        if symbol.path.startswith("django."):
            return Unknown("", call.span)
        remedy = f"Declare the SQL of its type under `types` as `{symbol.path}: …`."
        return Unknown("", call.span, remedy)

    def owns(self, value: Value) -> bool:
        """Whether an object is one of Django's."""
        return type(value).__module__.startswith(("django.", "schemaguard.sources.django."))

    def attribute(self, value: Any, name: str, span: Span) -> Value:  # noqa: ANN401 - an object of Django's
        """An attribute or method of such an object: they only build."""
        if name.startswith("_") or not hasattr(value, name):
            raise Raised(AttributeError(f"'{type(value).__name__}' object has no attribute '{name}'"), span)
        member = getattr(value, name)
        if not callable(member):
            result: Value = member
            return result
        return Native(name, lambda call: self._made(member, list(call.arguments), dict(call.keywords), call))

    # Building

    def _made(self, factory: Any, arguments: list[Value], keywords: dict[str, Value], call: Call) -> Value:  # noqa: ANN401
        is_operation = isinstance(factory, type) and issubclass(factory, Operation)
        try:
            if isinstance(factory, type) and issubclass(factory, RunSQL):
                return self._run_sql(factory, call)
            names = list(inspect.signature(factory).parameters) if is_operation else []
            hosted = [
                self._keyword(names[position] if position < len(names) else "", argument, call.span)
                for position, argument in enumerate(arguments)
            ]
            named = self._keywords(keywords, call.span)
            made = factory(*hosted, **named)
        except Undecided as undecided:
            if not is_operation:
                return undecided.unknown
            made = OpaqueOperation(undecided.unknown)
        except REFUSALS as error:
            raise Raised(ValueError(f"{type(error).__name__}: {error}"), call.span) from error
        if isinstance(made, Operation):
            setattr(made, WRITTEN, call.span)
        if isinstance(made, RunPython):
            made.code = unread_code(made.code, call.code(0) or call.code("code"))
            if made.reverse_code is not None:
                made.reverse_code = unread_code(made.reverse_code, call.code(1) or call.code("reverse_code"))
        result: Value = made
        return result

    def _keywords(self, keywords: dict[str, Value], span: Span) -> dict[str, Any]:
        """Keyword arguments as Django takes them, without unknown ones that no DDL depends on."""
        named = {}
        for name, value in keywords.items():
            try:
                named[name] = self._keyword(name, value, span)
            except Undecided:
                if name not in _NEVER_OF_SQL:
                    raise
        return named

    def _run_sql(self, factory: Any, call: Call) -> Value:  # noqa: ANN401 - RunSQL, or a class built on it
        """`RunSQL`: its SQL keeps the places of its characters."""
        words = ("sql", "reverse_sql", "state_operations")
        given = {**dict(zip(words, call.arguments, strict=False)), **call.keywords}
        states = given.get("state_operations")
        made = factory(
            self._sql(given.get("sql"), call.span),
            self._sql(given.get("reverse_sql"), call.span),
            [self.operation(state, call.span) for state in states]
            if isinstance(states, (list, tuple))
            else None,
        )
        setattr(made, WRITTEN, call.span)
        result: Value = made
        return result

    def _sql(self, value: Value, span: Span) -> Any:  # noqa: ANN401 - a text, or a list of texts and their parameters
        if isinstance(value, (list, tuple)):
            return type(value)(self._sql(item, span) for item in value)
        return value if isinstance(value, str) else self.host(value, span)

    def _keyword(self, name: str, value: Value, span: Span) -> Any:  # noqa: ANN401 - whatever Django takes
        match name:
            case "default":
                return self._default(value, span)
            case "field":
                return self._field(value, span)
            case "fields" if isinstance(value, list):
                return [self._model_field(item, span) for item in value]
            case "bases" if isinstance(value, (list, tuple)):
                return self._bases(value)
            case "managers":
                return []
            case "options" if isinstance(value, dict):
                return {key: self.host(item, span) for key, item in value.items() if key not in _NEVER_OF_SQL}
            case "database_operations" | "state_operations" if isinstance(value, (list, tuple)):
                return [self.operation(item, span) for item in value]
            case "code" | "reverse_code" if not isinstance(value, (Symbol, Native)):
                return unread_code
        return self.host(value, span)

    def _default(self, value: Value, span: Span) -> Any:  # noqa: ANN401 - a value or a function
        try:
            return self.host(value, span)
        except Undecided:
            return unknown_default

    def _model_field(self, item: Value, span: Span) -> Any:  # noqa: ANN401 - a pair
        if isinstance(item, (tuple, list)) and len(item) == 2:
            return (self.host(item[0], span), self._field(item[1], span))
        return self.host(item, span)

    def _field(self, value: Value, span: Span) -> Any:  # noqa: ANN401 - a field
        """A field; of one that is not known, only that it is there."""
        try:
            return self.host(value, span)
        except Undecided as undecided:
            return DeclaredField("text", doubt=undecided.unknown)

    def _bases(self, bases: list[Value] | tuple[Value, ...]) -> tuple[Any, ...]:
        """The bases that a table has to do with: models of the project by name, and Django's own."""
        from django.db.models import Model

        return tuple(str(base) for base in bases if isinstance(base, str)) or (Model,)

    def _field_keywords(self, keywords: dict[str, Value]) -> dict[str, Value]:
        return {name: value for name, value in keywords.items() if name in _FIELD_KEYWORDS}

    def operation(self, value: Value, span: Span) -> Operation:
        """An element of a list of operations; what is not known is an operation that says so."""
        try:
            made = self.host(value, span)
        except Undecided as undecided:
            return self._opaque(undecided.unknown, span)
        if isinstance(made, Operation):
            return made
        return self._opaque(Unknown(f"`{made!r}`, which is no operation", span), span)

    def _opaque(self, unknown: Unknown, span: Span) -> Operation:
        operation = OpaqueOperation(unknown)
        setattr(operation, WRITTEN, unknown.span if unknown.span.file is span.file else span)
        return operation

    # Conversion

    def host(self, value: Value, span: Span) -> Any:  # noqa: ANN401 - whatever Django takes
        """A value as Django takes it.

        Raises:
            Undecided: it, or something in it, is not known.
        """
        match value:
            case Unknown():
                raise Undecided(value)
            case str():
                return str(value)
            case Symbol():
                return self._symbol(value)
            case list():
                return [self.host(item, span) for item in value]
            case tuple() if type(value) is tuple:
                return tuple(self.host(item, span) for item in value)
            case set() | frozenset():
                return {self.host(item, span) for item in value}
            case dict():
                return {self.host(key, span): self.host(item, span) for key, item in value.items()}
        return self._object(value, span)

    def _object(self, value: Value, span: Span) -> Any:  # noqa: ANN401 - as above
        match value:
            case Instance():
                return self._instance(value, span)
            case Class():
                return self._class(value)
            case Function() | Bound() | Native() | Descriptor():
                return host_function(Call(self.machine, [], {}, span), value)
        return value

    def _symbol(self, symbol: Symbol) -> Any:  # noqa: ANN401 - an object of Django's
        found = resolve(symbol.path)
        if found is None:
            raise Undecided(symbol.unknown())
        return found

    def _class(self, cls: Class) -> Any:  # noqa: ANN401 - a class of Django's
        for path in cls.symbols():
            if (found := resolve(path)) is not None:
                return found
        raise Undecided(Unknown(f"`{cls.name}`, a class of the project", cls.file.line_span(1)))

    def _instance(self, value: Instance, span: Span) -> Any:  # noqa: ANN401 - an object of Django's
        """The object of Django's that one of a class of the project stands for."""
        known = plain(value)
        if not isinstance(known, Instance):
            return self.host(known, span)
        if "members" in value.cls.traits:
            return self.host(value.attributes.get("value"), span)
        factory = self._class(value.cls)
        given = value.attributes.get("__arguments__")
        arguments, keywords = given if isinstance(given, tuple) else ((), {})
        call = Call(self.machine, list(arguments), dict(keywords), span)
        if isinstance(factory, type) and issubclass(factory, Operation):
            own = next(
                (name for name in ("database_forwards", "database_backwards") if _defines(value.cls, name)),
                "",
            )
            if own:
                origin = f"`{value.cls.name}`, an operation of the project with a `{own}` of its own"
                raise Undecided(Unknown(origin, span))
        if isinstance(factory, type) and issubclass(factory, Field):
            factory = self._own_field(factory, value, span)
        made = self._made(factory, call.arguments, call.keywords, call)
        if isinstance(made, Unknown):
            raise Undecided(made)
        return made

    def _own_field(self, factory: type, value: Instance, span: Span) -> type:
        """A field class of the project: Django's, with the column type that the class says."""
        for name in ("db_type", "get_internal_type"):
            if not _defines(value.cls, name):
                continue
            method = self.machine.attribute(value, name, span)
            arguments: list[Value] = [Connection(self.machine)] if name == "db_type" else []
            found = plain(self.machine.call(method, Call(self.machine, arguments, {}, span)))
            if not isinstance(found, str):
                found = found if isinstance(found, Unknown) else Unknown(f"`{value.cls.name}.{name}()`", span)
                raise Undecided(found)
            return type(factory.__name__, (factory,), {name: _saying(str(found))})
        return factory


def _saying(text: str) -> Callable[..., str]:
    """A method of a field that says a type, whatever connection it is asked for."""
    return lambda _self, *_connection, **_options: text


_FIELD_KEYWORDS = words(
    "null unique primary_key db_index db_column db_tablespace db_comment default db_default name auto_created"
)


def _defines(cls: Class, name: str) -> bool:
    return any(isinstance(ancestor, Class) and name in ancestor.attributes for ancestor in cls.ancestors())
