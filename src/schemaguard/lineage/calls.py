"""What is known of PostgreSQL's own functions, operators and aggregates: which give NULL for arguments that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import FIRST_USER_OID
from schemaguard.lineage.facts import is_strict
from schemaguard.lineage.verdicts import NEVER, Verdict, maybe, unknown, worst

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.catalog.analysis.tree import Aggref, Expr, FuncExpr, WindowFunc
    from schemaguard.catalog.builtin.functions import Routine
    from schemaguard.catalog.builtin.operators import Operator
    from schemaguard.lineage.scope import Scope

NEVER_NULL = frozenset(
    (
        "clock_timestamp", "concat", "concat_ws", "gen_random_uuid", "json_build_array", "json_build_object",
        "jsonb_build_array", "jsonb_build_object", "now", "num_nonnulls", "num_nulls", "random",
        "statement_timestamp", "timeofday", "transaction_timestamp", "uuidv4", "uuidv7",
    )
)  # fmt: skip
"""Functions that give a value whatever their arguments."""

TOTAL = frozenset(
    (
        "abs", "age", "btrim", "ceil", "ceiling", "char_length", "character_length", "chr", "date_bin", "date_trunc",
        "decode", "div", "encode", "exp", "floor", "format", "gcd", "hashtext", "initcap",
        "isfinite", "json_array_length", "jsonb_array_length", "justify_days", "justify_hours", "justify_interval",
        "lcm", "left", "length", "ln", "log", "lower", "lpad", "ltrim", "make_date", "make_interval", "make_time",
        "make_timestamp", "make_timestamptz", "md5", "mod", "octet_length", "overlay", "position", "power",
        "quote_ident", "quote_literal", "regexp_replace", "repeat", "replace", "reverse", "right", "round",
        "row_to_json", "rpad", "rtrim", "sha256", "sign", "split_part", "sqrt", "starts_with", "strpos", "substr",
        "timezone", "to_char", "to_date", "to_json", "to_jsonb", "to_number", "to_timestamp", "translate",
        "trim_scale", "trunc", "upper", "width_bucket",
    )
)  # fmt: skip
"""Functions that give a value wherever all their arguments have one."""

ROWS_OF_VALUES = frozenset(
    (
        "generate_series", "generate_subscripts", "json_array_elements", "json_object_keys", "jsonb_array_elements",
        "jsonb_object_keys", "regexp_split_to_table",
    )
)  # fmt: skip
"""Set-returning functions each of whose rows is a value."""

RANGE_BOUNDS = frozenset(("lower", "upper"))
"""Names that mean a bound of a range, too, which an unbounded range has not."""

TOTAL_OPERATORS = frozenset(
    (
        "!~", "!~*", "!~~", "!~~*", "%", "&", "&&", "*", "+", "-", "/", "<", "<<", "<=", "<>", "<@", "=", ">", ">=",
        ">>", "?", "?&", "?|", "@>", "^", "|", "||", "~", "~*", "~~", "~~*", "@@", "#", "^@",
    )
)  # fmt: skip
"""Operators that give a value wherever both operands have one."""

_ROW_NUMBERS = frozenset(("row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "count", "ntile"))
_KEEPING = frozenset(
    ("sum", "min", "max", "avg", "bool_and", "bool_or", "every", "string_agg", "bit_and", "bit_or")
)
_COLLECTING = frozenset(("array_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg"))
_OF_THE_FRAME = frozenset(("first_value", "last_value"))


def _is_own(oid: int, extension: int) -> bool:
    """Whether something is PostgreSQL's own."""
    return oid < FIRST_USER_OID and not extension


def never_null(routine: Routine) -> bool:
    """Whether a function gives a value whatever its arguments."""
    return routine.name in NEVER_NULL and _is_own(routine.oid, routine.extension)


def gives_values(routine: Routine) -> bool:
    """Whether a set-returning function gives no NULL among its rows."""
    return routine.name in ROWS_OF_VALUES and _is_own(routine.oid, routine.extension)


def call_keeps_not_null(expr: FuncExpr) -> bool:
    """Whether a call gives a value wherever its arguments have one."""
    routine = expr.routine
    if not _is_own(routine.oid, routine.extension):
        return False
    if expr.form in ("explicit", "implicit"):
        return not any(argument in (114, 3802) for argument in routine.arguments)
    if routine.name in RANGE_BOUNDS:
        return routine.arguments == (25,)
    return routine.name in TOTAL


def operator_keeps_not_null(operator: Operator) -> bool:
    """Whether an operator gives a value wherever its operands have one."""
    return (
        operator.name in TOTAL_OPERATORS and _is_own(operator.oid, operator.extension) and is_strict(operator)
    )


def aggregate_verdict(expr: Aggref, scope: Scope, of: Callable[[Expr], Verdict]) -> Verdict:
    """Whether an aggregate may give NULL: over no rows, or of arguments that are all NULL."""
    name = expr.routine.name
    if not _is_own(expr.routine.oid, expr.routine.extension):
        return unknown(f"the aggregate {name}()")
    if name in ("count", "regr_count"):
        return NEVER
    query = scope.up(expr.level).query
    if not query.groups or any(each.kind != "simple" for each in query.grouping_sets):
        return maybe(f"{name}() over no rows")
    if expr.filter is not None:
        return maybe(f"{name}() over rows of which FILTER may leave none")
    if name in _COLLECTING:
        return NEVER
    if name in _KEEPING:
        return worst(of(arg) for arg in expr.args)
    return unknown(f"the aggregate {name}()")


def window_verdict(expr: WindowFunc, scope: Scope, of: Callable[[Expr], Verdict]) -> Verdict:
    """Whether a window function may give NULL: beyond the partition, or over a frame without rows."""
    name = expr.routine.name
    if not _is_own(expr.routine.oid, expr.routine.extension):
        return unknown(f"the function {name}()")
    if name in _ROW_NUMBERS:
        return worst(of(arg) for arg in expr.args) if name == "ntile" else NEVER
    if name in ("lag", "lead"):
        return (
            worst(of(arg) for arg in expr.args)
            if len(expr.args) > 2
            else maybe(f"{name}() beyond the partition")
        )
    window = scope.query.windows[expr.window - 1]
    if expr.filter is not None:
        return maybe(f"{name}() over rows of which FILTER may leave none")
    if name == "nth_value":
        return maybe(f"{name}() over a frame that may be too short")
    if window.start is not None or window.end is not None:
        return unknown(f"the frame of {name}()")
    if name in _COLLECTING:
        return NEVER
    if name in _KEEPING | _OF_THE_FRAME:
        return worst(of(arg) for arg in expr.args)
    return unknown(f"the function {name}()")
