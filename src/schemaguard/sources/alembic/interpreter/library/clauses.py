"""`sa.text`, bind parameters and `DDL`: SQL that the revision writes itself, with values filled in as literals."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import re
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.formatting import percent, replace_matches
from schemaguard.sources.alembic.interpreter.values import Native, Raised, Symbol, Unknown, unknown_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span

_BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
_ESCAPED_COLON = re.compile(r"\\(:)")
"""As `sqlalchemy.sql.elements.TextClause` finds parameters in a text: it does not look for quotes."""


class Parameter:
    """`sa.bindparam(name, value, expanding=…)`."""

    __slots__ = ("expanding", "name", "value")

    def __init__(self, name: str, value: Value, *, expanding: bool) -> None:
        """Take what it is called and stands for."""
        self.name = name
        self.value = value
        self.expanding = expanding


class Clause:
    """`sa.text(sql)`, with the values that `.bindparams()` gave it."""

    def __init__(self, sql: str, parameters: Mapping[str, Parameter] | None = None) -> None:
        """Take the text as written, colons and all."""
        self.sql = sql
        self.parameters = dict(parameters or {})

    def interpreted_attribute(self, _machine: Machine, name: str, span: Span) -> Value:
        """The methods of a text clause."""
        if name in ("bindparams", "params"):
            return Native("text.bindparams", self._with_parameters)
        if name in _CHAINED:
            return Native(f"text.{name}", lambda _call: self)
        if name == "text":
            return self.sql
        raise Raised(
            AttributeError(f"'TextClause' object has no attribute '{name}' that is interpreted"), span
        )

    def _with_parameters(self, call: Call) -> Value:
        parameters = dict(self.parameters)
        for argument in call.arguments:
            if isinstance(argument, Parameter):
                parameters[argument.name] = argument
        given = plain(call.argument(0))  # `params()` also takes a mapping
        named = {str(name): value for name, value in given.items()} if isinstance(given, dict) else {}
        for name, value in {**named, **call.keywords}.items():
            known = parameters.get(name)
            parameters[name] = Parameter(name, value, expanding=known.expanding if known else False)
        return Clause(self.sql, parameters)

    def __str__(self) -> str:
        """The text, as SQLAlchemy's own `str` gives it."""
        return str(self.sql)


def data_statement(unknown: Unknown) -> str | None:
    """The text of a statement that reads or changes rows, of which only values are not known; None for all others."""
    partial = unknown.partial
    if partial is None or not partial.lstrip().lower().startswith(
        ("select", "insert", "update", "delete", "with")
    ):
        return None
    is_value = all(
        _BEFORE_VALUE.search(partial, 0, match.start()) is not None for match in re.finditer(r"\$1", partial)
    )
    return partial if is_value else None


_BEFORE_VALUE = re.compile(
    r"(?:[=<>'%+*/-]|\|\||\bvalues\s*\([^()]*|\b(?:limit|offset|like|ilike|between|and|then|else)\s)\s*\Z",
    re.IGNORECASE,
)
"""What stands before a value, and not before a name."""

_CHAINED = frozenset(("columns", "execution_options", "self_group", "alias", "subquery", "label", "options"))


class DdlText:
    """`sa.DDL(statement, context=…)`: percent-formatted when it is executed."""

    def __init__(self, sql: str, context: Value) -> None:
        """Take the template and its values."""
        self.sql = sql
        self.context = context

    def interpreted_attribute(self, _machine: Machine, name: str, span: Span) -> Value:
        """Its chained methods."""
        if name in ("execute_if", "against"):
            return Native(f"DDL.{name}", lambda _call: self)
        if name == "statement":
            return self.sql
        raise Raised(AttributeError(f"'DDL' object has no attribute '{name}' that is interpreted"), span)


