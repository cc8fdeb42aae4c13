"""How a statement can end, other than by going on to the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.values import Unknown, Value


class Return:
    """`return value`."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        """Take what is returned."""
        self.value = value


class Break:
    """`break`."""

    __slots__ = ()


class Continue:
    """`continue`."""

    __slots__ = ()


class Perhaps:
    """It depends on `unknown` whether the statement ended so, or went on: what follows it may or may not run."""

    __slots__ = ("endings", "unknown")

    def __init__(self, endings: tuple[Return | Break | Continue, ...], unknown: Unknown) -> None:
        """Take the ways in which it may have ended."""
        self.endings = endings
        self.unknown = unknown


Completion: TypeAlias = "Return | Break | Continue | Perhaps | None"
"""None: it went on."""
