"""One row of a server's catalog to one fact."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.facts.shape import ENABLED, EXPRESSION, IDENTITIES, TRIGGER_EVENTS

if TYPE_CHECKING:
    from schemaguard.catalog.facts.shape import (
        ColumnFact,
        EventTriggerFact,
        IndexFact,
        OutputColumn,
        RuleFact,
        TriggerFact,
    )

Row = dict[str, Any]

RULE_EVENTS = {"1": "select", "2": "update", "3": "insert", "4": "delete"}

_TRIGGER_ROW, _TRIGGER_BEFORE, _TRIGGER_INSTEAD = 1, 2, 64
_TRIGGER_EVENT_BITS = {"insert": 4, "delete": 8, "update": 16, "truncate": 32}
_WHEN = re.compile(r" WHEN \((.*)\) EXECUTE (?:FUNCTION|PROCEDURE) ", re.DOTALL)


def by_name(rows: list[Row]) -> list[Row]:
    """Rows in the order of their names."""
    return sorted(rows, key=lambda row: str(row["name"]))


def settings(options: list[str] | None) -> dict[str, str]:
    """`name=value` entries, as reloptions and proconfig have them."""
    return dict(sorted(option.split("=", 1) for option in options or ()))


def output_columns(rows: list[Row]) -> list[OutputColumn]:
    """The columns of a view or composite type."""
    return [{"name": row["name"], "type": row["type"]} for row in rows]


def column_fact(row: Row) -> ColumnFact:
    """A column of a table."""
    return {
        "name": row["name"],
        "type": row["type"],
        "not_null": row["not_null"],
        "default": None if row["generated"] else row["expression"],
        "generated": row["expression"] if row["generated"] else None,
        "identity": IDENTITIES.get(row["identity"]),
        "comment": row["comment"],
        "inherited": row["inherited"],
    }


def index_fact(row: Row) -> IndexFact:
    """An index."""
    columns = [EXPRESSION if name is None else name for name in row["columns"]]
    return {
        "columns": columns[: row["keys"]],
        "include": columns[row["keys"] :],
        "unique": row["unique"],
        "primary": row["primary"],
        "method": row["method"],
        "predicate": row["predicate"],
        "expressions": row["expressions"],
        "from_constraint": row["from_constraint"],
    }


def trigger_fact(row: Row) -> TriggerFact:
    """A trigger; its WHEN is only to be had from the text of its definition."""
    bits = row["type"]
    when = _WHEN.search(row["definition"])
    return {
        "function": row["function"],
        "timing": "before"
        if bits & _TRIGGER_BEFORE
        else "instead of"
        if bits & _TRIGGER_INSTEAD
        else "after",
        "events": [event for event in TRIGGER_EVENTS if bits & _TRIGGER_EVENT_BITS[event]],
        "level": "row" if bits & _TRIGGER_ROW else "statement",
        "enabled": ENABLED[row["enabled"]],
        "columns": row["columns"] or [],
        "when": when.group(1) if when else None,
        "comment": row["comment"],
    }


def rule_fact(row: Row) -> RuleFact:
    """A rewrite rule."""
    return {
        "event": RULE_EVENTS[row["event"]],
        "instead": row["instead"],
        "enabled": ENABLED[row["enabled"]],
    }


def event_trigger_fact(row: Row) -> EventTriggerFact:
    """An event trigger."""
    return {"event": row["event"], "function": row["function"], "enabled": ENABLED[row["enabled"]]}
