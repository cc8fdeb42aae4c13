"""What stands behind `with` when a library provides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


class Managed:
    """A context manager: the value that `as` names (a `Generator` for `@contextmanager`), and what ends it."""

    __slots__ = ("leave", "value")

    def __init__(self, value: Value = None, leave: Callable[[], None] | None = None) -> None:
        """Take the value and what to do when the block is left."""
        self.value = value
        self.leave = leave

    def interpreted_attribute(self, machine: Machine, name: str, span: Span) -> Value:
        """An attribute of the value: `open(path).read()` needs no `with`."""
        return machine.attribute(self.value, name, span)

    def __iter__(self) -> Iterator[Value]:
        """The items of the value, as `for line in open(path)` asks for them."""
        return iter(self.value)  # type: ignore[call-overload,no-any-return]  # what has no items raises what Python raises


class Suppressing:
    """`contextlib.suppress(*exceptions)`."""

    __slots__ = ("exceptions",)

    def __init__(self, exceptions: tuple[Value, ...]) -> None:
        """Take the exceptions that end the block quietly."""
        self.exceptions = exceptions
