"""Assignments, branches, loops and RETURN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import INVALID_PARAMETER, Opaque, Refused
from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.interpreter import trials
from schemaguard.plpgsql.interpreter.conditions import CASE_NOT_FOUND
from schemaguard.plpgsql.interpreter.signals import RETURN, Signal
from schemaguard.plpgsql.values.casts import cast, read_array
from schemaguard.plpgsql.values.kinds import Record, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemaguard.plpgsql.interpreter.frame import Frame, Variable
    from schemaguard.plpgsql.interpreter.machine import Machine
    from schemaguard.plpgsql.language import tree
    from schemaguard.plpgsql.language.tree import Body, Fragment

    Rows = tuple[Sequence[str], Sequence[Sequence[Value]]]


def assign(_machine: Machine, command: tree.Assign, frame: Frame) -> None:
    """Target := value."""
    frame.assign(command.target.text, frame.evaluate(command.value))


def nothing(_machine: Machine, _command: tree.Null, _frame: Frame) -> None:
    """NULL."""


def truth(value: Value, frame: Frame) -> Value:
    """A value as a condition: True, False (also for NULL), or an Unknown."""
    if isinstance(value, Unknown):
        return value
    return bool(cast(value, TypeRef(16), frame.context)) if value is not None else False


def run_if(machine: Machine, command: tree.If, frame: Frame) -> Signal | None:
    """IF: the first branch whose condition holds; from an unknown condition on, all that may be taken."""
    for at, (condition, body) in enumerate(command.branches):
        verdict = truth(frame.evaluate(condition), frame)
        if isinstance(verdict, Unknown):
            rest = _rest(command, at)
            reason = f"`{condition.text.strip()}` decides whether it happens, and {verdict.reason}"
            bodies = [body, *rest]
            return trials.undecided(
                machine, frame, bodies, reason, frame.span(condition.start, condition.end)
            )
        if verdict:
            return machine.run(body, frame)
    return machine.run(command.otherwise, frame)


def _rest(command: tree.If, at: int) -> list[Body]:
    """The branches that are left when condition `at` does not hold, as one body or several."""
    return [body for _condition, body in command.branches[at + 1 :]] + [command.otherwise]


def run_case(machine: Machine, command: tree.Case, frame: Frame) -> Signal | None:
    """CASE, searched or with an operand."""
    otherwise = command.otherwise
    for at, (condition, body) in enumerate(command.branches):
        text = (
            condition.text if command.operand is None else f"({command.operand.text}) IN ({condition.text})"
        )
        verdict = truth(frame.evaluate(condition._replace(text=text)), frame)
        if isinstance(verdict, Unknown):
            rest = [later for _condition, later in command.branches[at + 1 :]]
            reason = f"`{text.strip()}` decides whether it happens, and {verdict.reason}"
            span = frame.span(condition.start, condition.end)
            return trials.undecided(machine, frame, [body, *rest, otherwise or ()], reason, span)
        if verdict:
            return machine.run(body, frame)
    if otherwise is None:
        raise Refused(CASE_NOT_FOUND, "case not found", hint="CASE statement is missing ELSE part.")
    return machine.run(otherwise, frame)


# Loops

UNKNOWN_TURNS = 20
"""So many turns of which none is known to be the last are tried; further ones would tell no more."""


def _goes_on(signal: Signal | None, label: str) -> tuple[bool, Signal | None]:
    """Whether a loop takes another turn after its body was left so, and with what it is left itself."""
    if signal is None:
        return True, None
    mine = signal.label in ("", label)
    if signal.kind == "continue" and mine:
        return True, None
    if signal.kind == "exit" and mine:
        return False, None
    return False, signal


def run_loop(machine: Machine, command: tree.Loop, frame: Frame) -> Signal | None:
    """LOOP and WHILE."""
    opened = frame.open_maybes
    with trials.loop(machine, frame):
        while True:
            machine.commands += 1
            if frame.open_maybes - opened > UNKNOWN_TURNS:
                raise Opaque("how often its loop runs is not known")
            if command.condition is not None:
                verdict = truth(frame.evaluate(command.condition), frame)
                if isinstance(verdict, Unknown):
                    reason = (
                        f"`{command.condition.text.strip()}` decides whether it happens, and {verdict.reason}"
                    )
                    span = frame.span(command.condition.start, command.condition.end)
                    return trials.perhaps(machine, frame, command.body, reason, span)
                if not verdict:
                    return None
            _require_end(machine)
            again, signal = _goes_on(machine.run(command.body, frame), command.label)
            if not again:
                return signal


def _require_end(machine: Machine) -> None:
    from schemaguard.plpgsql.interpreter.machine import COMMAND_LIMIT

    if machine.commands > COMMAND_LIMIT:
        raise Opaque("it holds a loop that does not end here")


def run_range(machine: Machine, command: tree.ForRange, frame: Frame) -> Signal | None:
    """FOR i IN lower .. upper."""
    bounds = [frame.evaluate(part) for part in (command.lower, command.upper)]
    step = 1 if command.step is None else frame.evaluate(command.step)
    variable = frame.variable_of(command, command.variable, TypeRef(23))
    frame.loop_scope(command.label, {command.variable: variable})
    try:
        for value in (*bounds, step):
            if isinstance(value, Unknown):
                variable.value = value
                span = frame.span(command.lower.start, command.upper.end)
                reason = f"how often the loop runs is not known: {value.reason}"
                return trials.perhaps(machine, frame, command.body, reason, span)
        lower, upper, step = (
            _bound(value, frame, word)
            for value, word in zip((*bounds, step), ("lower bound", "upper bound", "BY value"), strict=True)
        )
        if step <= 0:
            raise Refused(INVALID_PARAMETER, "BY value of FOR loop must be greater than zero")
        numbers = range(lower, upper - 1, -step) if command.reverse else range(lower, upper + 1, step)
        frame.found.value = bool(numbers)
        return _turns(machine, frame, command, ((variable, number) for number in numbers))
    finally:
        frame.leave_loop()


def _bound(value: Value, frame: Frame, word: str) -> int:
    if value is None:
        raise Refused("22004", f"{word} of FOR loop cannot be null")
    return int(cast(value, TypeRef(23), frame.context))


def _turns(
    machine: Machine,
    frame: Frame,
    command: tree.ForRange | tree.ForRows | tree.ForEach,
    turns: Iterable[tuple[Variable | None, Value]],
) -> Signal | None:
    """The body once for each value; a variable of None means the command's own targets, which take a row."""
    with trials.loop(machine, frame):
        for variable, value in turns:
            machine.commands += 1
            if variable is None:
                assign_row(frame, command.targets, *value)  # type: ignore[union-attr]  # a range has its variable
            else:
                frame.store(variable, value)
            again, signal = _goes_on(machine.run(command.body, frame), command.label)
            if not again:
                return signal
    return None


