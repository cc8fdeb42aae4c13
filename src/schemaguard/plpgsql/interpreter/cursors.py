"""Cursors: their rows are taken when they are opened, and handed out one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import Refused
from schemaguard.plpgsql.interpreter import sql
from schemaguard.plpgsql.interpreter.control import assign_row, assign_unknown
from schemaguard.plpgsql.values.kinds import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.plpgsql.interpreter.frame import Frame, Variable
    from schemaguard.plpgsql.interpreter.machine import Machine
    from schemaguard.plpgsql.interpreter.sql import Result
    from schemaguard.plpgsql.language import tree
    from schemaguard.plpgsql.language.tree import Fragment

UNDEFINED_CURSOR = "34000"


class OpenRows:
    """The rows of an open cursor that are still to come."""

    def __init__(self, result: Result | Unknown) -> None:
        """Begin before the first row."""
        self.result = result
        self.at = 0


def _cursor(frame: Frame, name: str) -> Variable:
    found = frame.names.variable([name])
    if found is None:
        raise Refused(UNDEFINED_CURSOR, f'cursor "{name}" does not exist')
    return found[0]


def _bound_rows(
    machine: Machine, frame: Frame, variable: Variable, arguments: Sequence[Fragment]
) -> Result | Unknown:
    """The rows of a cursor's own query, with its parameters in scope."""
    declaration = variable.cursor
    if declaration is None or declaration.query is None:
        raise Refused("24000", f'cursor variable "{variable.name}" has no query')
    names = [name for name, _ in declaration.parameters]
    given = {item.name or name: item for item, name in zip(arguments, names, strict=False)}
    values = {name: frame.evaluate(item) for name, item in given.items()}
    parameters = {}
    for name, type_ in declaration.parameters:
        parameters[name] = frame.variable_of(declaration, name, frame.declared_type(type_.text))
        if name in values:
            frame.store(parameters[name], values[name])
    frame.loop_scope("", parameters)
    try:
        return sql.rows_of(machine, frame, declaration.query)
    finally:
        frame.leave_loop()


def result_of(machine: Machine, command: tree.ForRows, frame: Frame) -> Result | Unknown:
    """The rows that FOR … IN cursor goes through."""
    return _bound_rows(machine, frame, _cursor(frame, command.cursor), command.arguments)


def open_cursor(machine: Machine, command: tree.OpenCursor, frame: Frame) -> None:
    """OPEN."""
    variable = _cursor(frame, command.cursor)
    if command.execute is not None:
        result = sql.dynamic_rows(machine, frame, command.execute, command.using)
    elif command.query is not None:
        result = sql.rows_of(machine, frame, command.query)
    else:
        result = _bound_rows(machine, frame, variable, command.arguments)
    variable.value = OpenRows(result)


def fetch(_machine: Machine, command: tree.FetchCursor, frame: Frame) -> None:
    """FETCH and MOVE to the next row."""
    value = _cursor(frame, command.cursor).value
    if value is None:
        raise Refused("22004", f'cursor variable "{command.cursor}" is null')
    if not isinstance(value, OpenRows):
        raise Refused(UNDEFINED_CURSOR, f'cursor "{command.cursor}" does not exist')
    if isinstance(value.result, Unknown) or command.forward != 1:
        reason = (
            value.result.reason
            if isinstance(value.result, Unknown)
            else "where a cursor stands is not followed"
        )
        assign_unknown(frame, command.into, reason)
        frame.found.value = Unknown(reason)
        value.result = Unknown(reason)
        return
    columns, rows = value.result
    row = rows[value.at] if value.at < len(rows) else None
    value.at += 1
    if command.into:
        assign_row(frame, command.into, columns, row)
    frame.found.value = row is not None


def close(_machine: Machine, command: tree.CloseCursor, frame: Frame) -> None:
    """CLOSE."""
    _cursor(frame, command.cursor).value = None
