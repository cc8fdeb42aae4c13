"""Where an expression stands, and what is not allowed there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import FEATURE_NOT_SUPPORTED, INVALID_COLUMN_REFERENCE, Refused

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.transform.scope import ParseState

GROUPING_ERROR = "42803"
WINDOWING_ERROR = "42P20"

_PLURAL = {
    "check": "check constraints",
    "domain": "check constraints",
    "default": "DEFAULT expressions",
    "generated": "column generation expressions",
    "index": "index expressions",
    "predicate": "index predicates",
    "policy": "policy expressions",
    "when": "trigger WHEN conditions",
    "partition": "partition key expressions",
    "bound": "partition bound",
    "transform": "transform expressions",
    "where": "WHERE",
    "on": "JOIN conditions",
    "function": "functions in FROM",
    "group": "GROUP BY",
    "limit": "LIMIT",
    "offset": "OFFSET",
    "filter": "FILTER",
    "values": "VALUES",
    "partition by": "window definitions",
    "window order": "window definitions",
    "returning": "RETURNING",
    "parameter": "DEFAULT expressions",
    "rule": "WHERE",
    "publication": "WHERE",
    "statistics": "statistics expressions",
}
_WITHOUT_SUBQUERY = {
    "check": "check constraint",
    "domain": "check constraint",
    "default": "DEFAULT expression",
    "generated": "column generation expression",
    "index": "index expression",
    "predicate": "index predicate",
    "when": "trigger WHEN condition",
    "partition": "partition key expression",
    "bound": "partition bound",
    "transform": "transform expression",
    "parameter": "DEFAULT expression",
    "statistics": "statistics expression",
}
_WITH_SETS = {
    "select",
    "order",
    "group",
    "distinct",
    "having",
    "function",
    "values",
    "partition by",
    "window order",
    "returning",
}
"""Clauses in which a set-returning function may stand (of HAVING the planner thinks otherwise, later)."""


def refuse_aggregate(state: ParseState, offset: int = -1) -> None:
    """Refuse an aggregate where there is nothing to aggregate."""
    if state.kind in _PLURAL and state.kind not in {"partition by", "window order"}:
        message = f"aggregate functions are not allowed in {_PLURAL[state.kind]}"
        raise Refused(GROUPING_ERROR, message, offset=offset)


def refuse_window(state: ParseState, offset: int = -1) -> None:
    """Refuse a window function outside of a query's targets and ORDER BY."""
    if state.kind in _PLURAL or state.kind == "having":
        where = _PLURAL.get(state.kind, "HAVING")
        raise Refused(WINDOWING_ERROR, f"window functions are not allowed in {where}", offset=offset)


def refuse_system_column(state: ParseState, name: str, offset: int = -1) -> None:
    """Refuse a system column, `tableoid` apart, in what is kept for every row."""
    if name == "tableoid":
        return
    if state.kind == "check":
        message = f'system column "{name}" reference in check constraint is invalid'
        raise Refused(INVALID_COLUMN_REFERENCE, message, offset=offset)
    if state.kind == "generated":
        message = f'cannot use system column "{name}" in column generation expression'
        raise Refused(INVALID_COLUMN_REFERENCE, message, offset=offset)


def refuse_sublink(state: ParseState, offset: int = -1) -> None:
    """Refuse a sub-select in an expression that the catalog keeps for itself."""
    if state.kind in _WITHOUT_SUBQUERY:
        message = f"cannot use subquery in {_WITHOUT_SUBQUERY[state.kind]}"
        raise Refused(FEATURE_NOT_SUPPORTED, message, offset=offset)


def refuse_set(state: ParseState, offset: int = -1) -> None:
    """Refuse a set-returning function where one row is wanted."""
    if state.kind in _WITH_SETS:
        return
    where = _PLURAL.get(state.kind, "this context")
    raise Refused(FEATURE_NOT_SUPPORTED, f"set-returning functions are not allowed in {where}", offset=offset)
