"""Functions called for their effects: which calls change something that the replay can't follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import constant as constant_value, strings
from schemaguard.catalog.commands.rows import function_calls
from schemaguard.catalog.errors import UNDEFINED_FUNCTION, UNDEFINED_SCHEMA, Refused
from schemaguard.catalog.state import PUBLIC_SCHEMA
from schemaguard.plpgsql.context import functions_in_path

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.interpreter.machine import Machine
    from schemaguard.statements.statement import Node
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
                require_function(machine.context, names, call)
                machine.opaque(span, f"it calls `{name}`, whose effects are not known")
        elif unanswerable and any(may_change(routine) for routine in routines):
            machine.opaque(span, f"with which values `{name}` is called is not known: {unanswerable}")


def require_function(context: Context, names: list[str], call: Node, word: str = "function") -> None:
    """Refuse a call of what can't be there: in a schema that the history made, or where everything is known.

    Raises:
        Refused: no function of that name exists.
    """
    from schemaguard.catalog.builtin.extensions import known_extensions
    from schemaguard.catalog.model import Schema

    catalog = context.catalog
    if len(names) > 1 and names[-2] not in catalog.schemas:
        raise Refused(UNDEFINED_SCHEMA, f'schema "{names[-2]}" does not exist')
    schema = catalog.schemas.get(names[-2]) if len(names) > 1 else None
    made_here = schema is not None and not catalog.get(schema, Schema).external and schema != PUBLIC_SCHEMA
    if not (made_here or catalog.facts.get("strict")) or not set(catalog.extensions) <= known_extensions():
        return
    if not _of_extension(context, names[-1]):
        shown = f"{'.'.join(names)}({', '.join(_argument_types(context, call))})"
        raise Refused(UNDEFINED_FUNCTION, f"{word} {shown} does not exist")


def _of_extension(context: Context, name: str) -> bool:
    """Whether one of the installed extensions brings a function of that name."""
    from schemaguard.catalog.builtin.extensions import members

    return any(
        (found := members(each)) is not None and name in found.functions
        for each in context.catalog.extensions
    )


def _argument_types(context: Context, call: Node) -> list[str]:
    """The types of a call's arguments as far as constants show them."""
    from schemaguard.plpgsql.values.casts import kind_name

    found = []
    for argument in call.get("args") or ():
        constant = argument.get("A_Const")
        if constant is None or "sval" in constant or constant.get("isnull"):
            found.append("unknown")
        else:
            found.append(kind_name(constant_value(constant), context))
    return found


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
