"""Calls of functions, aggregates and window functions as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.ruleutils.special_syntax import print_special_syntax
from schemaguard.catalog.analysis.ruleutils.visibility import function_name
from schemaguard.catalog.analysis.tree import Aggref, Expr, FuncExpr, NamedArg, WindowFunc
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.ruleutils.expressions import Printer


def print_call(printer: Printer, expr: FuncExpr) -> None:
    """Append a function call, in the special syntax that SQL has for some."""
    if expr.form == "sql" and print_special_syntax(printer, expr):
        return
    printer.add(f"{_name(printer, expr, expr.args)}(")
    _arguments(printer, expr.args, variadic=expr.variadic)
    printer.add(")")


def _name(printer: Printer, expr: FuncExpr | Aggref | WindowFunc, args: Sequence[Expr]) -> str:
    named = [arg.name for arg in args if isinstance(arg, NamedArg)]
    bare = function_name(
        printer.environment, expr.routine, [arg.type for arg in args], named, variadic=expr.variadic
    )
    if printer.in_group_by and bare in ("cube", "rollup"):
        return f"{quote_identifier(printer.environment.catalog.schema_name(expr.routine.schema))}.{bare}"
    return bare


def _arguments(printer: Printer, args: Sequence[Expr], *, variadic: bool) -> None:
    for at, arg in enumerate(args):
        if at:
            printer.add(", ")
        if variadic and at == len(args) - 1:
            printer.add("VARIADIC ")
        printer.print(arg, implicit=True)


def print_named_argument(printer: Printer, expr: NamedArg, implicit: bool) -> None:
    """Append ``name => argument``."""
    printer.add(f"{quote_identifier(expr.name)} => ")
    printer.print(expr.arg, implicit=implicit)


def print_aggregate(printer: Printer, expr: Aggref, _implicit: bool) -> None:
    """Append an aggregate call."""
    from schemaguard.catalog.analysis.ruleutils.clauses import print_order

    every = (*expr.direct, *expr.args)
    printer.add(f"{_name(printer, expr, every)}({'DISTINCT ' if expr.distinct else ''}")
    if expr.routine.aggregate != "n":
        printer.list(expr.direct)
        printer.add(") WITHIN GROUP (ORDER BY ")
        print_order(printer, expr.order, expr.sort_keys)
    else:
        if expr.star:
            printer.add("*")
        else:
            _arguments(printer, expr.args, variadic=expr.variadic)
        if expr.order:
            printer.add(" ORDER BY ")
            print_order(printer, expr.order, expr.sort_keys)
    if expr.filter is not None:
        printer.add(") FILTER (WHERE ")
        printer.print(expr.filter, implicit=False)
    printer.add(")")


def print_window_call(printer: Printer, expr: WindowFunc, _implicit: bool) -> None:
    """Append a window function call."""
    from schemaguard.catalog.analysis.ruleutils.clauses import print_window

    printer.add(f"{_name(printer, expr, expr.args)}(")
    if expr.star:
        printer.add("*")
    else:
        _arguments(printer, expr.args, variadic=expr.variadic)
    if expr.filter is not None:
        printer.add(") FILTER (WHERE ")
        printer.print(expr.filter, implicit=False)
    printer.add(") OVER ")
    window = printer.query.windows[expr.window - 1] if printer.query is not None else None
    if window is None:
        raise ValueError(expr)
    if window.name:
        printer.add(quote_identifier(window.name))
    else:
        print_window(printer, window)
