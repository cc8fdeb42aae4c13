"""Calls of functions and procedures that the history defines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.errors import SYNTAX_ERROR, Refused
from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.interpreter import trials
from schemaguard.plpgsql.interpreter.body import body_text
from schemaguard.plpgsql.interpreter.compiled import compiled, signature_of
from schemaguard.plpgsql.interpreter.frame import Frame, Variable
from schemaguard.plpgsql.interpreter.substitution import substitute
from schemaguard.plpgsql.values.casts import cast
from schemaguard.plpgsql.values.kinds import Record, Unknown, Value
from schemaguard.sources.migration import Unanswerable
from schemaguard.statements.parse import Unparsed, parse
from schemaguard.statements.statement import Statement

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from schemaguard.plpgsql.interpreter.machine import Machine
    from schemaguard.text import SqlText

VOID = 2278


def invoke(machine: Machine, function: Function, values: list[Value]) -> Value:
    """The result of a call: a list where the function returns a set; what is not run here is unknown."""
    from schemaguard.plpgsql.interpreter.machine import CALL_LIMIT

    if function.strict and None in values:
        return [] if function.returns_set else None
    if function.language not in ("sql", "plpgsql") or function.because is None:
        return Unknown(f"`{function.name}` is written in {function.language}")
    if function.returns == TypeRef(2279):
        raise Refused("0A000", "trigger functions can only be called as triggers")
    if machine.calls >= CALL_LIMIT:
        return Unknown(f"`{function.name}` calls itself too often")
    machine.calls += 1
    session = machine.session
    before = (session.role, session.search_path, dict(session.settings))
    try:
        _enter(machine, function)
        text = body_text(function.because.statement, function.body_offset, function.body)
        frame = Frame(machine.context, text, function)
        _pass(frame, function, values)
        run = _run_plpgsql if function.language == "plpgsql" else _run_sql
        return run(machine, frame, function)
    finally:
        machine.calls -= 1
        if function.security_definer:
            session.role = before[0]
        if function.config:
            session.search_path, session.settings = before[1], before[2]


def _enter(machine: Machine, function: Function) -> None:
    """SECURITY DEFINER and the SET clauses."""
    from schemaguard.catalog.commands.settings import parse_path

    session = machine.session
    if function.security_definer:
        session.role = function.owner
    for name, value in function.config:
        if name == "search_path":
            session.search_path = parse_path(value)
        else:
            session.settings[name] = value


def _pass(frame: Frame, function: Function, values: list[Value]) -> None:
    """Make the parameters variables, by name and by number."""
    given = iter(values)
    variables: dict[str, Variable] = {}
    modes = "ibvo" if function.kind == "p" else "ibv"
    for argument in function.arguments:
        value = next(given, None) if argument.mode in modes else None
        variable = Variable(argument.name, argument.type)
        known = TypeRef(argument.type.oid, argument.type.typmod, argument.type.array or argument.mode == "v")
        variable.value = cast(value, known, frame.context) if argument.mode in "ibv" else None
        if argument.mode in "ibv" or function.kind == "p" or function.language == "plpgsql":
            frame.names.parameters.append(variable)
        if argument.name:
            variables[argument.name] = variable
    frame.names.scopes.append((function.name, variables))


def _run_plpgsql(machine: Machine, frame: Frame, function: Function) -> Value:
    block = compiled(function.body, signature_of(function))
    try:
        signal = machine.run((block,), frame)
    finally:
        trials.close_maybes(machine, frame, 0)
    outputs = [item for item in function.arguments if item.mode in "obt"]
    if function.returns_set:
        return frame.rows
    if outputs and (function.kind == "p" or frame.returned is None):
        return _outputs(frame, [item.name for item in outputs])
    if signal is None and function.kind == "f" and function.returns not in (None, TypeRef(VOID)):
        raise Refused("2F005", "control reached end of function without RETURN")
    if function.returns is None or function.returns == TypeRef(VOID):
        return ""
    return cast(frame.returned, function.returns, machine.context)


def _outputs(frame: Frame, names: list[str]) -> Value:
    values = tuple(found[0].value if (found := frame.names.variable([name])) else None for name in names)
    return Record(tuple(names), values) if len(values) > 1 else values[0]


def _run_sql(machine: Machine, frame: Frame, function: Function) -> Value:
    """A SQL function: the statements in order, the last one's rows are the result."""
    result: Value = None
    for statement in _statements(frame.text, function):
        if statement.kind == "SelectStmt":
            result = _rows(machine, frame, statement, function)
        elif statement.kind == "ReturnStmt":
            target = {"SelectStmt": {"targetList": [{"ResTarget": {"val": statement.node["returnval"]}}]}}
            result = _rows(
                machine, frame, Statement("SelectStmt", target["SelectStmt"], frame.text, 0, 0), function
            )
        else:
            statement.node = substitute(statement.kind, statement.node, frame.names, machine.context)
            machine.execute(statement)
            result = Unknown(f"what `{function.name}` returns is known only to the database")
    if function.returns_set:
        return result if isinstance(result, (list, Unknown)) else [result]
    first = result[0] if isinstance(result, list) and result else None if isinstance(result, list) else result
    if function.returns is None or function.returns == TypeRef(VOID):
        return ""
    return cast(first, function.returns, machine.context)


def _statements(text: SqlText, function: Function) -> list[Statement]:
    found: list[Statement] = []
    if function.body_nodes:
        origin = function.because.statement if function.because else None
        for node in function.body_nodes:
            [(kind, fields)] = node.items()
            if origin is not None:
                found.append(Statement(kind, fields, origin.text, origin.byte_start, origin.byte_end))
        return found
    for parsed in parse(text):
        if isinstance(parsed, Unparsed):
            raise Refused(SYNTAX_ERROR, parsed.message)
        found.append(parsed)
    return found


def _rows(machine: Machine, frame: Frame, statement: Statement, function: Function) -> Any:  # noqa: ANN401
    """The rows of a query as values: a record where there are several columns."""
    from schemaguard.plpgsql.interpreter.effects import report_calls

    node = {statement.kind: statement.node}
    try:
        columns, rows = frame.query(node)
    except Unanswerable as unanswerable:
        report_calls(machine, node, statement.span, str(unanswerable))
        return Unknown(f"`{function.name}` reads what only the database knows: {unanswerable}")
    report_calls(machine, node, statement.span, "")
    names = tuple(columns)
    return [Record(names, row) if len(row) > 1 else row[0] if row else None for row in rows]
