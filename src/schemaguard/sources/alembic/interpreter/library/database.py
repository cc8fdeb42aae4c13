"""Connections: `op.get_bind()`, `Session(bind)`, and what they answer from the replayed catalog."""

from __future__ import annotations

import re
import weakref
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.library import clauses, inspection
from schemaguard.sources.alembic.interpreter.library.execution import send, sql_of
from schemaguard.sources.alembic.interpreter.library.handles import Handle
from schemaguard.sources.alembic.interpreter.library.results import Result
from schemaguard.sources.alembic.interpreter.values import Class, Native, Unknown
from schemaguard.sources.alembic.words import words
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

CANONICAL = {
    name: f"sqlalchemy.{name}"
    for name in [
        "text",
        "bindparam",
        "DDL",
        "inspect",
        "Column",
        "Table",
        "MetaData",
        "literal_column",
        "func",
        "select",
        "insert",
        "update",
        "delete",
    ]
}
"""Names that SQLAlchemy exports from several modules."""
CANONICAL["Session"] = "sqlalchemy.orm.Session"
CANONICAL["sessionmaker"] = "sqlalchemy.orm.sessionmaker"

_QUERY = ("select", "with", "values", "table", "show", "explain")


class Connection(Handle):
    """A connection, or a session on it: both execute statements and return results."""

    called = "the connection"

    def __init__(self, machine: Machine) -> None:
        """Open it on the machine's target."""
        self.machine = machine

    def interpreted_attribute(self, machine: Machine, name: str, span: Span) -> Value:
        """The attributes of connections, engines, sessions and DBAPI connections that revisions use."""
        if name in _ITSELF:
            return self
        if name == "dialect":
            return Dialect()
        if name in ("name", "vendor"):
            return "postgresql"
        if name in ("closed", "invalidated"):
            return False
        if name in _RETURNS_ITSELF:
            return Native(f"Connection.{name}", lambda _call: self)
        method = _METHODS.get(name)
        if method is not None:
            return Native(f"Connection.{name}", lambda call: method(self, call))
        if name in _WITHOUT_EFFECT:
            return Native(f"Connection.{name}", lambda _call: None)
        del machine
        return Unknown("", span)

    def execute(self, statement: Value, values: Value, span: Span, *, driver: bool = False) -> Value:
        """Execute a statement once, or once for each of a list of parameter sets."""
        if (
            isinstance(values, list)
            and values
            and all(isinstance(plain(row), (dict, tuple)) for row in values)
        ):
            for row in values:
                self._send(statement, row, span, driver=driver)
            return Result(lambda: ((), ()))
        return self._send(statement, values, span, driver=driver)

    def _send(self, statement: Value, values: Value, span: Span, *, driver: bool) -> Value:
        machine = self.machine
        sql = sql_of(machine, statement, values, span, driver=driver)
        if isinstance(sql, Unknown):
            send(machine, sql, span)
            return sql
        send(machine, sql, span)
        if not sql.lstrip().lower().startswith(_QUERY):
            return Result(lambda: _returned(sql, span))
        return self._query(sql, span)

    def _query(self, sql: str, span: Span) -> Result:
        """A query: the catalog answers it if anybody asks for its rows; else it is a statement as any other."""
        machine = self.machine

        def fetch() -> tuple[Sequence[str], Sequence[Sequence[Any]]] | Unknown:
            if _CHANGES.search(sql):
                return _returned(sql, span)
            try:
                rows = machine.target.rows(sql)
                return machine.target.columns(sql), rows
            except Unanswerable as reason:
                return Unknown(f"the rows of `{_shown(sql)}`, which only the server knows: {reason}", span)

        result = Result(fetch)
        machine.open_results.append(weakref.ref(result))
        return result


_CHANGES = re.compile(r"\b(?:insert\s+into|update|delete\s+from|merge\s+into|returning)\b", re.IGNORECASE)
"""What a query does not do."""


def _returned(sql: str, span: Span) -> tuple[Sequence[str], Sequence[Sequence[Any]]] | Unknown:
    """The result of a statement that is no query."""
    if _CHANGES.search(sql):
        return Unknown(f"the rows that `{_shown(sql)}` returns", span)
    return (), ()


def _shown(sql: str) -> str:
    shown = " ".join(sql.split())
    return shown if len(shown) <= _LONGEST_QUOTE else f"{shown[: _LONGEST_QUOTE - 1]}…"


_LONGEST_QUOTE = 60


