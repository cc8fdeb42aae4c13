"""Routines, their parameters, and triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import Argument, Function, Relation, Trigger
from schemaguard.plpgsql.functions.definitions import stored_text
from schemaguard.plpgsql.queries.relations.classes import relations_named
from schemaguard.plpgsql.queries.relations.provider import Provider, constant
from schemaguard.plpgsql.queries.relations.standard.common import database, may_know, owns, schema_of, yes
from schemaguard.plpgsql.queries.relations.standard.type_details import type_details
from schemaguard.plpgsql.values.kinds import NodeTree, Reg, Value
from schemaguard.plpgsql.values.output import quote_literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemaguard.plpgsql.context import Context


def _sees(context: Context, record: Function) -> bool:
    from schemaguard.catalog.privileges.query import has_privilege

    return owns(context, record.owner) or has_privilege(
        context.catalog, context.session.role, "EXECUTE", record.oid
    )


def _routines(context: Context) -> Iterator[Function]:
    return (
        record for record in context.catalog.all(Function) if record.kind in "fp" and _sees(context, record)
    )


def _named(context: Context, value: Value) -> Iterator[Function]:
    for schema in context.catalog.schemas.values():
        for record in context.catalog.functions_named(schema, str(value)):
            if record.kind in "fp" and _sees(context, record):
                yield record


def _specific_name(_context: Context, record: Function) -> Value:
    return f"{record.name}_{record.oid}"


def _returned(name: str) -> Callable[[Context, Function], Value]:
    def column(context: Context, record: Function) -> Value:
        if record.kind == "p" or record.returns is None:
            return None
        return type_details(context, record.returns)[name]

    return column


_ROUTINES: dict[str, Callable[[Context, Any], Value]] = {
    "specific_catalog": database,
    "specific_schema": schema_of,
    "specific_name": _specific_name,
    "routine_catalog": database,
    "routine_schema": schema_of,
    "routine_name": lambda _context, record: record.name,
    "routine_type": lambda _context, record: "PROCEDURE" if record.kind == "p" else "FUNCTION",
    "data_type": _returned("data_type"),
    "type_udt_catalog": _returned("udt_catalog"),
    "type_udt_schema": _returned("udt_schema"),
    "type_udt_name": _returned("udt_name"),
    "routine_body": lambda _context, record: "SQL" if record.language == "sql" else "EXTERNAL",
    "routine_definition": lambda context, record: (
        record.body if owns(context, record.owner) and not record.body_nodes else None
    ),
    "external_language": lambda _context, record: record.language.upper(),
    "is_deterministic": lambda _context, record: yes(record.volatility == "i"),
    "security_type": lambda _context, record: "DEFINER" if record.security_definer else "INVOKER",
}

ParameterRow = tuple[Function, Argument, int]


def _parameters(context: Context) -> Iterator[ParameterRow]:
    for record in _routines(context):
        yield from (
            (record, argument, at) for at, argument in enumerate(record.arguments, 1) if argument.mode != "t"
        )


_MODES = {"i": "IN", "o": "OUT", "b": "INOUT", "v": "IN", "t": "OUT"}


def _of_parameter(name: str) -> Callable[[Context, ParameterRow], Value]:
    return lambda context, row: type_details(context, row[1].type)[name]


# Triggers

TriggerRow = tuple[Relation, Trigger, str]
_EVENTS = ("insert", "delete", "update")


def _triggers_of_relation(context: Context, table: Relation) -> Iterator[TriggerRow]:
    if not may_know(context, table):
        return
    for trigger in context.catalog.triggers(table.oid):
        yield from ((table, trigger, event) for event in _EVENTS if event in trigger.events)


def _triggers(context: Context) -> Iterator[TriggerRow]:
    for oid in list(context.catalog.triggers_of):
        record = context.catalog.objects.get(oid)
        if isinstance(record, Relation):
            yield from _triggers_of_relation(context, record)


def _triggers_on(context: Context, value: Value) -> Iterator[TriggerRow]:
    for record in relations_named(context, value):
        yield from _triggers_of_relation(context, record)


def _trigger_named(context: Context, value: Value) -> Iterable[TriggerRow]:
    return (row for row in _triggers(context) if row[1].name == value)


def _statement(context: Context, row: TriggerRow) -> Value:
    trigger = row[1]
    arguments = ", ".join(quote_literal(argument) for argument in trigger.arguments)
    return f"EXECUTE FUNCTION {context.reg_text(Reg('regproc', trigger.function))}({arguments})"


def _condition(context: Context, row: TriggerRow) -> Value:
    table, trigger, _event = row
    if trigger.when is None or not owns(context, table.owner):
        return None
    return stored_text(context, NodeTree(trigger.when, table))


def _order(context: Context, row: TriggerRow) -> Value:
    """The place among the triggers of the same table, event, level and timing, by name."""
    table, trigger, event = row
    same = [
        other.name
        for other in context.catalog.triggers(table.oid)
        if event in other.events and (other.level, other.timing) == (trigger.level, trigger.timing)
    ]
    return sorted(same).index(trigger.name) + 1


_TRIGGERS: dict[str, Callable[[Context, Any], Value]] = {
    "trigger_catalog": database,
    "trigger_schema": lambda context, row: schema_of(context, row[0]),
    "trigger_name": lambda _context, row: row[1].name,
    "event_manipulation": lambda _context, row: row[2].upper(),
    "event_object_catalog": database,
    "event_object_schema": lambda context, row: schema_of(context, row[0]),
    "event_object_table": lambda _context, row: row[0].name,
    "action_order": _order,
    "action_condition": _condition,
    "action_statement": _statement,
    "action_orientation": lambda _context, row: row[1].level.upper(),
    "action_timing": lambda _context, row: row[1].timing.upper(),
    "action_reference_old_table": lambda _context, row: row[1].old_table or None,
    "action_reference_new_table": lambda _context, row: row[1].new_table or None,
    "action_reference_old_row": constant(None),
    "action_reference_new_row": constant(None),
    "created": constant(None),
}

INFORMATION_SCHEMA = {
    "routines": Provider(_routines, _ROUTINES, {"routine_name": _named}),
    "parameters": Provider(
        _parameters,
        {
            "specific_catalog": database,
            "specific_schema": lambda context, row: schema_of(context, row[0]),
            "specific_name": lambda context, row: _specific_name(context, row[0]),
            "ordinal_position": lambda _context, row: row[2],
            "parameter_mode": lambda _context, row: _MODES[row[1].mode],
            "parameter_name": lambda _context, row: row[1].name or None,
            **{name: _of_parameter(name) for name in ("data_type", "udt_catalog", "udt_schema", "udt_name")},
        },
        {},
    ),
    "triggers": Provider(
        _triggers, _TRIGGERS, {"event_object_table": _triggers_on, "trigger_name": _trigger_named}
    ),
}
