"""The text of EXECUTE: what it says, where its parts are written, and its parameters."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from schemaguard.catalog.errors import Refused
from schemaguard.plpgsql.context import parse_query
from schemaguard.plpgsql.interpreter.body import constant_text
from schemaguard.plpgsql.interpreter.frame import Variable
from schemaguard.plpgsql.values.kinds import Unknown, Value
from schemaguard.plpgsql.values.output import text_of
from schemaguard.text import SqlText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.plpgsql.interpreter.frame import Frame
    from schemaguard.plpgsql.interpreter.machine import Machine
    from schemaguard.plpgsql.language.tree import Fragment


def command_text(machine: Machine, frame: Frame, command: Fragment) -> SqlText | Unknown:
    """The text that EXECUTE runs; where it is one string constant each character is mapped, else all to the command.

    Raises:
        Refused: it is NULL.
    """
    value = frame.evaluate(command)
    if isinstance(value, Unknown):
        return value
    if value is None:
        raise Refused("22004", "query string argument of EXECUTE is null")
    text = text_of(value, machine.context)
    return _literal(frame, command, text) or SqlText.written_by(text, frame.span(command.start, command.end))


def _literal(frame: Frame, command: Fragment, text: str) -> SqlText | None:
    """The text of a command that is one string constant."""
    prefix = "SELECT "
    target = parse_query(prefix + command.text)["SelectStmt"]["targetList"][0]["ResTarget"]["val"]
    constant = target.get("A_Const")
    if constant is None or "sval" not in constant:
        return None
    mapped = SqlText.written_by(prefix + command.text, frame.span(command.start, command.end))
    offset = mapped.character_offset(constant.get("location", 0)) - len(prefix)
    return constant_text(frame.text, command.start + offset, text)


@contextmanager
def with_parameters(frame: Frame, using: Sequence[Fragment]) -> Iterator[None]:
    """`$1` … are the values of USING, and no variable is seen, as inside of EXECUTE."""
    values: list[Value] = [frame.evaluate(item) for item in using]
    names = frame.names
    scopes, parameters = names.scopes, names.parameters
    names.scopes = []
    names.parameters = [Variable(f"${at}", None, value) for at, value in enumerate(values, 1)]
    try:
        yield
    finally:
        names.scopes, names.parameters = scopes, parameters
