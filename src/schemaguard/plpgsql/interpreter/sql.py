"""SQL inside of a body: static statements, PERFORM and EXECUTE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import SYNTAX_ERROR, Refused
from schemaguard.plpgsql.context import functions_in_path, parse_query
from schemaguard.plpgsql.interpreter.conditions import NO_DATA_FOUND, TOO_MANY_ROWS
from schemaguard.plpgsql.interpreter.control import assign_row, assign_unknown
from schemaguard.plpgsql.interpreter.dynamic import command_text, with_parameters
from schemaguard.plpgsql.interpreter.substitution import substitute
from schemaguard.plpgsql.values.kinds import Record, Unknown, Value
from schemaguard.sources.migration import Unanswerable
from schemaguard.statements.parse import Unparsed, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.plpgsql.interpreter.frame import Frame
    from schemaguard.plpgsql.interpreter.machine import Machine
    from schemaguard.plpgsql.language import tree
    from schemaguard.plpgsql.language.tree import Fragment
    from schemaguard.statements.statement import Statement
    from schemaguard.text import SqlText

Result = tuple[list[str], list[tuple[Value, ...]]]


def run_sql(machine: Machine, command: tree.Sql, frame: Frame) -> None:
    """A static statement."""
    for statement in _statements(frame.sql(command.statement)):
        if statement.kind == "SelectStmt":
            if not command.into:
                raise Refused(SYNTAX_ERROR, "query has no destination for result data")
            _into(frame, command, _query(machine, frame, statement))
        elif statement.kind == "CallStmt":
            _call(machine, frame, statement)
        else:
            unknown = _changed(machine, frame, statement)
            frame.found.value = unknown or frame.found.value
            if command.into:
                _into(frame, command, unknown or ([], []))


def _call(machine: Machine, frame: Frame, statement: Statement) -> None:
    """CALL: the values of OUT and INOUT parameters go into the variables that are passed for them."""
    from schemaguard.plpgsql.interpreter.effects import report_calls, require_function

    call = statement.node["funccall"]
    routines = functions_in_path(machine.context, strings(call["funcname"]))
    if not routines:
        require_function(machine.context, strings(call["funcname"]), call, "procedure")
    node = {"SelectStmt": {"targetList": [{"ResTarget": {"val": {"FuncCall": call}}}]}}
    result = _answer(machine, frame, node, statement)
    if not routines:
        report_calls(machine, node, statement.span, "")
    value = result if isinstance(result, Unknown) else result[1][0][0]
    listed = [item for item in routines[0].arguments if item.mode in "ibvo"] if routines else []
    outputs = [(item, at) for at, item in enumerate(listed) if item.mode in "ob"]
    values = value.values if isinstance(value, Record) else (value,) * len(outputs)
    for (_item, at), each in zip(outputs, values, strict=False):
        target = (call.get("args") or ())[at]
        if "ColumnRef" in target:
            frame.assign(".".join(strings(target["ColumnRef"]["fields"])), each)


_ROW_COMMANDS = frozenset(("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"))


def _statements(text: SqlText) -> list[Statement]:
    """The statements of a text.

    Raises:
        Refused: one does not parse.
    """
    found = []
    for parsed in parse(text):
        if isinstance(parsed, Unparsed):
            raise Refused(SYNTAX_ERROR, parsed.message)
        found.append(parsed)
    return found


def _query(machine: Machine, frame: Frame, statement: Statement) -> Result | Unknown:
    return _answer(machine, frame, {statement.kind: statement.node}, statement)


def _answer(machine: Machine, frame: Frame, node: dict[str, Any], statement: Statement) -> Result | Unknown:
    """The rows of a query; unknown with the reason where they are, after its effects have been reported."""
    from schemaguard.plpgsql.interpreter.effects import report_calls

    try:
        return frame.query(node)
    except Unanswerable as unanswerable:
        report_calls(machine, node, statement.span, str(unanswerable))
        return Unknown(str(unanswerable))


def _into(frame: Frame, command: tree.Sql | tree.Execute, result: Result | Unknown) -> None:
    """Put the first row into the targets of INTO."""
    if isinstance(result, Unknown):
        assign_unknown(frame, command.into, result.reason)
        frame.found.value = frame.row_count = result
        return
    columns, rows = result
    if command.strict and not rows:
        raise Refused(NO_DATA_FOUND, "query returned no rows")
    if command.strict and len(rows) > 1:
        raise Refused(TOO_MANY_ROWS, "query returned more than one row")
    assign_row(frame, command.into, columns, rows[0] if rows else None)
    frame.row_count = min(len(rows), 1)
    if not hasattr(command, "using"):  # EXECUTE leaves FOUND alone
        frame.found.value = bool(rows)


def rows_of(machine: Machine, frame: Frame, query: Fragment) -> Result | Unknown:
    """The rows of a static query."""
    [statement] = _statements(frame.sql(query))
    if statement.kind != "SelectStmt":
        machine.execute(statement)
        return Unknown("which rows it touches is known only to the database")
    return _query(machine, frame, statement)


def perform(machine: Machine, command: tree.Perform, frame: Frame) -> None:
    """PERFORM: the query for its effects."""
    node = parse_query(f"SELECT {command.query.text}")
    result = _performed(machine, frame, node, command)
    if isinstance(result, Unknown):
        frame.found.value = frame.row_count = result
    else:
        frame.found.value, frame.row_count = bool(result[1]), len(result[1])


def _performed(
    machine: Machine, frame: Frame, node: dict[str, Any], command: tree.Perform
) -> Result | Unknown:
    from schemaguard.plpgsql.interpreter.effects import report_calls

    span = frame.span(command.start, command.end)
    try:
        result = frame.query(node)
    except Unanswerable as unanswerable:
        report_calls(machine, node, span, str(unanswerable))
        return Unknown(str(unanswerable))
    report_calls(machine, node, span, "")
    return result


def return_query(machine: Machine, command: tree.ReturnQuery, frame: Frame) -> None:
    """RETURN QUERY."""
    if command.execute is not None:
        result = dynamic_rows(machine, frame, command.execute, command.using)
    else:
        result = rows_of(machine, frame, command.query)  # type: ignore[arg-type]  # one of the two is set
    if isinstance(result, Unknown):
        frame.rows.append(result)
        return
    columns, rows = result
    frame.rows.extend(Record(tuple(columns), row) if len(row) > 1 else row[0] for row in rows)
    frame.found.value = bool(rows)


def run_execute(machine: Machine, command: tree.Execute, frame: Frame) -> None:
    """EXECUTE."""
    text = command_text(machine, frame, command.command)
    if isinstance(text, Unknown):
        span = frame.span(command.command.start, command.command.end)
        machine.opaque(span, f"the statement is put together from what is not known: {text.reason}")
        if command.into:
            assign_unknown(frame, command.into, text.reason)
        return
    result: Result | Unknown | None = None
    with with_parameters(frame, command.using):
        for statement in _statements(text):
            if statement.kind == "SelectStmt" and command.into:
                result = _query(machine, frame, statement)
            else:
                result = _changed(machine, frame, statement)
    if command.into:
        _into(frame, command, result if result is not None else ([], []))


def _changed(machine: Machine, frame: Frame, statement: Statement) -> Unknown | None:
    """Run a statement for its effects; which rows it touches or gives is not known."""
    statement.node = substitute(statement.kind, statement.node, frame.names, machine.context)
    machine.execute(statement)
    if statement.kind not in _ROW_COMMANDS:
        return None
    unknown = Unknown("which rows it touches is known only to the database")
    frame.row_count = unknown
    return unknown


def dynamic_rows(
    machine: Machine, frame: Frame, command: Fragment, using: Sequence[Fragment]
) -> Result | Unknown:
    """The rows of a query whose text is computed."""
    text = command_text(machine, frame, command)
    if isinstance(text, Unknown):
        return text
    with with_parameters(frame, using):
        [statement] = _statements(text)
        if statement.kind != "SelectStmt":
            machine.execute(statement)
            return Unknown("which rows it touches is known only to the database")
        return _query(machine, frame, statement)
