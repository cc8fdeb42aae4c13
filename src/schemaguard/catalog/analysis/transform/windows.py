"""Window definitions: OVER, WINDOW, frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query_tree import Window
from schemaguard.catalog.analysis.transform.coercion import coerce_to_specific
from schemaguard.catalog.builtin.types import INT8
from schemaguard.catalog.errors import UNDEFINED_OBJECT, Refused

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.catalog.analysis.tree import Expr
    from schemaguard.statements.statement import Node

WINDOWING_ERROR = "42P20"
ROWS, GROUPS = 0x00004, 0x00008
DEFAULT_FRAME = 0x00002 | 0x00020 | 0x00400
"""RANGE, from UNBOUNDED PRECEDING, to CURRENT ROW (`FRAMEOPTION_DEFAULTS`, without NONDEFAULT)."""


def window_reference(state: ParseState, over: Node) -> int:
    """The index (from 1) of the window that an OVER clause means; a new one joins the query's list.

    Raises:
        Refused: there is no window of that name.
    """
    definitions = state.windows
    if "name" in over:
        for at, known in enumerate(definitions, 1):
            if known.get("name") == over["name"]:
                return at
        raise Refused(
            UNDEFINED_OBJECT, f'window "{over["name"]}" does not exist', offset=over.get("location", -1)
        )
    for at, known in enumerate(definitions, 1):
        if _shape(known) == _shape(over):
            return at
    definitions.append(over)
    return len(definitions)


def _shape(node: object) -> object:
    """A window definition without locations, to find equal ones."""
    if isinstance(node, dict):
        return {key: _shape(value) for key, value in node.items() if key != "location"}
    if isinstance(node, list):
        return [_shape(item) for item in node]
    return node


def transform_windows(state: ParseState, definitions: list[Node]) -> tuple[Window, ...]:
    """The windows of a query, in the order in which they were written or used (`transformWindowDefinitions`).

    Raises:
        Refused: a name is used twice, or a window can't be extended as it is.
    """
    from schemaguard.catalog.analysis.transform.grouping import sort_clause

    found: list[Window] = []
    for node in definitions:
        name = node.get("name")
        if name and any(window.name == name for window in found):
            raise Refused(WINDOWING_ERROR, f'window "{name}" is already defined')
        base = None
        if "refname" in node:
            base = next((window for window in found if window.name == node["refname"]), None)
            if base is None:
                raise Refused(UNDEFINED_OBJECT, f'window "{node["refname"]}" does not exist')
        order = sort_clause(state, node.get("orderClause", ()), kind="window order")
        partition = sort_clause(state, node.get("partitionClause", ()), kind="partition by")
        if base is not None:
            if partition:
                raise Refused(WINDOWING_ERROR, f'cannot override PARTITION BY clause of window "{base.name}"')
            if order and base.order:
                raise Refused(WINDOWING_ERROR, f'cannot override ORDER BY clause of window "{base.name}"')
        frame = node.get("frameOptions", DEFAULT_FRAME)
        found.append(
            Window(
                name,
                node.get("refname"),
                partition if base is None else base.partition,
                order if base is None or not base.order else base.order,
                frame,
                _bound(state, node.get("startOffset"), frame, order),
                _bound(state, node.get("endOffset"), frame, order),
                copied=base is not None and bool(base.order),
            )
        )
    return tuple(found)


def _bound(state: ParseState, node: Node | None, frame: int, order: tuple[object, ...]) -> Expr | None:
    """The offset of a frame's bound."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    if node is None:
        return None
    expr = transform(state, node)
    if frame & (ROWS | GROUPS):
        return coerce_to_specific(state.environment, expr, INT8, "ROWS" if frame & ROWS else "GROUPS")
    return _range_bound(state, expr, order)


def _range_bound(state: ParseState, expr: Expr, order: tuple[object, ...]) -> Expr:
    """The offset of RANGE: an interval for times, else of the ordering column's own type."""
    from schemaguard.catalog.analysis.query_tree import SortGroup
    from schemaguard.catalog.analysis.transform.coercion import coerce
    from schemaguard.catalog.analysis.transform.pathways import IMPLICIT
    from schemaguard.catalog.builtin.types import (
        DATE,
        INTERVAL,
        TIME,
        TIMESTAMP,
        TIMESTAMPTZ,
        TIMETZ,
        UNKNOWN,
    )

    if len(order) != 1 or not isinstance(order[0], SortGroup):
        raise Refused(
            WINDOWING_ERROR, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column"
        )
    ref = order[0].ref
    ordered = next(target.expr.type for target in state.targets if target.ref == ref)
    if expr.type != UNKNOWN:
        return expr
    timed = ordered in (DATE, TIME, TIMESTAMP, TIMESTAMPTZ, TIMETZ)
    return coerce(state.environment, expr, INTERVAL if timed else ordered, -1, IMPLICIT, "implicit")
