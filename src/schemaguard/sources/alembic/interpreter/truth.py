"""What counts as true, and what a condition on something unknown comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.values import Instance, Symbol, Undecided, Unknown

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


def truth(machine: Machine, value: Value, span: Span | None = None) -> bool:
    """Whether Python takes `value` for true.

    Raises:
        Undecided: it depends on something unknown.
    """
    if value is True or value is False or value is None:
        return bool(value)
    if isinstance(value, Unknown):
        raise Undecided(value)
    if isinstance(value, Symbol):
        raise Undecided(value.unknown())
    if isinstance(value, (list, dict, set)):
        if (unknown := machine.tainted_by(value)) is not None:
            raise Undecided(unknown)
        return bool(value)
    if isinstance(value, Instance):
        for name in ("__bool__", "__len__"):
            try:
                method = value.cls.find(name)
            except KeyError:
                continue
            place = span or value.cls.file.span(0, 0)
            return truth(machine, machine.call(method, Call(machine, [value], {}, place)))
        return value.data is None or bool(value.data)
    return bool(value)
