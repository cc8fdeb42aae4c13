"""Aggregate and window function calls (`parse_agg.c`, and their part of `parse_func.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.transform.candidates import Candidate
from schemaguard.catalog.analysis.transform.coercion import coerce, strip_implicit
from schemaguard.catalog.analysis.transform.functions import prepare_arguments, resolve_call
from schemaguard.catalog.analysis.transform.kinds import (
    GROUPING_ERROR,
    WINDOWING_ERROR,
    refuse_aggregate,
    refuse_window,
)
from schemaguard.catalog.analysis.transform.ordering import has_equality, sort_order
from schemaguard.catalog.analysis.transform.pathways import IMPLICIT
from schemaguard.catalog.analysis.tree import Aggref, Expr, WindowFunc
from schemaguard.catalog.analysis.walk import has, has_set
from schemaguard.catalog.builtin.types import TEXT, UNKNOWN
from schemaguard.catalog.errors import FEATURE_NOT_SUPPORTED, UNDEFINED_FUNCTION, WRONG_OBJECT_TYPE, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.query_tree import SortGroup
    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.statements.statement import Node


def transform_aggregate_or_window(
    state: ParseState, node: Node, names: Sequence[str], args: Sequence[Expr]
) -> Expr:
    """A call with DISTINCT, ORDER BY, FILTER, OVER or a star.

    Raises:
        Refused: the function is none that takes them, or is not allowed here.
    """
    candidate = resolve_call(state, names, args, node)
    if isinstance(candidate, Candidate):
        kind = candidate.routine.kind
        if "over" in node:
            return _window(state, node, candidate, args)
        if kind == "a":
            return build_aggregate(state, node, candidate, args)
        _refuse_decorations(node, names, kind)
    if isinstance(candidate, Candidate):
        raise Refused(WRONG_OBJECT_TYPE, f"{'.'.join(names)} is not an aggregate function")
    return candidate


def _refuse_decorations(node: Node, names: Sequence[str], kind: str) -> None:
    """Refuse what only aggregates take."""
    name = ".".join(names)
    offset = node.get("location", -1)
    if kind == "w":
        refuse_bare_window(names, offset)
    what = (
        f"{name}(*) specified, but {name} is not an aggregate function"
        if node.get("agg_star")
        else f"DISTINCT specified, but {name} is not an aggregate function"
        if node.get("agg_distinct")
        else f"WITHIN GROUP specified, but {name} is not an aggregate function"
        if node.get("agg_within_group")
        else f"ORDER BY specified, but {name} is not an aggregate function"
        if node.get("agg_order")
        else f"FILTER specified, but {name} is not an aggregate function"
    )
    raise Refused(WRONG_OBJECT_TYPE, what, offset=offset)


def refuse_bare_window(names: Sequence[str], offset: int) -> None:
    """Refuse a window function without OVER."""
    raise Refused(
        WRONG_OBJECT_TYPE, f"window function {'.'.join(names)} requires an OVER clause", offset=offset
    )


def build_aggregate(state: ParseState, node: Node, candidate: Candidate, args: Sequence[Expr]) -> Expr:
    """An aggregate call.

    Raises:
        Refused: it is not allowed here, or is decorated with what it does not take.
    """
    from schemaguard.catalog.analysis.transform.from_clause import transform_condition

    offset = node.get("location", -1)
    refuse_aggregate(state, offset)
    environment = state.environment
    routine = candidate.routine
    _check_within_group(node, candidate)
    if not args and not node.get("agg_star") and routine.aggregate == "n" and not routine.arguments:
        name = ".".join(part["String"]["sval"] for part in node["funcname"])
        raise Refused(
            WRONG_OBJECT_TYPE,
            f"{name}(*) must be used to call a parameterless aggregate function",
            offset=offset,
        )
    _refuse_nested(args, "aggregate")
    result, coerced, variadic = prepare_arguments(environment, candidate, args, node)
    direct: tuple[Expr, ...] = ()
    order: tuple[SortGroup, ...] = ()
    keys: tuple[Expr, ...] = ()
    if routine.aggregate != "n":
        count = len(coerced) - len(node.get("agg_order", ()))
        direct, coerced = coerced[:count], coerced[count:]
        keys = coerced
        order = tuple(
            sort_order(environment, sort["SortBy"], key.type, at)
            for at, (sort, key) in enumerate(zip(node.get("agg_order", ()), keys, strict=True))
        )
    elif "agg_order" in node:
        keys, order = _order(state, node, coerced)
    _refuse_nested(keys, "aggregate")
    if node.get("agg_distinct"):
        _require_equality(environment, coerced)
    state.aggregates = True
    filter_ = transform_condition(state, node.get("agg_filter"), "filter", "FILTER")
    return Aggref(
        result, routine=routine, args=tuple(coerced), direct=direct, order=order, sort_keys=keys,
        distinct=bool(node.get("agg_distinct")), filter=filter_, star=bool(node.get("agg_star")), variadic=variadic,
    )  # fmt: skip


def _refuse_nested(exprs: Sequence[Expr], kind: str) -> None:
    """Refuse aggregates (in aggregates), window functions and set-returning functions among the arguments."""
    for expr in exprs:
        if kind == "aggregate" and has(expr, Aggref):
            raise Refused(GROUPING_ERROR, "aggregate function calls cannot be nested")
        if has(expr, WindowFunc):
            if kind == "window":
                raise Refused(WINDOWING_ERROR, "window function calls cannot be nested")
            raise Refused(GROUPING_ERROR, "aggregate function calls cannot contain window function calls")
        if has_set(expr):
            raise Refused(
                FEATURE_NOT_SUPPORTED, f"{kind} function calls cannot contain set-returning function calls"
            )


def _require_equality(environment: Environment, args: Sequence[Expr]) -> None:
    """Refuse DISTINCT over values that can't be told apart."""
    for arg in args:
        if not has_equality(environment, arg.type):
            name = environment.type_text(arg.type)
            raise Refused(UNDEFINED_FUNCTION, f"could not identify an equality operator for type {name}")


