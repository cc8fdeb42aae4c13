"""Functions for which SQL has a syntax of its own: EXTRACT, AT TIME ZONE, TRIM … (`get_func_sql_syntax`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.tree import Const, Expr, FuncExpr
from schemaguard.catalog.builtin.types import INT4, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.catalog.analysis.ruleutils.expressions import Printer

SINCE = 14
"""The first server version that prints them so; before, they were plain function calls."""


def print_special_syntax(printer: Printer, expr: FuncExpr) -> bool:
    """Append the call in its special syntax; False where it has none."""
    show = _SYNTAX.get((expr.routine.name, len(expr.args)))
    if show is None or printer.environment.version < SINCE:
        return False
    return show(printer, expr) is not False


def _show(printer: Printer, *parts: str | Expr) -> None:
    """Append texts and expressions in turn."""
    for part in parts:
        if isinstance(part, str):
            printer.add(part)
        else:
            printer.print(part, implicit=False)


def _time_zone(printer: Printer, expr: FuncExpr) -> None:
    _show(printer, "(", expr.args[1], " AT TIME ZONE ", expr.args[0], ")")


def _at_local(printer: Printer, expr: FuncExpr) -> None:
    _show(printer, "(", expr.args[0], " AT LOCAL)")


def _overlaps(printer: Printer, expr: FuncExpr) -> None:
    one, two, three, four = expr.args
    _show(printer, "((", one, ", ", two, ") OVERLAPS (", three, ", ", four, "))")


def _extract(printer: Printer, expr: FuncExpr) -> bool | None:
    field = expr.args[0]
    if not isinstance(field, Const) or field.value is None:
        return False
    _show(printer, "EXTRACT(", field.value, " FROM ", expr.args[1], ")")
    return None


def _is_normalized(printer: Printer, expr: FuncExpr) -> None:
    form = _raw(expr.args[1]) if len(expr.args) > 1 else ""
    _show(printer, "(", expr.args[0], " IS", f" {form}" if form else "", " NORMALIZED)")


def _raw(expr: Expr) -> str:
    return (expr.value or "") if isinstance(expr, Const) else ""


def _collation(printer: Printer, expr: FuncExpr) -> None:
    _show(printer, "COLLATION FOR (", expr.args[0], ")")


def _normalize(printer: Printer, expr: FuncExpr) -> None:
    _show(printer, "NORMALIZE(", expr.args[0])
    if len(expr.args) > 1:
        printer.add(f", {_raw(expr.args[1])}")
    printer.add(")")


def _overlay(printer: Printer, expr: FuncExpr) -> None:
    _show(printer, "OVERLAY(", expr.args[0], " PLACING ", expr.args[1], " FROM ", expr.args[2])
    if len(expr.args) > 3:
        _show(printer, " FOR ", expr.args[3])
    printer.add(")")


def _position(printer: Printer, expr: FuncExpr) -> None:
    _show(printer, "POSITION((", expr.args[1], ") IN (", expr.args[0], "))")


def _substring(printer: Printer, expr: FuncExpr) -> bool | None:
    if expr.routine.arguments[1] == TEXT:
        if len(expr.args) == 2:
            return False  # by a regular expression: FROM would be read as a position
        _show(printer, "SUBSTRING(", expr.args[0], " SIMILAR ", expr.args[1], " ESCAPE ", expr.args[2], ")")
        return None
    _show(printer, "SUBSTRING(", expr.args[0], " FROM ", expr.args[1])
    if len(expr.args) > 2 and expr.routine.arguments[2] == INT4:
        _show(printer, " FOR ", expr.args[2])
    printer.add(")")
    return None


def _trim(where: str) -> Callable[[Printer, FuncExpr], None]:
    def show(printer: Printer, expr: FuncExpr) -> None:
        printer.add(f"TRIM({where}")
        if len(expr.args) > 1:
            _show(printer, " ", expr.args[1])
        _show(printer, " FROM ", expr.args[0], ")")

    return show


def _xml_exists(printer: Printer, expr: FuncExpr) -> None:
    _show(printer, "XMLEXISTS((", expr.args[0], ") PASSING (", expr.args[1], "))")


def _system_user(printer: Printer, _expr: FuncExpr) -> None:
    printer.add("SYSTEM_USER")


_SYNTAX: dict[tuple[str, int], Callable[[Printer, FuncExpr], bool | None]] = {
    ("timezone", 2): _time_zone,
    ("timezone", 1): _at_local,
    ("overlaps", 4): _overlaps,
    ("extract", 2): _extract,
    ("is_normalized", 1): _is_normalized,
    ("is_normalized", 2): _is_normalized,
    ("pg_collation_for", 1): _collation,
    ("normalize", 1): _normalize,
    ("normalize", 2): _normalize,
    ("overlay", 3): _overlay,
    ("overlay", 4): _overlay,
    ("position", 2): _position,
    ("substring", 2): _substring,
    ("substring", 3): _substring,
    ("btrim", 1): _trim("BOTH"),
    ("btrim", 2): _trim("BOTH"),
    ("ltrim", 1): _trim("LEADING"),
    ("ltrim", 2): _trim("LEADING"),
    ("rtrim", 1): _trim("TRAILING"),
    ("rtrim", 2): _trim("TRAILING"),
    ("xmlexists", 2): _xml_exists,
    ("system_user", 0): _system_user,
}
