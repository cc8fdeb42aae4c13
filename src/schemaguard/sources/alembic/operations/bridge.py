"""What the interpreter asks of SQLAlchemy and Alembic: objects built from known values, and their SQL.

Importing this module loads both packages; the machine does so when a revision first needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.engine.mock import MockConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.library.database import Connection
from schemaguard.sources.alembic.interpreter.library.inspection import Inspector
from schemaguard.sources.alembic.interpreter.library.third_party import sql_type
from schemaguard.sources.alembic.interpreter.tracked import written_at
from schemaguard.sources.alembic.interpreter.values import (
    Class,
    Instance,
    Native,
    Raised,
    Symbol,
    Undecided,
    Unknown,
    unknown_in,
)
from schemaguard.sources.alembic.operations.allowed import ELEMENT_METHODS, resolve
from schemaguard.sources.alembic.operations.compilers import CompilerProxy
from schemaguard.sources.alembic.operations.conversion import Converter
from schemaguard.sources.alembic.operations.dialect import WRITTEN, NamedType, OfflineDialect, render
from schemaguard.sources.alembic.operations.reflected import reflected_type
from schemaguard.sources.alembic.operations.renderer import Renderer
from schemaguard.sources.alembic.words import words
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

UNKNOWN = "schemaguard: unknown"
"""Key of `info` under which a column keeps why something about it is not known."""

_SETTABLE = words("naming_convention schema nullable server_default comment")
"""Attributes that a program may set after it has made an object."""

_CLIENT_SIDE = words(
    "default onupdate insert_default doc info key existing_type existing_server_default existing_comment "
    "existing_nullable"
)  # fmt: skip
"""Arguments that no DDL depends on: unknown ones are left out."""


class SqlAlchemy:
    """SQLAlchemy and Alembic for one machine."""

    def __init__(self, machine: Machine) -> None:
        """Serve `machine`."""
        self.machine = machine
        self.converter = Converter(machine)
        self.dialect = OfflineDialect(machine.options.server_version)
        self.renderer = Renderer(self)
        self._tables: dict[Class, Table | None] = {}

    # Building

    def build(self, symbol: Symbol, call: Call) -> Value:
        """Call a constructor or function of SQLAlchemy."""
        factory = resolve(symbol.path)
        if factory is None:
            handles = [value for value in call.arguments if isinstance(value, Connection)]
            if handles:
                self.machine.target.opaque(
                    call.span, f"`{symbol.name}()` is not interpreted and is given the connection"
                )
            return Unknown("", call.span)
        doubt: Unknown | None = None
        arguments, keywords = list(call.arguments), dict(call.keywords)
        if factory is Table and any(name.startswith("autoload") for name in keywords):
            return self._reflected(call)
        if factory is Column:
            arguments, keywords, doubt = self._column_arguments(arguments, keywords, call)
        made = self._made(factory, arguments, keywords, call)
        if isinstance(made, SchemaItem):
            made.info[WRITTEN] = call.span
            if doubt is not None:
                made.info[UNKNOWN] = doubt
        return made

    def _made(self, factory: Any, arguments: list[Value], keywords: dict[str, Value], call: Call) -> Value:  # noqa: ANN401
        host = self.converter.host
        try:
            hosted = [host(argument, call.span) for argument in arguments]
            words = {name: host(value, call.span) for name, value in keywords.items() if name not in _CLIENT_SIDE
                     or unknown_in(value) is None}  # fmt: skip
            made: Value = factory(*hosted, **words)
        except SQLAlchemyError as error:
            raise Raised(ValueError(str(error).split("\n")[0]), call.span) from error
        return made

    def _column_arguments(
        self, arguments: list[Value], keywords: dict[str, Value], call: Call
    ) -> tuple[list[Value], dict[str, Value], Unknown | None]:
        """The arguments of a column; a type or default that is not known is replaced, and said so."""
        doubt: Unknown | None = None
        kept: list[Value] = []
        for position, argument in enumerate(arguments):
            known = self._known_part(argument, call, is_name=position == 0)
            if isinstance(known, Unknown):
                doubt = doubt or known
                kept.append(NamedType("text"))
            else:
                kept.append(known)
        for name in ("type_", "server_default", "comment", "nullable"):
            if name in keywords and isinstance(
                known := self._known_part(keywords[name], call, is_name=False), Unknown
            ):
                doubt = doubt or known
                del keywords[name]
                if name == "type_":
                    keywords[name] = NamedType("text")
        return kept, keywords, doubt

    def _known_part(self, value: Value, call: Call, *, is_name: bool) -> Value:
        """A part of a column as SQLAlchemy takes it, or why it is not known.

        Raises:
            Undecided: the name is not known.
        """
        if isinstance(value, Unknown) and is_name:
            raise Undecided(value)
        try:
            return self.converter.host(value, call.span)
        except Undecided as undecided:
            if is_name:
                raise
            return undecided.unknown

    def build_third_party(self, symbol: Symbol, call: Call) -> Value:
        """A column type of a well-known package or one that the config declares; None if it is neither."""
        declared = self.machine.options.types.get(symbol.path)
        sql = declared or sql_type(symbol.path, [plain(value) for value in call.arguments], call.keywords)
        return None if sql is None else NamedType(sql)

    def made_from(self, value: Instance) -> Any:  # noqa: ANN401 - an element, or None
        """The element that an object of a class built on one of SQLAlchemy's stands for."""
        for path in value.cls.symbols():
            factory = resolve(path) if path.startswith("sqlalchemy.") else None
            given = value.attributes.get("__arguments__")
            if isinstance(factory, type) and isinstance(given, tuple):
                arguments, keywords = given
                call = Call(self.machine, list(arguments), dict(keywords), value.cls.file.span(0, 0))
                return self._made(factory, list(arguments), dict(keywords), call)
        return None

    def table_of(self, cls: Class) -> Table | None:
        """The table of a mapped class: its name and columns, without what its relationships and mixins add."""
        if cls not in self._tables:
            self._tables[cls] = self._map(cls)
        return self._tables[cls]

    def _map(self, cls: Class) -> Table | None:
        try:
            name = cls.find("__tablename__")
        except KeyError:
            return None
        if not isinstance(name, str):
            return None
        columns: list[Column[Any]] = []
        for ancestor in reversed(cls.ancestors()):
            for attribute, value in ancestor.attributes.items() if isinstance(ancestor, Class) else ():
                if isinstance(value, Column):
                    columns.append(_mapped(value, attribute))
        return Table(str(name), MetaData(), *columns)

    # Using

    def attribute(self, value: Any, name: str, span: Span) -> Value:  # noqa: ANN401 - an object of SQLAlchemy's
        """An attribute of one of SQLAlchemy's objects."""
        if not isinstance(
            value, (SchemaItem, ClauseElement, TypeEngine, ExecutableDDLElement, MetaData)
        ) and not (type(value).__module__.startswith("sqlalchemy.")):
            raise Raised(AttributeError(f"'{type(value).__name__}' object has no attribute '{name}'"), span)
        special = self._special(value, name, span)
        if special is not None:
            return special
        if name not in ELEMENT_METHODS and not self._is_column_of(value, name):
            return Unknown("", span)
        member = getattr(value, name)
        if callable(member) and not isinstance(member, (ClauseElement, SchemaItem, TypeEngine, type)):
            return Native(name, lambda call: self._method(member, call))
        if isinstance(member, str):
            return written_at(str(member), span)
        result: Value = member
        return result

    def set_attribute(self, owner: Any, name: str, value: Value) -> None:  # noqa: ANN401 - an object of SQLAlchemy's
        """Set what DDL depends on; anything else that a library's object is told of itself changes nothing."""
        if name in _SETTABLE and hasattr(owner, name):
            setattr(owner, name, self.converter.host(value, owner.info.get(WRITTEN) or self._nowhere))

    @property
    def _nowhere(self) -> Span:
        return SourceFile("", "").span(0, 0)

    def _is_column_of(self, value: Any, name: str) -> bool:  # noqa: ANN401 - any object
        return (
            type(value).__name__.endswith("ColumnCollection") and not name.startswith("_") and name in value
        )

    def _method(self, member: Callable[..., Value], call: Call) -> Value:
        host = self.converter.host
        try:
            return member(
                *[host(value, call.span) for value in call.arguments],
                **{name: host(value, call.span) for name, value in call.keywords.items()},
            )
        except SQLAlchemyError as error:
            raise Raised(ValueError(str(error).split("\n")[0]), call.span) from error

    def _special(self, value: Any, name: str, span: Span) -> Value:  # noqa: ANN401 - as above
        """What does more than read: creating and dropping, compiling, and what a `MetaData` can't know of itself."""
        if name in ("create", "drop") and isinstance(value, (SchemaItem, TypeEngine)):
            return Native(name, lambda call: self._create_or_drop(value, name, call))
        if isinstance(value, MetaData):
            if name in ("create_all", "drop_all"):
                return Native(name, lambda call: self._all_tables(value, name, call))
            if name in ("tables", "sorted_tables"):
                if value.tables:
                    return dict(value.tables) if name == "tables" else list(value.sorted_tables)
                return Unknown("", span, "Declare its value under `values`.")
            if name == "reflect":
                return Native(name, lambda call: self._reflect_all(value, call))
            if name in ("bind", "clear"):
                return Native(name, lambda _call: None)
        if name == "compile":
            return Native(
                name, lambda call: written_at(render(value, self.dialect, call.span).text, call.span)
            )
        return None

    def call(self, callee: Any, call: Call) -> Value:  # noqa: ANN401 - an object of SQLAlchemy's
        """Call an object: a function of `sa.func`, a column collection … ; None if it can't be called."""
        if not type(callee).__module__.startswith("sqlalchemy.") or not callable(callee):
            return None
        generates = isinstance(callee, type) or type(callee).__name__ in ("_FunctionGenerator", "Function")
        return self._method(callee, call) if generates else None

    def reflected_type(self, text: str) -> TypeEngine[Any]:
        """The type that SQLAlchemy's own inspector makes of a type as the server spells it."""
        return reflected_type(self.dialect, text)

    def library_class(self, symbol: Symbol) -> type | None:
        """The class that a symbol of SQLAlchemy stands for, for `isinstance`."""
        if not symbol.path.startswith("sqlalchemy."):
            return None
        found = resolve(symbol.path)
        return found if isinstance(found, type) else None

    # SQL

    def compile_element(self, element: Any, values: Value, span: Span) -> str | Unknown:  # noqa: ANN401 - anything
        """The SQL of an element with the parameters of its execution."""
        if not isinstance(element, (ClauseElement, ExecutableDDLElement)):
            return Unknown(f"an object of the class {type(element).__name__}, which is no statement", span)
        try:
            if isinstance(values, dict) and values:
                hosted = {str(name): self._literal(value, span) for name, value in values.items()}
                element = element.values(**hosted) if hasattr(element, "values") else element.params(**hosted)
            return written_at(render(element, self.dialect, span).text, span)
        except SQLAlchemyError as error:
            return Unknown(f"`{type(element).__name__}`: {str(error).splitlines()[0]}", span)

    def _literal(self, value: Value, span: Span) -> Any:  # noqa: ANN401 - a value or an element
        from sqlalchemy import literal_column

        return literal_column("$1") if unknown_in(value) is not None else self.converter.host(value, span)

    def compile_instance(self, instance: Instance, span: Span) -> str | Unknown:
        """The SQL of an object whose class has a compiler (`@compiles`) in the project."""
        for ancestor in instance.cls.ancestors():
            compiler = self.machine.registered("compiler", ancestor) if isinstance(ancestor, Class) else None
            if compiler is None:
                continue
            call = Call(self.machine, [instance, CompilerProxy(self.machine, self.dialect)], {}, span)
            sql = self.machine.call(compiler, call)
            if isinstance(sql, (str, Unknown)):
                return sql
        made = self.made_from(instance)
        if made is not None:
            return self.compile_element(made, None, span)
        return Unknown(f"an object of {instance.cls.name}, for which no compiler is found", span)

    def _reflect_all(self, metadata: MetaData, call: Call) -> None:
        """`metadata.reflect(bind)`: the tables of a schema as the replayed catalog has them."""
        inspector = Inspector(self.machine)
        given = plain(call.argument(1, "schema"))
        schema = None if given is None else str(given)
        only = call.argument(3, "only")
        names = self._asked(inspector, "get_table_names", [schema], call)
        for name in names if isinstance(names, list) else []:
            if not isinstance(only, (list, tuple)) or name in only:
                self._reflect(str(name), schema, metadata, call)

    def _reflected(self, call: Call) -> Value:
        """`Table(name, metadata, autoload_with=bind)`."""
        metadata = call.argument(1, "metadata")
        schema = plain(call.keywords.get("schema"))
        name = call.required(0, "name")
        if isinstance(name, Unknown):
            return name
        into = metadata if isinstance(metadata, MetaData) else MetaData()
        return self._reflect(str(plain(name)), None if schema is None else str(schema), into, call)

    def _reflect(self, name: str, schema: str | None, metadata: MetaData, call: Call) -> Value:
        columns = self._asked(Inspector(self.machine), "get_columns", [name, schema], call)
        if not isinstance(columns, list):
            return columns
        made = [Column(column["name"], self.converter.reflected(column["type"])) for column in columns]
        return Table(name, metadata, *made, schema=schema, extend_existing=True)

    def _asked(self, inspector: Inspector, question: str, arguments: list[Value], call: Call) -> Value:
        method = inspector.interpreted_attribute(self.machine, question, call.span)
        return self.machine.call(method, Call(self.machine, arguments, {}, call.span))

    def _create_or_drop(self, value: Any, name: str, call: Call) -> Value:  # noqa: ANN401 - a schema item or type
        check = call.argument(1, "checkfirst", default=not isinstance(value, (Table,)) or True)
        if isinstance(check, Unknown):
            raise Undecided(check)
        exists = self._exists(value, call)
        if check and exists is (name == "create"):
            return None
        method = getattr(value, name)
        self._collect(lambda connection: method(connection, checkfirst=False), call.span)
        return None

    def _exists(self, value: Any, call: Call) -> bool:  # noqa: ANN401 - as above
        schema = getattr(value, "schema", None) or self.machine.options.default_schema
        name = getattr(value, "name", None)

        def ask(catalog: Any) -> bool:  # noqa: ANN401 - a catalog
            owner = catalog.schemas.get(schema, -1)
            table = catalog.types if isinstance(value, TypeEngine) else catalog.relations
            return (owner, name) in table

        del call
        return self.machine.reflect(ask) is True

    def _all_tables(self, metadata: MetaData, name: str, call: Call) -> Value:
        tables = [table for table in metadata.sorted_tables if WRITTEN in table.info]
        if not tables:
            reason = "the tables of this MetaData are those of the mapped classes of the application"
            self.machine.target.opaque(call.span, f"`{call.name or name}`: {reason}")
            return None
        for table in tables if name == "create_all" else tables[::-1]:
            inner = Call(self.machine, list(call.arguments[:1]), {}, call.span)
            self._create_or_drop(table, name.removesuffix("_all"), inner)
        return None

    def _collect(self, act: Callable[[Any], object], span: Span) -> None:
        """Let SQLAlchemy emit DDL, and send it on."""
        constructs: list[Any] = []
        act(
            MockConnection(
                self.dialect, lambda construct, *_parameters, **_options: constructs.append(construct)
            )
        )
        for construct in constructs:
            self.renderer.send(construct, span)

    def perform(self, name: str, call: Call) -> Value:
        """Call an operation of Alembic."""
        return self.renderer.perform(name, call)


def _mapped(column: Column[Any], attribute: str) -> Column[Any]:
    """A column of a mapped class, named after its attribute; one that a table has already (of a mixin) is copied."""
    named: Any = column
    if named.name is None:
        named.name = named.key = attribute
    return column if named.table is None else named._copy()  # noqa: SLF001 - as SQLAlchemy does
