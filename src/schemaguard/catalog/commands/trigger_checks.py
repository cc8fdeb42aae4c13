"""What CREATE TRIGGER refuses: triggers that the relation's kind, the level or the events do not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import (
    FEATURE_NOT_SUPPORTED,
    INVALID_OBJECT_DEFINITION,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Relation, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.statements.statement import Node

BEFORE, INSTEAD, AFTER = 2, 64, 0
INSERT, DELETE, UPDATE, TRUNCATE = 4, 8, 16, 32
TIMINGS = {BEFORE: "before", INSTEAD: "instead of", AFTER: "after"}
"""pg_trigger's bits for the timing."""
EVENTS = {INSERT: "insert", DELETE: "delete", UPDATE: "update", TRUNCATE: "truncate"}
"""pg_trigger's bits for the events, in the order in which they are listed."""

SYSTEM_COLUMNS = frozenset(("tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"))


def check_kind(relation: Relation, node: Node) -> None:
    """Refuse a timing, level or event that relations of this kind can't have."""
    timing, row, truncate = node.get("timing", 0), bool(node.get("row")), node["events"] & TRUNCATE
    name = relation.name
    match relation.kind:
        case "r" | "p":
            if timing == INSTEAD:
                _refuse(f'"{name}" is a table', "Tables cannot have INSTEAD OF triggers.")
            if relation.kind == "p" and row and "transitionRels" in node:
                raise Refused(
                    FEATURE_NOT_SUPPORTED,
                    f'"{name}" is a partitioned table',
                    detail="ROW triggers with transition tables are not supported on partitioned tables.",
                )
        case "v":
            if timing != INSTEAD and row:
                _refuse(f'"{name}" is a view', "Views cannot have row-level BEFORE or AFTER triggers.")
            if truncate:
                _refuse(f'"{name}" is a view', "Views cannot have TRUNCATE triggers.")
        case "f":
            if timing == INSTEAD:
                _refuse(f'"{name}" is a foreign table', "Foreign tables cannot have INSTEAD OF triggers.")
            if node.get("isconstraint"):
                _refuse(f'"{name}" is a foreign table', "Foreign tables cannot have constraint triggers.")
        case _:
            detail = {"m": "This operation is not supported for materialized views."}.get(relation.kind, "")
            _refuse(f'relation "{name}" cannot have triggers', detail)


def _refuse(message: str, detail: str) -> None:
    raise Refused(WRONG_OBJECT_TYPE, message, detail=detail)


def check_shape(node: Node) -> None:
    """Refuse combinations of level, timing and events that no relation can have."""
    row, timing = bool(node.get("row")), node.get("timing", 0)
    if row and node["events"] & TRUNCATE:
        raise Refused(FEATURE_NOT_SUPPORTED, "TRUNCATE FOR EACH ROW triggers are not supported")
    if timing != INSTEAD:
        return
    if not row:
        raise Refused(FEATURE_NOT_SUPPORTED, "INSTEAD OF triggers must be FOR EACH ROW")
    if "whenClause" in node:
        raise Refused(FEATURE_NOT_SUPPORTED, "INSTEAD OF triggers cannot have WHEN conditions")
    if "columns" in node:
        raise Refused(FEATURE_NOT_SUPPORTED, "INSTEAD OF triggers cannot have column lists")


def check_transition_tables(relation: Relation, node: Node) -> tuple[str, str]:
    """The names of OLD TABLE and NEW TABLE ("" where there is none), if the trigger can have them."""
    tables = {False: "", True: ""}
    for element in node.get("transitionRels") or ():
        transition = element["TriggerTransition"]
        new = bool(transition.get("isNew"))
        if not transition.get("isTable"):
            raise Refused(
                FEATURE_NOT_SUPPORTED,
                "ROW variable naming in the REFERENCING clause is not supported",
                hint="Use OLD TABLE or NEW TABLE for naming transition tables.",
            )
        _check_transition(relation, node, new=new)
        if tables[new]:
            word = "NEW" if new else "OLD"
            raise Refused(INVALID_OBJECT_DEFINITION, f"{word} TABLE cannot be specified multiple times")
        tables[new] = transition["name"]
    if tables[False] and tables[False] == tables[True]:
        message = "OLD TABLE name and NEW TABLE name cannot be the same"
        raise Refused(INVALID_OBJECT_DEFINITION, message)
    return tables[False], tables[True]


