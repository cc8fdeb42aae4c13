"""Guard triggers of append-only tables: which refuse anything, and what gets past them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Function
from schemaguard.plpgsql.triggers import analyse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Role, Table, Trigger
    from schemaguard.catalog.state import Catalog

CHANGES = ("update", "delete")


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
