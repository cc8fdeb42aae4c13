"""Which values give access to the database: whoever gets one may do anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.values import Bound, Symbol

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.values import Value


class Handle:
    """Base of the objects that stand for connections and sessions; `called` is what they are in a sentence."""

    called = "the database"


def handle_in(call: Call) -> str:
    """The first access to the database among the arguments of a call, as a sentence names it; "" if there is none."""
    stack: list[Value] = [*call.arguments, *call.keywords.values()]
    while stack:
        value = stack.pop()
        if isinstance(value, Handle):
            return value.called
        if isinstance(value, Symbol) and value.path in ("alembic.op", "alembic.context"):
            return f"`{value.name}`"
        if isinstance(value, Bound):
            stack.append(value.receiver)
        elif isinstance(value, (list, tuple)):
            stack.extend(value)
        elif isinstance(value, dict):
            stack.extend(value.values())
    return ""