def _check_transition(relation: Relation, node: Node, *, new: bool) -> None:
    events = node["events"]
    if relation.kind == "f":
        detail = "Triggers on foreign tables cannot have transition tables."
        _refuse(f'"{relation.name}" is a foreign table', detail)
    if relation.kind == "v":
        _refuse(f'"{relation.name}" is a view', "Triggers on views cannot have transition tables.")
    if node.get("row") and isinstance(relation, Table) and relation.parents:
        word = "partitions" if relation.is_partition else "inheritance children"
        message = f"ROW triggers with transition tables are not supported on {word}"
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    if node.get("timing", 0) != AFTER:
        message = "transition table name can only be specified for an AFTER trigger"
        raise Refused(INVALID_OBJECT_DEFINITION, message)
    if events & TRUNCATE:
        message = "TRUNCATE triggers with transition tables are not supported"
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    if (events & INSERT > 0) + (events & UPDATE > 0) + (events & DELETE > 0) != 1:
        message = "transition tables cannot be specified for triggers with more than one event"
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    if "columns" in node:
        message = "transition tables cannot be specified for triggers with column lists"
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    if new and not events & (INSERT | UPDATE):
        message = "NEW TABLE can only be specified for an INSERT or UPDATE trigger"
        raise Refused(INVALID_OBJECT_DEFINITION, message)
    if not new and not events & (DELETE | UPDATE):
        message = "OLD TABLE can only be specified for a DELETE or UPDATE trigger"
        raise Refused(INVALID_OBJECT_DEFINITION, message)


def check_when(relation: Relation, node: Node) -> None:
    """Refuse a WHEN condition that reads OLD or NEW where there is none, or columns that are not set yet."""
    events, before = node["events"], node.get("timing", 0) == BEFORE
    for side, column in _row_references(node["whenClause"]):
        if not node.get("row"):
            message = "statement trigger's WHEN condition cannot reference column values"
            raise Refused(INVALID_OBJECT_DEFINITION, message)
        if side == "old" and events & INSERT:
            message = "INSERT trigger's WHEN condition cannot reference OLD values"
            raise Refused(INVALID_OBJECT_DEFINITION, message)
        if side == "new" and events & DELETE:
            message = "DELETE trigger's WHEN condition cannot reference NEW values"
            raise Refused(INVALID_OBJECT_DEFINITION, message)
        if side == "new" and before:
            _check_new_column(relation, column)


def _check_new_column(relation: Relation, column: str) -> None:
    """In a BEFORE trigger neither system columns nor generated ones of NEW are there yet."""
    if column in SYSTEM_COLUMNS - {"tableoid"}:
        message = "BEFORE trigger's WHEN condition cannot reference NEW system columns"
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    if not column and any(one.generated for one in relation.columns):
        raise Refused(
            INVALID_OBJECT_DEFINITION,
            "BEFORE trigger's WHEN condition cannot reference NEW generated columns",
            detail="A whole-row reference is used and the table contains generated columns.",
        )
    found = relation.column(column)
    if found is not None and found.generated:
        raise Refused(
            INVALID_OBJECT_DEFINITION,
            "BEFORE trigger's WHEN condition cannot reference NEW generated columns",
            detail=f'Column "{column}" is a generated column.',
        )


def _row_references(node: object) -> Iterator[tuple[str, str]]:
    """`old`/`new` and the column ("" for the whole row) of each reference to a row in an expression."""
    if isinstance(node, list):
        for item in node:
            yield from _row_references(item)
    elif isinstance(node, dict):
        fields = node.get("fields") if "fields" in node else None
        if fields and fields[0].get("String", {}).get("sval") in ("old", "new"):
            column = fields[1].get("String", {}).get("sval", "") if len(fields) > 1 else ""
            yield fields[0]["String"]["sval"], column
        for value in node.values():
            if isinstance(value, (dict, list)):
                yield from _row_references(value)
