"""Functions called for their effects: which calls change something that the replay can't follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.commands.rows import function_calls
from schemaguard.plpgsql.context import functions_in_path

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from schemaguard.plpgsql.interpreter.machine import Machine
    from schemaguard.text import Span


def report_calls(machine: Machine, node: Any, span: Span, unanswerable: str) -> None:  # noqa: ANN401 - a tree
    """Report calls of functions whose effects are not known.

    With `unanswerable` the query did not run: then the history's own functions that change something are among them.
    """
    for call in function_calls(node):
        names = strings(call["funcname"])
        name = ".".join(names)
        routines = functions_in_path(machine.context, names)
        if not routines:
            if not is_builtin(names):
                machine.opaque(span, f"it calls `{name}`, whose effects are not known")
        elif unanswerable and any(may_change(routine) for routine in routines):
            machine.opaque(span, f"with which values `{name}` is called is not known: {unanswerable}")


def is_builtin(names: list[str]) -> bool:
    """Whether a call without a function of the history means one of PostgreSQL's own."""
    from schemaguard.catalog.builtin.functions import is_builtin_function

    return names[0] in ("pg_catalog", "information_schema") or (
        len(names) == 1 and is_builtin_function(names[-1])
    )


_CHANGING = ("create", "alter", "drop", "grant", "revoke", "execute", "insert", "update", "delete", "truncate",
             "comment", "perform", "call", "set_config")  # fmt: skip


def may_change(routine: Function) -> bool:
    """Whether a routine can change something: its body has a word that does, or is in a language that is not read."""
    if routine.volatility in "is" and routine.kind == "f":
        return False
    if routine.language not in ("sql", "plpgsql"):
        return routine.kind == "p"
    body = routine.body.lower()
    return any(word in body for word in _CHANGING)
