"""How a path leaves a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from schemaguard.catalog.errors import Refused
    from schemaguard.plpgsql.language import tree


class Exit(NamedTuple):
    """How a path leaves a body: kind "next" runs on; exit and continue name a loop; the others end the function."""

    kind: str
    start: int = 0
    end: int = 0
    detail: str = ""
    sqlstate: str = ""


NEXT = Exit("next")
LOOP_EXITS = ("exit", "continue")


def raised(command: tree.Command, refused: Refused) -> Exit:
    """The end of a path in which a command raises an error."""
    return Exit("raises", command.start, command.end, refused.message, refused.sqlstate)