def text_sql(machine: Machine, clause: Clause, values: Value, span: Span) -> str | Unknown:
    """The SQL of a text clause with values for its parameters, those of the call before those of the clause.

    A value that is not known becomes `$1`, `$2` …: the statement is still the statement. A parameter without any value
    makes SQLAlchemy refuse the statement, which is reported.
    """
    unknown = unknown_in(values) if isinstance(values, Unknown) else None
    given = plain(values) if isinstance(plain(values), dict) else {}
    missing: list[str] = []
    numbered: list[str] = []

    def replacement(match: re.Match[str]) -> str | None:
        name = match[1]
        parameter = clause.parameters.get(name)
        if isinstance(given, dict) and name in given:
            value = given[name]
        elif parameter is not None:
            value = parameter.value
        elif unknown is not None:
            value = unknown
        else:
            missing.append(name)
            return None
        if unknown_in(value) is not None:
            numbered.append(name)
            return f"${len(numbered)}"
        expanding = parameter is not None and parameter.expanding
        return literal(value, expanding=expanding)

    sql = replace_matches(clause.sql, _BIND, replacement, span)
    if missing:
        message = (
            f"`:{missing[0]}` is a bind parameter to SQLAlchemy, also inside quotes, and is given no value: "
            f"the statement would not be sent (write `\\:{missing[0]}`)"
        )
        machine.target.note("statement-would-fail", span, message)
    return (
        sql
        if isinstance(sql, Unknown)
        else replace_matches(sql, _ESCAPED_COLON, lambda match: match[1], span)
    )


def driver_sql(machine: Machine, sql: str, values: Value, span: Span) -> str | Unknown:
    """SQL for the driver: `%s` and `%(name)s` are filled in if there are values, else nothing is touched."""
    if values is None or values in ((), [], {}):
        return sql
    if isinstance(values, Unknown):
        return values
    if isinstance(values, dict):
        filled: Value = {name: _driver_literal(value) for name, value in values.items()}
    elif isinstance(values, (list, tuple)):
        filled = tuple(_driver_literal(value) for value in values)
    else:
        filled = (_driver_literal(values),)
    return percent(machine, sql, filled, span)


def _driver_literal(value: Value) -> Value:
    return "$1" if unknown_in(value) is not None else literal(value)


def ddl_sql(machine: Machine, ddl: DdlText, span: Span) -> str | Unknown:
    """The SQL of a DDL element."""
    return percent(machine, ddl.sql, ddl.context if isinstance(ddl.context, dict) else {}, span)


def literal(value: Value, *, expanding: bool = False) -> str:
    """A known value as the SQL that a driver makes of it."""
    value = plain(value)
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int() | float() | decimal.Decimal():
            return str(value)
        case bytes():
            return f"'\\x{value.hex()}'"
        case list() | tuple() | set() | frozenset():
            inner = ", ".join(literal(item) for item in value)
            if expanding or isinstance(value, tuple):
                return f"({inner or 'NULL'})"
            return f"ARRAY[{inner}]" if value else "'{}'"
    return quoted(_text_form(value))


def _text_form(value: Value) -> str:
    """A value that is written in quotes."""
    match value:
        case dict():
            return json.dumps(value, default=str)
        case dt.datetime():
            return value.isoformat(" ")
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            return f"{value.days} days {value.seconds}.{value.microseconds:06d} seconds"
    return str(value)


def quoted(text: str) -> str:
    """A string constant."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _text(call: Call) -> Value:
    sql = plain(call.required(0, "text"))
    if isinstance(sql, (Unknown, Symbol)):
        return sql if isinstance(sql, Unknown) else sql.unknown()
    if isinstance(sql, Clause):
        return sql
    if not isinstance(sql, str):
        raise Raised(TypeError("text() takes a string"), call.span)
    return Clause(sql)


def _bindparam(call: Call) -> Value:
    name = call.required(0, "key")
    if isinstance(name, Unknown):
        return name
    expanding = call.keywords.get("expanding", False) is True
    default = Unknown(f"the bind parameter `{name}`", call.span)
    return Parameter(str(name), call.argument(1, "value", default), expanding=expanding)


def _ddl(call: Call) -> Value:
    sql = plain(call.required(0, "statement"))
    if isinstance(sql, Unknown):
        return sql
    if not isinstance(sql, str):
        raise Raised(TypeError("DDL() takes a string"), call.span)
    context = call.argument(1, "context", {})
    return DdlText(sql, context if context is not None else {})


FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    "sqlalchemy.text": _text,
    "sqlalchemy.bindparam": _bindparam,
    "sqlalchemy.DDL": _ddl,
}
