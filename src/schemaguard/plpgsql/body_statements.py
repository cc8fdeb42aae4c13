"""The statements that a routine's body holds, with their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.catalog.model import PUBLIC
from schemaguard.plpgsql.context import split_name
from schemaguard.plpgsql.interpreter.body import body_text
from schemaguard.plpgsql.interpreter.dynamic import command_text
from schemaguard.plpgsql.interpreter.frame import Frame, Variable
from schemaguard.plpgsql.interpreter.machine import Machine
from schemaguard.plpgsql.language.fragments import Part, parts
from schemaguard.plpgsql.language.parser import BodyError, parse_body
from schemaguard.plpgsql.run_time import RunTimeSession
from schemaguard.plpgsql.values.kinds import Unknown
from schemaguard.sources.migration import Unanswerable
from schemaguard.statements.parse import Unparsed, parse
from schemaguard.statements.statement import Statement
from schemaguard.text import SqlText, join_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Function
    from schemaguard.catalog.state import Catalog
    from schemaguard.text import Span


class Assigned(NamedTuple):
    """An assignment to a field of NEW: the column, and the value as a SELECT."""

    column: str
    statement: Statement


Read = Statement | Assigned | tuple["Span", str]


def body_statements(catalog: Catalog, function: Function) -> Iterator[Read]:
    """The statements of a body, expressions as SELECT; what can't be read as place and reason."""
    if function.because is None:
        return
    origin = function.because.statement
    text = body_text(origin, function.body_offset, function.body)
    if function.body_nodes:
        for node in function.body_nodes:
            [(kind, fields)] = node.items()
            yield Statement(kind, fields, origin.text, origin.byte_start, origin.byte_end)
    elif function.language == "sql":
        yield from _parsed(text)
    elif function.language == "plpgsql":
        try:
            block = parse_body(function.body)
        except BodyError as error:
            yield text.span(error.offset, error.offset + 1), error.message
            return
        machine = Machine(RunTimeSession(catalog, function, function.owner or PUBLIC))
        machine.context.at_run_time = True
        frame = _frame(machine, text, function)
        for part in parts(block):
            yield from _part(machine, frame, part)
    else:
        yield origin.span, f"it is written in {function.language}"


def _frame(machine: Machine, text: SqlText, function: Function) -> Frame:
    """A frame in which arguments are unknown."""
    frame = Frame(machine.context, text, function)
    unknown = Unknown("it is an argument")
    frame.names.parameters = [Variable(item.name, None, unknown) for item in function.inputs]
    frame.names.scopes.append(
        ("", {item.name: Variable(item.name, None, unknown) for item in function.arguments})
    )
    return frame


def _part(machine: Machine, frame: Frame, part: Part) -> Iterator[Read]:
    """The statements in one fragment of a body."""
    span = frame.span(part.fragment.start, part.fragment.end)
    if part.kind == "statement":
        yield from _parsed(frame.sql(part.fragment))
    elif part.kind == "dynamic":
        try:
            computed = command_text(machine, frame, part.fragment)
        except (Refused, Unanswerable, Opaque) as error:
            computed = Unknown(str(error))
        if isinstance(computed, SqlText):
            yield from _parsed(computed)
        else:
            yield span, f"the statement is put together from what is not known: {computed.reason}"
    else:
        text = frame.sql(part.fragment)
        target = split_name(part.target) if part.target.lower().startswith("new.") else []
        for found in _parsed(join_sql((SqlText.written_by("SELECT ", span), text), text.file)):
            if target and isinstance(found, Statement):
                yield Assigned(target[-1], found)
            yield found


def _parsed(text: SqlText) -> Iterator[Statement | tuple[Span, str]]:
    for found in parse(text):
        if isinstance(found, Unparsed):
            yield found.at, found.message
        else:
            yield found
