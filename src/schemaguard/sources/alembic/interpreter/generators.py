"""Functions that yield: their bodies run when somebody asks for values.

A generator is driven by a function that receives each yielded value. The body of a `for` over it runs inside that
function, so effects come in the order in which Python would have them; whoever only wants the values collects them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.machine import MOST_ITERATIONS
from schemaguard.sources.alembic.interpreter.values import LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Generator, Value


class Stop(Exception):  # noqa: N818 - control flow: nobody wants further values
    """Unwinds a generator's body when the loop that drives it ends early."""


def drive(machine: Machine, generator: Generator, receive: Callable[[Value], Value]) -> None:
    """Run a generator's body; each yielded value goes to `receive`, whose result is what `yield` comes to there."""
    body = generator.function.node.body
    outer = len(machine.receivers)
    machine.receivers.append(lambda value: _outside(machine, outer, receive, value))
    try:
        machine.run(body if isinstance(body, list) else [], generator.arguments)
    except Stop:
        pass
    finally:
        del machine.receivers[outer:]


def _outside(machine: Machine, outer: int, receive: Callable[[Value], Value], value: Value) -> Value:
    """Run the receiver as what it is: code outside the generator, whose own yields go to its own receiver."""
    inner = machine.receivers[outer:]
    del machine.receivers[outer:]
    try:
        return receive(value)
    finally:
        machine.receivers.extend(inner)


def collect(machine: Machine, generator: Generator) -> list[Value]:
    """All values of a generator that have not been taken yet, run at once the first time."""
    if generator.buffer is None:
        values: list[Value] = []

        def keep(value: Value) -> Value:
            if len(values) >= MOST_ITERATIONS:
                span = generator.function.file.span(0, 0)
                raise LimitExceeded(
                    f"`{generator.function.name}` yields more than {MOST_ITERATIONS:,} values", span
                )
            values.append(value)
            return None

        drive(machine, generator, keep)
        generator.buffer = values
    taken, generator.buffer = generator.buffer, []
    return taken


def take(machine: Machine, generator: Generator) -> Value:
    """The next value, for `next()`.

    Raises:
        StopIteration: there is none.
    """
    values = collect(machine, generator)
    if not values:
        raise StopIteration
    generator.buffer = values[1:]
    return values[0]