def assign_row(
    frame: Frame, targets: Sequence[Fragment], columns: Sequence[str], row: Sequence[Value] | None
) -> None:
    """Put a row (None: no row) into the targets of INTO or of a loop: one record, or a variable for each column."""
    if len(targets) == 1:
        found = frame.names.variable([targets[0].text.lower()])
        if found is not None and _is_record(found[0], frame) and not found[1]:
            variable = found[0]
            values = (None,) * len(columns) if row is None else tuple(row)
            if variable.type is None:
                variable.value = Record(tuple(columns), values)
            elif len(values) == 1 and isinstance(values[0], Record):
                frame.store(variable, values[0])
            else:
                frame.store(variable, Record(tuple(columns), values))
            return
    for at, target in enumerate(targets):
        frame.assign(target.text, row[at] if row is not None and at < len(row) else None)


def assign_unknown(frame: Frame, targets: Sequence[Fragment], reason: str) -> None:
    """Leave the targets with unknown values."""
    for target in targets:
        found = frame.names.variable([target.text.lower()])
        if found is not None and not found[1]:
            found[0].value = Unknown(reason)
        else:
            frame.assign(target.text, Unknown(reason))


def _is_record(variable: Variable, frame: Frame) -> bool:
    if variable.type is None:
        return True
    record = frame.context.catalog.objects.get(variable.type.oid)
    return not variable.type.array and getattr(record, "kind", "") == "c"


def run_rows(machine: Machine, command: tree.ForRows, frame: Frame) -> Signal | None:
    """FOR … IN query."""
    from schemaguard.plpgsql.interpreter import cursors, sql

    if command.cursor:
        return _cursor_rows(machine, command, frame, cursors.result_of(machine, command, frame))
    if command.execute is not None:
        result = sql.dynamic_rows(machine, frame, command.execute, command.using)
    else:
        result = sql.rows_of(machine, frame, command.query)  # type: ignore[arg-type]  # one of the three is set
    return _each_row(machine, command, frame, result)


