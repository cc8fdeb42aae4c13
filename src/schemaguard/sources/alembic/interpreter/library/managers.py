"""What stands behind `with` when a library provides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.values import Value


class Managed:
    """A context manager: the value that `as` names (a `Generator` for `@contextmanager`), and what ends it."""

    __slots__ = ("leave", "value")

    def __init__(self, value: Value = None, leave: Callable[[], None] | None = None) -> None:
        """Take the value and what to do when the block is left."""
        self.value = value
        self.leave = leave


class Suppressing:
    """`contextlib.suppress(*exceptions)`."""

    __slots__ = ("exceptions",)

    def __init__(self, exceptions: tuple[Value, ...]) -> None:
        """Take the exceptions that end the block quietly."""
        self.exceptions = exceptions
