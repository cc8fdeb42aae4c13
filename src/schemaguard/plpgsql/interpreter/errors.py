"""Blocks with handlers, RAISE and ASSERT."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.catalog.errors import Refused
from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.interpreter import trials
from schemaguard.plpgsql.interpreter.conditions import ASSERT_FAILURE, RAISE_EXCEPTION, catches, sqlstate_of
from schemaguard.plpgsql.interpreter.control import truth
from schemaguard.plpgsql.interpreter.doubts import doubt
from schemaguard.plpgsql.values.kinds import Unknown, Value
from schemaguard.plpgsql.values.output import text_of

if TYPE_CHECKING:
    from schemaguard.plpgsql.interpreter.frame import Frame
    from schemaguard.plpgsql.interpreter.machine import Machine
    from schemaguard.plpgsql.interpreter.signals import Signal
    from schemaguard.plpgsql.language import tree


def run_block(machine: Machine, block: tree.Block, frame: Frame) -> Signal | None:
    """BEGIN … END, with its own variables and handlers."""
    frame.enter(block)
    try:
        signal = _guarded(machine, block, frame) if block.handlers else machine.run(block.body, frame)
    finally:
        frame.leave()
    if signal is not None and signal.kind == "exit" and block.label and signal.label == block.label:
        return None
    return signal


def _guarded(machine: Machine, block: tree.Block, frame: Frame) -> Signal | None:
    """The body as a sub-transaction; an error that a handler names undoes it and runs the handler."""
    session = machine.session
    mark, first = session.catalog.mark(), len(machine.steps())
    settings = (session.search_path, session.role, session.session_user, dict(session.settings))
    depth, opened = len(frame.names.scopes), frame.open_maybes
    try:
        signal = machine.run(block.body, frame)
    except Refused as refused:
        handler = next((item for item in block.handlers if catches(item, refused.sqlstate)), None)
        if handler is None:
            raise
        trials.close_maybes(machine, frame, opened)
        del frame.names.scopes[depth:]
        session.catalog.rewind(mark)
        session.search_path, session.role, session.session_user, session.settings = settings
        line = frame.span(handler.start, handler.end).line
        trials.take_back(machine.steps()[first:], f"undone by the exception handler in line {line}")
        return _handle(machine, handler, refused, frame)
    if machine.replay is not None and session.catalog.mark() != mark:
        _doubt(machine, block, frame, mark, first)
    return signal


def _doubt(machine: Machine, block: tree.Block, frame: Frame, mark: int, first: int) -> None:
    """Mark the body's effects as uncertain where an error can occur that only the database knows of, and is caught."""
    replay = machine.replay
    assert replay is not None  # noqa: S101 - the caller's condition, for the type checker
    for step in replay.history.steps[first:]:
        for handler in block.handlers:
            why = doubt(step, handler, machine.session.catalog)
            if why:
                reason = f"{why}, and an exception handler would undo the block without a word"
                for each in replay.history.steps[first:]:
                    each.maybe = each.maybe or reason
                replay.uncertain_since(mark, frame.span(handler.start, handler.end), reason)
                return


def _handle(machine: Machine, handler: tree.Handler, error: Refused, frame: Frame) -> Signal | None:
    outer, frame.error = frame.error, error
    texts = {"sqlstate": error.sqlstate, "sqlerrm": error.message}
    variables = {name: frame.variable_of(handler, name, TypeRef(25)) for name in texts}
    for name, text in texts.items():
        variables[name].value = text
    frame.loop_scope("", variables)
    try:
        return machine.run(handler.body, frame)
    finally:
        frame.leave_loop()
        frame.error = outer


def run_raise(machine: Machine, command: tree.Raise, frame: Frame) -> Signal | None:
    """RAISE: an EXCEPTION ends the body, any other level is only a message."""
    if command.message is None and not command.condition and not command.options:
        if frame.error is None:
            raise Refused("0Z002", "RAISE without parameters cannot be used outside an exception handler")
        raise frame.error
    parameters = [frame.evaluate(item) for item in command.parameters]
    options = {name: frame.evaluate(value) for name, value in command.options}
    if command.level != "exception":
        return None
    sqlstate = RAISE_EXCEPTION
    code = command.condition or options.get("errcode")
    if isinstance(code, str):
        sqlstate = sqlstate_of(code)
        if not sqlstate:
            raise Refused("42704", f'unrecognized exception condition "{code}"')
    message = options.get("message", command.condition or sqlstate)
    if command.message is not None:
        message = _filled(command.message, parameters, machine)
    texts = {name: _shown(options.get(name), machine) for name in ("detail", "hint")}
    raise Refused(sqlstate, _shown(message, machine), detail=texts["detail"], hint=texts["hint"])


def _filled(message: str, parameters: list[Value], machine: Machine) -> str:
    values = iter(parameters)
    return re.sub(
        "%%|%", lambda match: "%" if match[0] == "%%" else _shown(next(values), machine, "<NULL>"), message
    )


def _shown(value: Value, machine: Machine, null: str = "") -> str:
    if isinstance(value, Unknown):
        return "…"
    return null if value is None else text_of(value, machine.context)


def run_assert(machine: Machine, command: tree.Assert, frame: Frame) -> Signal | None:
    """ASSERT: an unknown condition is taken to hold, since the history went on."""
    verdict = truth(frame.evaluate(command.condition), frame)
    if verdict is not False:
        return None
    message = (
        "assertion failed" if command.message is None else _shown(frame.evaluate(command.message), machine)
    )
    raise Refused(ASSERT_FAILURE, message)