def _check_within_group(node: Node, candidate: Candidate) -> None:
    name = ".".join(part["String"]["sval"] for part in node["funcname"])
    offset = node.get("location", -1)
    within = node.get("agg_within_group", False)
    if candidate.routine.aggregate != "n":
        if not within:
            raise Refused(
                WRONG_OBJECT_TYPE, f"WITHIN GROUP is required for ordered-set aggregate {name}", offset=offset
            )
    elif within:
        raise Refused(
            WRONG_OBJECT_TYPE,
            f"{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP",
            offset=offset,
        )


def _order(
    state: ParseState, node: Node, args: Sequence[Expr]
) -> tuple[tuple[Expr, ...], tuple[SortGroup, ...]]:
    """The ORDER BY inside an aggregate's parentheses: its expressions, and how each is ordered.

    An expression that is one of the arguments is the argument as it was converted.
    """
    from schemaguard.catalog.analysis.transform.expressions import transform

    keys: list[Expr] = []
    order: list[SortGroup] = []
    for at, sort in enumerate(node["agg_order"]):
        key = transform(state, sort["SortBy"]["node"])
        if key.type == UNKNOWN:
            key = coerce(state.environment, key, TEXT, -1, IMPLICIT, "implicit")
        key = next((arg for arg in args if key in (arg, strip_implicit(arg))), key)
        keys.append(key)
        order.append(sort_order(state.environment, sort["SortBy"], key.type, at))
    return tuple(keys), tuple(order)


def _window(state: ParseState, node: Node, candidate: Candidate, args: Sequence[Expr]) -> Expr:
    """A call with OVER."""
    from schemaguard.catalog.analysis.transform.from_clause import transform_condition
    from schemaguard.catalog.analysis.transform.windows import window_reference

    offset = node.get("location", -1)
    environment = state.environment
    routine = candidate.routine
    name = ".".join(part["String"]["sval"] for part in node["funcname"])
    if routine.kind == "f":
        raise Refused(
            WRONG_OBJECT_TYPE,
            f"OVER specified, but {name} is not a window function nor an aggregate function",
            offset=offset,
        )
    refuse_window(state, offset)
    if node.get("agg_distinct"):
        raise Refused(
            FEATURE_NOT_SUPPORTED, "DISTINCT is not implemented for window functions", offset=offset
        )
    if node.get("agg_order"):
        raise Refused(
            FEATURE_NOT_SUPPORTED, "aggregate ORDER BY is not implemented for window functions", offset=offset
        )
    if routine.kind == "w" and "agg_filter" in node:
        raise Refused(
            FEATURE_NOT_SUPPORTED,
            "FILTER is not implemented for non-aggregate window functions",
            offset=offset,
        )
    _refuse_nested(args, "window")
    result, coerced, variadic = prepare_arguments(environment, candidate, args, node)
    filter_ = transform_condition(state, node.get("agg_filter"), "filter", "FILTER")
    state.windows_used = True
    return WindowFunc(
        result, routine=routine, args=tuple(coerced), window=window_reference(state, node["over"]), filter=filter_,
        star=bool(node.get("agg_star")), variadic=variadic,
    )  # fmt: skip
