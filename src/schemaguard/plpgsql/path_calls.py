"""Calls of the history's own routines on the paths through a body: whether they raise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.commands.rows import function_calls
from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.plpgsql.context import functions_in_path, parse_query
from schemaguard.plpgsql.expressions.compile import compile_node
from schemaguard.plpgsql.expressions.scope import EMPTY, Scope
from schemaguard.plpgsql.interpreter.body import body_text
from schemaguard.plpgsql.interpreter.frame import Frame, Variable
from schemaguard.plpgsql.language.parser import BodyError, parse_body
from schemaguard.plpgsql.path_exits import Exit
from schemaguard.plpgsql.values.kinds import Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Function
    from schemaguard.plpgsql.paths import Walker
    from schemaguard.statements.statement import Node

CALL_LIMIT = 5
"""Calls inside of calls, as many deep as are followed."""


class Call(NamedTuple):
    """A call of a routine: `certain` where running the statement is running it."""

    routine: Function
    arguments: list[Node]
    certain: bool


def calls_in(walker: Walker, text: str) -> list[Call]:
    """The calls of the history's PL/pgSQL routines in a statement; none where it does not parse."""
    try:
        node = parse_query(text)
    except Refused:
        return []
    [(kind, fields)] = node.items()
    calls = list(function_calls(node))
    if kind == "CallStmt":
        calls = [fields["funccall"]]
    sole = None
    if kind == "CallStmt":
        sole = fields["funccall"]
    elif kind == "SelectStmt" and "fromClause" not in fields and len(fields.get("targetList") or ()) == 1:
        sole = fields["targetList"][0]["ResTarget"]["val"].get("FuncCall")
    found = []
    for call in calls:
        routines = functions_in_path(walker.machine.context, strings(call["funcname"]))
        if routines and routines[0].language == "plpgsql":
            certain = call is sole and "whereClause" not in fields
            found.append(Call(routines[0], call.get("args") or [], certain))
    return found


def outcomes(walker: Walker, call: Call) -> tuple[Exit | None, bool]:
    """The error that a call may raise, and whether it may come back."""
    values = [_value(walker, argument) for argument in call.arguments]
    error, returns = None, False
    for found in _exits(walker, call.routine, values):
        if found.kind == "raises":
            error = error or found
        else:
            returns = True
    return error, returns


def _value(walker: Walker, node: Node) -> Value:
    """The value of an argument as far as it is known."""
    try:
        scope = Scope(walker.machine.context, variables=walker.frame.names)
        return compile_node(node.get("NamedArgExpr", {}).get("arg", node), scope)(EMPTY)
    except (Refused, Unanswerable, Opaque) as error:
        return Unknown(str(error))


def _exits(walker: Walker, routine: Function, values: list[Value]) -> Iterator[Exit]:
    """The ways in which a called routine ends."""
    machine = walker.machine
    if routine.because is None or machine.calls > CALL_LIMIT:
        yield Exit("unknown")
        return
    frame = Frame(
        machine.context, body_text(routine.because.statement, routine.body_offset, routine.body), routine
    )
    unknown = Unknown("it is an argument of a call")
    inputs = routine.inputs
    given: list[Any] = [values[at] if at < len(values) else unknown for at in range(len(inputs))]
    cells = [Variable(item.name, None, value) for item, value in zip(inputs, given, strict=True)]
    others = [Variable(item.name, None) for item in routine.arguments if item.mode not in "ibv"]
    frame.names.parameters = cells
    frame.names.scopes.append((routine.name, {cell.name: cell for cell in (*cells, *others) if cell.name}))
    try:
        block = parse_body(routine.body)
    except BodyError:
        yield Exit("unknown")
        return
    machine.calls += 1
    try:
        yield from walker.inside(frame).command(block)
    finally:
        machine.calls -= 1
