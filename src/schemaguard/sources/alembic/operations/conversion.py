"""Values of the interpreter as SQLAlchemy takes them, and the project's own types as the types they stand for."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.library.alembic_operations import FinalName
from schemaguard.sources.alembic.interpreter.library.builtin import host_function
from schemaguard.sources.alembic.interpreter.library.clauses import Clause, DdlText, Parameter
from schemaguard.sources.alembic.interpreter.library.database import Connection, Dialect
from schemaguard.sources.alembic.interpreter.library.inspection import ReflectedType
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

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

TYPE_DECORATORS = ("TypeDecorator", "UserDefinedType", "TypeEngine")


class Converter:
    """Converts values for one machine."""

    def __init__(self, machine: Machine) -> None:
        """Take the machine whose values these are."""
        self.machine = machine

    def host(self, value: Value, span: Span) -> Any:  # noqa: ANN401 - whatever SQLAlchemy takes
        """A value as SQLAlchemy takes it.

        Raises:
            Undecided: it, or something in it, is not known.
        """
        match value:
            case FinalName():
                from sqlalchemy.sql.elements import conv

                return conv(str.__str__(value))
            case str():
                return str(value)
            case Unknown():
                raise Undecided(value)
            case Symbol():
                return self._symbol(value)
            case list():
                return [self.host(item, span) for item in value]
            case tuple() if type(value) is tuple:
                return tuple(self.host(item, span) for item in value)
            case dict():
                return {self.host(key, span): self.host(item, span) for key, item in value.items()}
        return self._object(value, span)

    def _object(self, value: Value, span: Span) -> Any:  # noqa: ANN401 - as above
        match value:
            case Clause():
                return self._text(value, span)
            case DdlText():
                from sqlalchemy import DDL

                return DDL(str(value.sql))  # type: ignore[no-untyped-call]  # untyped there
            case Parameter():
                return value
            case Instance():
                return self._instance(value, span)
            case Class():
                return self._class(value, span)
            case ReflectedType():
                return self.reflected(value)
            case Connection() | Dialect():
                return value
            case Function() | Bound() | Native() | Descriptor():
                return host_function(Call(self.machine, [], {}, span), value)
        return value

    def _symbol(self, symbol: Symbol) -> Any:  # noqa: ANN401 - a class of SQLAlchemy's
        from schemaguard.sources.alembic.interpreter.library.third_party import sql_type
        from schemaguard.sources.alembic.operations.allowed import resolve

        declared = self.machine.options.types.get(symbol.path)
        if declared is not None:
            return self._named(declared)
        known = resolve(symbol.path) if symbol.path.startswith("sqlalchemy.") else None
        if known is not None:
            return known
        sql = sql_type(symbol.path, [], {})
        if sql is not None:
            return self._named(sql)
        raise Undecided(symbol.unknown())

    def reflected(self, value: Value) -> Any:  # noqa: ANN401 - a type
        """The type of a reflected column; one that the catalog can't name is `text`: only its column's name matters."""
        from sqlalchemy import Text

        real = value.real() if isinstance(value, ReflectedType) else None
        return Text() if real is None or isinstance(real, Unknown) else real

    @staticmethod
    def _named(sql: Value) -> Any:  # noqa: ANN401 - a type
        from schemaguard.sources.alembic.operations.dialect import NamedType

        if isinstance(sql, Unknown):
            raise Undecided(sql)
        return NamedType(str(sql))

    def _text(self, clause: Clause, span: Span) -> Any:  # noqa: ANN401 - a text clause
        from sqlalchemy import bindparam, text

        found = text(str(clause.sql))
        values = {name: self.host(parameter.value, span) for name, parameter in clause.parameters.items()}
        expanding = {name for name, parameter in clause.parameters.items() if parameter.expanding}
        return found.bindparams(
            *[bindparam(name, value, expanding=name in expanding) for name, value in values.items()]
        )

    def _instance(self, value: Instance, span: Span) -> Any:  # noqa: ANN401 - as above
        if "members" in value.cls.traits:
            return self._member(value, span)
        if isinstance(plain(value), (str, int, float, dict, list, tuple)):
            return self.host(plain(value), span)
        if is_type(value.cls):
            return self.column_type(value, span)
        made = self.machine.sqlalchemy.made_from(value)
        if made is not None:
            return made
        raise Undecided(Unknown(f"an object of {value.cls.name}", span))

    def _member(self, value: Instance, span: Span) -> Any:  # noqa: ANN401 - a member
        enumeration = self._enumeration(value.cls, span)
        return enumeration[str(value.attributes["name"])]

    def _class(self, cls: Class, span: Span) -> Any:  # noqa: ANN401 - an enumeration or a type
        if "members" in cls.traits:
            return self._enumeration(cls, span)
        if is_type(cls):
            call = Call(self.machine, [], {}, span)
            return self.column_type(self.machine.call(cls, call), span)
        table = self.machine.sqlalchemy.table_of(cls)
        if table is not None:
            return table
        raise Undecided(Unknown(f"the class {cls.name}", span))

    def _enumeration(self, cls: Class, span: Span) -> Any:  # noqa: ANN401 - an enumeration class
        made = cls.traits.get("enumeration")
        if made is None:
            members = cls.traits["members"]
            pairs = members.items() if isinstance(members, dict) else ()
            values = {name: self.host(member.attributes["value"], span) for name, member in pairs}
            made = cls.traits["enumeration"] = enum.Enum(cls.name, values)
        return made

    # The project's own types

    def column_type(self, value: Value, span: Span) -> Any:  # noqa: ANN401 - a type
        """What a `TypeDecorator` or `UserDefinedType` of the project stores on PostgreSQL.

        Raises:
            Undecided: it does not say.
        """
        if not isinstance(value, Instance):
            return self.host(value, span)
        declared = self._declared(value.cls)
        if declared is not None:
            return declared
        for method in ("load_dialect_impl", "get_col_spec"):
            try:
                function = value.cls.find(method)
            except KeyError:
                continue
            arguments: list[Value] = [value, Dialect()] if method == "load_dialect_impl" else [value]
            result = self.machine.call(function, Call(self.machine, arguments, {}, span))
            if isinstance(result, Unknown) and not result.origin:
                result = Unknown(f"`{value.cls.name}.{method}()`", span, _declare(value.cls))
            return self._named(result) if method == "get_col_spec" else self.column_type(result, span)
        return self._implementation(value, span)

    def _declared(self, cls: Class) -> Any:  # noqa: ANN401 - a type, or None
        for path, sql in self.machine.options.types.items():
            if path == cls.name or path.endswith(f".{cls.name}"):
                return self._named(sql)
        return None

    def _implementation(self, value: Instance, span: Span) -> Any:  # noqa: ANN401 - a type
        """The `impl` of a decorated type, made with the arguments that the type was made with."""
        try:
            wanted = value.attributes["impl"] if "impl" in value.attributes else value.cls.find("impl")
        except KeyError:
            made = self.machine.sqlalchemy.made_from(value)
            if made is not None:
                return made
            origin = f"the column type `{value.cls.name}` ({value.cls.file.path})"
            raise Undecided(Unknown(origin, span, _declare(value.cls))) from None
        given = value.attributes.get("__arguments__", ((), {}))
        if isinstance(wanted, (Symbol, Class)) and isinstance(given, tuple):
            arguments, keywords = given
            call = Call(self.machine, list(arguments), dict(keywords), span)
            wanted = self.machine.call(wanted, call)
        return self.column_type(wanted, span)


def _declare(cls: Class) -> str:
    return f"Declare what it is in SQL under `types` as `{cls.name}`."


def is_type(cls: Class) -> bool:
    """Whether a class of the project is a column type."""
    return any(
        symbol.rpartition(".")[2] in TYPE_DECORATORS or _is_library_type(symbol) for symbol in cls.symbols()
    )


def _is_library_type(path: str) -> bool:
    from sqlalchemy.types import TypeEngine

    from schemaguard.sources.alembic.operations.allowed import resolve

    if not path.startswith("sqlalchemy."):
        return False
    found = resolve(path)
    return isinstance(found, type) and issubclass(found, TypeEngine)


def attribute_error(value: Value, name: str, span: Span) -> Raised:
    """The error for an attribute that is not interpreted."""
    return Raised(
        AttributeError(f"'{type(value).__name__}' object has no attribute '{name}' that is interpreted"), span
    )