class Dialect:
    """PostgreSQL's dialect, as far as revisions ask."""

    def interpreted_attribute(self, machine: Machine, name: str, span: Span) -> Value:
        """Its name, version and helpers."""
        match name:
            case "name":
                return "postgresql"
            case "driver":
                return "psycopg2"
            case "server_version_info":
                return (machine.options.server_version, 0)
            case "identifier_preparer" | "preparer":
                return self
            case "quote" | "quote_identifier" | "format_table" | "format_column" | "quote_schema":
                return Native(name, _quote)
            case "type_descriptor":
                return Native(name, lambda call: call.required(0))
            case "has_table":
                return Native(name, _dialect_has_table)
            case "default_schema_name":
                return machine.options.default_schema
            case "supports_native_enum" | "supports_native_uuid" | "supports_comments" | "supports_sequences":
                return True
        return Unknown("", span)


def _quote(call: Call) -> Value:
    name = call.required(0)
    if isinstance(name, Unknown):
        return name
    quoted: str = call.machine.sqlalchemy.dialect.identifier_preparer.quote(str(plain(name)))
    return quoted


def _dialect_has_table(call: Call) -> Value:
    inspector = inspection.Inspector(call.machine)
    call.arguments = call.arguments[1:]
    return call.machine.call(inspector.interpreted_attribute(call.machine, "has_table", call.span), call)


_ITSELF = frozenset(
    (
        "engine",
        "bind",
        "connection",
        "dbapi_connection",
        "driver_connection",
        "sync_connection",
        "raw_connection",
    )
)
_RETURNS_ITSELF = words(
    "begin begin_nested connect cursor no_autoflush execution_options get_bind get_transaction "
    "get_nested_transaction"
)
_WITHOUT_EFFECT = words(
    "commit rollback close flush expire_all expunge_all expire refresh invalidate detach dispose "
    "set_isolation_level prepare __enter__ __exit__ autocommit notices"
)


def _execute(connection: Connection, call: Call) -> Value:
    statement = call.argument(0, "statement", call.argument(0, "clause"))
    values = call.argument(1, "parameters", call.argument(1, "params"))
    if (
        values is None
        and len(call.keywords)
        and not {"execution_options", "bind_arguments"} & call.keywords.keys()
    ):
        values = dict(call.keywords)
    span = call.argument_span(0) if call.arguments else call.span
    cursor = isinstance(values, (tuple, list)) and not any(
        isinstance(plain(row), (dict, tuple)) for row in values
    )
    return connection.execute(statement, values, span, driver=cursor and isinstance(plain(statement), str))


def _exec_driver_sql(connection: Connection, call: Call) -> Value:
    span = call.argument_span(0) if call.arguments else call.span
    return connection.execute(
        call.required(0, "statement"), call.argument(1, "parameters"), span, driver=True
    )


def _scalar(connection: Connection, call: Call) -> Value:
    return _through("scalar", connection, call)


def _scalars(connection: Connection, call: Call) -> Value:
    return _through("scalars", connection, call)


def _through(method: str, connection: Connection, call: Call) -> Value:
    result = _execute(connection, call)
    if isinstance(result, Unknown):
        return result
    call.arguments, call.keywords = [], {}
    return call.machine.call(call.machine.attribute(result, method, call.span), call)


def _run_sync(connection: Connection, call: Call) -> Value:
    function = call.required(0)
    call.arguments = [connection, *call.arguments[1:]]
    return call.machine.call(function, call)


def _in_transaction(_connection: Connection, _call: Call) -> Value:
    return True


def _isolation_level(_connection: Connection, _call: Call) -> Value:
    return "READ COMMITTED"


_METHODS: dict[str, Callable[[Connection, Call], Value]] = {
    "execute": _execute,
    "exec_driver_sql": _exec_driver_sql,
    "scalar": _scalar,
    "scalars": _scalars,
    "run_sync": _run_sync,
    "in_transaction": _in_transaction,
    "get_isolation_level": _isolation_level,
}


def _compiles(call: Call) -> Value:
    """`@compiles(cls, *dialects)`: what renders the elements of a class, unless it is for another database."""
    cls, dialects = call.required(0, "class_"), [str(plain(name)) for name in call.arguments[1:]]

    def register(inner: Call) -> Value:
        function = inner.required(0)
        if not dialects or "postgresql" in dialects:
            inner.machine.register("compiler", cls, function)
        return function

    return Native("compiles", register)


def _session(call: Call) -> Value:
    return Connection(call.machine)


def _session_maker(call: Call) -> Value:
    del call
    return Native("sessionmaker()", _session)


def inherited(machine: Machine, cls: Class, name: str) -> Value:
    """What a class of the project has from a class of SQLAlchemy's; None if that is not known."""
    return machine.sqlalchemy.table_of(cls) if name == "__table__" else None


FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    **clauses.FUNCTIONS,
    **inspection.FUNCTIONS,
    "sqlalchemy.ext.compiler.compiles": _compiles,
    "sqlalchemy.orm.Session": _session,
    "sqlalchemy.orm.sessionmaker": _session_maker,
    "sqlmodel.Session": _session,
}
