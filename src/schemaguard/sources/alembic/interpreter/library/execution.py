"""Whatever can be executed, sent to the target as SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.library.clauses import (
    Clause,
    DdlText,
    data_statement,
    ddl_sql,
    driver_sql,
    text_sql,
)
from schemaguard.sources.alembic.interpreter.tracked import sql_text
from schemaguard.sources.alembic.interpreter.values import Instance, Symbol, Unknown
from schemaguard.text import SqlText

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


def sql_of(
    machine: Machine, statement: Value, values: Value, span: Span, *, driver: bool = False
) -> str | Unknown:
    """The SQL of a statement object with its parameters, or why it is not known.

    `driver`: plain strings go to the driver as they are (`exec_driver_sql`), otherwise they are `text()`.
    """
    match plain(statement):
        case Unknown() as unknown:
            text = data_statement(unknown)
            return unknown if text is None else text_sql(machine, Clause(text), values, span)
        case Symbol() as symbol:
            return symbol.unknown()
        case str() as sql:
            return (
                driver_sql(machine, sql, values, span)
                if driver
                else text_sql(machine, Clause(sql), values, span)
            )
        case Clause() as clause:
            return text_sql(machine, clause, values, span)
        case DdlText() as ddl:
            return ddl_sql(machine, ddl, span)
        case Instance() as instance:
            return machine.sqlalchemy.compile_instance(instance, span)
        case other:
            return machine.sqlalchemy.compile_element(other, values, span)


def send(machine: Machine, sql: str | Unknown, span: Span, remedy: str = "") -> None:
    """Execute SQL on the target; what is not known is reported."""
    if isinstance(sql, Unknown):
        machine.target.opaque(span, sql.describe(), sql.remedy or remedy)
        return
    machine.before_statement()
    machine.target.execute(sql_text(sql, span))


def send_rendered(machine: Machine, sql: str, span: Span) -> None:
    """Execute SQL that was rendered from an operation: all of it was written at `span`."""
    machine.before_statement()
    machine.target.execute(SqlText.written_by(sql, span))
