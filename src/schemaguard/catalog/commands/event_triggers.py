"""CREATE EVENT TRIGGER and ALTER EVENT TRIGGER."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    INVALID_OBJECT_DEFINITION,
    SYNTAX_ERROR,
    UNDEFINED_OBJECT,
    Refused,
)
from schemaguard.catalog.model import EventTrigger, TypeRef
from schemaguard.catalog.routines import EVENT_TRIGGER, require_function

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

_EVENTS = {"ddl_command_start": 0, "ddl_command_end": 0, "sql_drop": 0, "table_rewrite": 0, "login": 17}
"""Event names and the version that brought them."""

_REWRITING = frozenset(("ALTER MATERIALIZED VIEW", "ALTER TABLE", "ALTER TYPE"))
"""The command tags that `table_rewrite` can be filtered by."""

_UNSUPPORTED_WORDS = frozenset(("DATABASE", "ROLE", "TABLESPACE", "EVENT", "SYSTEM", "USER"))
"""Second words of the commands on shared objects and on event triggers themselves, which fire none."""

_VERBS = frozenset(
    (
        "CREATE",
        "ALTER",
        "DROP",
        "COMMENT",
        "GRANT",
        "REVOKE",
        "SECURITY",
        "IMPORT",
        "REINDEX",
        "REFRESH",
        "SELECT",
    )
)


def create_event_trigger(run: Run, node: Node) -> None:
    """CREATE EVENT TRIGGER."""
    catalog, name, event = run.catalog, node["trigname"], node["eventname"]
    if not run.session.is_superuser:
        raise Refused(
            INSUFFICIENT_PRIVILEGE,
            f'permission denied to create event trigger "{name}"',
            hint="Must be superuser to create an event trigger.",
        )
    if _EVENTS.get(event, catalog.version + 1) > catalog.version:
        raise Refused(SYNTAX_ERROR, f'unrecognized event name "{event}"')
    _check_filter(event, node.get("whenclause") or [])
    if name in catalog.event_triggers:
        raise Refused(DUPLICATE_OBJECT, f'event trigger "{name}" already exists')
    names = strings(node["funcname"])
    function = require_function(run.session, names, ())
    if function.returns != TypeRef(EVENT_TRIGGER):
        message = f"function {'.'.join(names)} must return type event_trigger"
        raise Refused(INVALID_OBJECT_DEFINITION, message)
    trigger = EventTrigger(
        catalog.new_oid(), name, event, function.oid, run.session.role, because=run.origin()
    )
    catalog.put(catalog.event_triggers, name, trigger.oid)
    catalog.store(trigger)
    catalog.depend(trigger.oid, function.oid)


def _check_filter(event: str, clauses: list[Node]) -> None:
    """Refuse a WHEN clause of another variable than `tag`, or with a tag that fires no such event."""
    seen = False
    for clause in clauses:
        element = clause["DefElem"]
        if element["defname"] != "tag":
            raise Refused(SYNTAX_ERROR, f'unrecognized filter variable "{element["defname"]}"')
        if seen:
            raise Refused(SYNTAX_ERROR, 'filter variable "tag" specified more than once')
        seen = True
        if event == "login":
            message = "tag filtering is not supported for login event triggers"
            raise Refused(FEATURE_NOT_SUPPORTED, message)
        for tag in strings(element["arg"]["List"]["items"]):
            _check_tag(event, tag)


def _check_tag(event: str, tag: str) -> None:
    words = tag.upper().split(" ")
    if words[0] not in _VERBS:
        message = f'filter value "{tag}" not recognized for filter variable "tag"'
        raise Refused(SYNTAX_ERROR, message)
    if len(words) > 1 and words[1] in _UNSUPPORTED_WORDS:
        raise Refused(
            FEATURE_NOT_SUPPORTED, f"event triggers are not supported for {words[0]} {' '.join(words[1:])}"
        )
    if event == "table_rewrite" and " ".join(words) not in _REWRITING:
        raise Refused(FEATURE_NOT_SUPPORTED, f"event triggers are not supported for {tag}")


def alter_event_trigger(run: Run, node: Node) -> None:
    """ALTER EVENT TRIGGER … ENABLE or DISABLE."""
    catalog, name = run.catalog, node["trigname"]
    oid = catalog.event_triggers.get(name)
    if oid is None:
        raise Refused(UNDEFINED_OBJECT, f'event trigger "{name}" does not exist')
    trigger = catalog.get(oid, EventTrigger)
    if not run.session.owns(trigger.owner):
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of event trigger {name}")
    catalog.store(msgspec.structs.replace(trigger, enabled=node["tgenabled"]))


HANDLERS = {"CreateEventTrigStmt": create_event_trigger, "AlterEventTrigStmt": alter_event_trigger}
