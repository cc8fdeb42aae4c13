"""What a function does with tables: which it reads and which it changes, and the literals it sets columns against.

SQL and PL/pgSQL bodies are read, also SQL-standard ones, and EXECUTE as far as its text can be computed without
knowing arguments. What can't be is an access of its own, to relation 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

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
from schemaguard.plpgsql.tables import StatementReader
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

Command = Literal["select", "insert", "update", "delete", "truncate", "other", "unknown"]


class Access(NamedTuple):
    """One use of a relation: its oid (0 where that is not known), what is done to it, and where."""

    relation: int
    command: Command
    span: Span
    columns: tuple[str, ...] = ()


class ColumnLiteral(NamedTuple):
    """A string literal that a column is compared with or set to: `use` is compared or assigned."""

    relation: int
    column: str
    value: str
    use: str
    span: Span


class Uses(NamedTuple):
    """All that a function does with tables; `unread` says where and why something could not be followed."""

    accesses: tuple[Access, ...]
    literals: tuple[ColumnLiteral, ...]
    unread: tuple[tuple[Span, str], ...]

    def changed(self) -> set[int]:
        """The relations that it inserts into, updates, deletes from or truncates."""
        changing = ("insert", "update", "delete", "truncate")
        return {access.relation for access in self.accesses if access.command in changing}


def reads_and_writes(catalog: Catalog, function: Function, row_of: int = 0) -> Uses:
    """What a function does with tables; `row_of` is the table that a trigger function's NEW and OLD are rows of."""
    accesses: list[Access] = []
    literals: list[ColumnLiteral] = []
    unread: list[tuple[Span, str]] = []
    reader = StatementReader(RunTimeSession(catalog, function, function.owner or PUBLIC), row_of)
    for item in _statements(catalog, function):
        if isinstance(item, _Assigned):
            literals.extend(ColumnLiteral(*found) for found in reader.assigned(item.column, item.statement))
        elif isinstance(item, Statement):
            for relation, command, span, columns in reader.accesses(item):
                accesses.append(Access(relation, command, span, columns))  # type: ignore[arg-type]  # a Command
            literals.extend(ColumnLiteral(*found) for found in reader.literals(item))
        else:
            unread.append(item)
    return Uses(tuple(dict.fromkeys(accesses)), tuple(dict.fromkeys(literals)), tuple(unread))


class _Assigned(NamedTuple):
    """An assignment to a field of NEW: the column, and the value as a SELECT."""

    column: str
    statement: Statement


_Read = Statement | _Assigned | tuple["Span", str]


def _statements(catalog: Catalog, function: Function) -> Iterator[_Read]:
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


def _part(machine: Machine, frame: Frame, part: Part) -> Iterator[_Read]:
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
                yield _Assigned(target[-1], found)
            yield found


def _parsed(text: SqlText) -> Iterator[Statement | tuple[Span, str]]:
    for found in parse(text):
        if isinstance(found, Unparsed):
            yield found.at, found.message
        else:
            yield found
