"""Guard triggers of append-only tables: which refuse anything, and what gets past them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.catalog.model import Function
from schemaguard.plpgsql.triggers import analyse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Role, Table, Trigger
    from schemaguard.catalog.state import Catalog
    from schemaguard.text import Span

CHANGES = ("update", "delete")
DOLLAR = re.compile(r"\$[^$\s]*\$")
CREATE = re.compile(r"CREATE\s+(OR\s+REPLACE\s+)?FUNCTION", re.IGNORECASE)


def refusing_triggers(catalog: Catalog, table: Table) -> list[Trigger]:
    """The triggers of a table, disabled ones among them, whose function refuses an UPDATE or DELETE on any path."""
    found = []
    for trigger in catalog.triggers(table.oid):
        function = catalog.objects.get(trigger.function)
        if isinstance(function, Function) and any(
            event in trigger.events and analyse(catalog, function, event, trigger).ever_raises()
            for event in CHANGES
        ):
            found.append(trigger)
    return found


def guard(table: str, name: str, function: str, event: str, level: str) -> str:
    """The statements that make a trigger which refuses an event on a table, and its function."""
    return (
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        "BEGIN\n"
        "    RAISE EXCEPTION '% of % is refused: it is append-only', TG_OP, TG_TABLE_NAME;\n"
        "END\n"
        "$$;\n"
        f"CREATE TRIGGER {name} {event} ON {table}\n"
        f"    {level} EXECUTE FUNCTION {function}();"
    )


def with_body_part(function: Function, place: Span, text: str) -> str:
    """The statement that made a function as one that replaces it, with `text` at a place of its body.

    Empty where the body is not in dollar quotes, or was not written as it stands.
    """
    if function.because is None or function.body_offset < 0:
        return ""
    statement = function.because.statement
    source = statement.text.text
    opening = DOLLAR.match(source, statement.text.character_offset(function.body_offset))
    if opening is None:
        return ""
    for found in re.finditer(
        re.escape(place.text), source[opening.end() : opening.end() + len(function.body)]
    ):
        start, end = opening.end() + found.start(), opening.end() + found.end()
        if statement.text.file_range(start, end) == (place.start, place.end):
            changed = source[statement.start : start] + text + source[end : statement.end]
            return CREATE.sub("CREATE OR REPLACE FUNCTION", changed, count=1) + ";"
    return ""


def guard_gap(catalog: Catalog, table: Table, event: str, roles: Sequence[Role]) -> str:
    """Why an event gets past the guards of a table for a role of the application; "" where it does not."""
    reasons = []
    for trigger in refusing_triggers(catalog, table):
        reason = _gap(catalog, trigger, event, roles)
        if not reason:
            return ""
        reasons.append(reason)
    return reasons[0] if reasons else "no trigger refuses it"


def _gap(catalog: Catalog, trigger: Trigger, event: str, roles: Sequence[Role]) -> str:
    name = f"`{trigger.name}`"
    if event not in trigger.events:
        return f"{name} does not fire on {event.upper()}"
    if trigger.enabled == "D":
        return f"{name} is disabled"
    if trigger.enabled == "R":
        return f"{name} fires in replicas only"
    if trigger.timing != "before":
        return f"{name} fires {trigger.timing.upper()}, not BEFORE"
    if trigger.level != "row":
        return f"{name} fires once a statement, not for each row"
    if trigger.when is not None:
        return f"{name} fires only WHEN its condition holds"
    if event == "update" and trigger.columns:
        return f"{name} fires on UPDATE OF some columns only"
    function = catalog.get(trigger.function, Function)
    paths = analyse(catalog, function, event, trigger)
    names = [role.name for role in roles] or [""]
    for role in names:
        if not (paths.refuses(role) if role else all(end.kind == "raises" for end in paths.ends)):
            who = f" for `{role}`" if role else ""
            return f"`{function.name}()` has a path that does not raise{who}"
    return ""