def _cursor_rows(
    machine: Machine, command: tree.ForRows, frame: Frame, result: Rows | Unknown
) -> Signal | None:
    """A loop over a cursor has a record of its own, which hides a variable of that name."""
    name = command.targets[0].text.lower()
    frame.loop_scope(command.label, {name: frame.variable_of(command, name, None)})
    try:
        return _each_row(machine, command, frame, result)
    finally:
        frame.leave_loop()


def _each_row(machine: Machine, command: tree.ForRows, frame: Frame, result: Rows | Unknown) -> Signal | None:
    if isinstance(result, Unknown):
        assign_unknown(frame, command.targets, result.reason)
        frame.found.value = result
        part = command.query or command.execute or command.targets[0]
        reason = f"which rows the loop goes through is not known: {result.reason}"
        return trials.perhaps(machine, frame, command.body, reason, frame.span(part.start, part.end))
    columns, rows = result
    signal = _turns(machine, frame, command, ((None, (columns, row)) for row in rows))
    frame.found.value = bool(rows)
    return signal


def run_each(machine: Machine, command: tree.ForEach, frame: Frame) -> Signal | None:
    """FOREACH … IN ARRAY."""
    value = frame.evaluate(command.array)
    if isinstance(value, Unknown):
        assign_unknown(frame, command.targets, value.reason)
        reason = f"which elements the loop goes through is not known: {value.reason}"
        return trials.perhaps(
            machine, frame, command.body, reason, frame.span(command.array.start, command.array.end)
        )
    if value is None:
        raise Refused("22004", "FOREACH expression must not be null")
    items = read_array(value) if isinstance(value, str) else value
    if command.slice == 0:
        from schemaguard.plpgsql.expressions.json_operators import flat

        items = flat(items)
    frame.found.value = bool(items)
    turns = ((None, (("item",), item.values if isinstance(item, Record) else (item,))) for item in items)
    return _turns(machine, frame, command, turns)


def run_exit(machine: Machine, command: tree.Exit, frame: Frame) -> Signal | None:
    """EXIT and CONTINUE."""
    signal = Signal("exit" if command.leave else "continue", command.label)
    if command.condition is None:
        return signal
    verdict = truth(frame.evaluate(command.condition), frame)
    if isinstance(verdict, Unknown):
        reason = (
            f"`{command.condition.text.strip()}` may end the loop before it happens, and {verdict.reason}"
        )
        trials.open_maybe(machine, frame, frame.span(command.condition.start, command.condition.end), reason)
        return None
    return signal if verdict else None


def run_return(_machine: Machine, command: tree.Return, frame: Frame) -> Signal:
    """RETURN."""
    if command.value is not None:
        value = frame.evaluate(command.value)
        frame.returned = value if frame.perhaps_returned is None else frame.perhaps_returned
    return RETURN


def run_return_next(_machine: Machine, command: tree.ReturnNext, frame: Frame) -> None:
    """RETURN NEXT."""
    if command.value is not None:
        frame.rows.append(frame.evaluate(command.value))
        return
    outputs = [item for item in frame.function.arguments if item.mode in "obt"] if frame.function else []
    values = tuple(found[0].value for item in outputs if (found := frame.names.variable([item.name])))
    frame.rows.append(Record(tuple(item.name for item in outputs), values) if len(values) > 1 else values[0])


def get_diagnostics(_machine: Machine, command: tree.GetDiagnostics, frame: Frame) -> None:
    """GET DIAGNOSTICS: the number of rows, or what the error being handled says."""
    for target, item in command.items:
        frame.assign(target.text, _diagnostic(item, frame))


def _diagnostic(item: str, frame: Frame) -> Value:
    error = frame.error
    match item:
        case "row_count":
            return frame.row_count
        case "returned_sqlstate" if error is not None:
            return error.sqlstate
        case "message_text" if error is not None:
            return error.message
        case "pg_exception_detail" if error is not None:
            return error.detail
        case "pg_exception_hint" if error is not None:
            return error.hint
    return Unknown(f"{item.upper()} is known only on the server")


def transaction(machine: Machine, command: tree.Transaction, _frame: Frame) -> None:
    """COMMIT and ROLLBACK in a procedure or DO block."""
    session = machine.session
    if command.commit:
        session.commit()
    else:
        session.rollback()
