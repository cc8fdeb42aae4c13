"""ORDER BY, GROUP BY, windows and target lists as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.ruleutils.buffer import INDENT_STANDARD, INDENT_VARIABLE, Buffer
from schemaguard.catalog.analysis.ruleutils.constants import print_constant
from schemaguard.catalog.analysis.ruleutils.variables import print_variable
from schemaguard.catalog.analysis.tree import Aggref, Const, Expr, FuncExpr, Var, WindowFunc
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.query_tree import GroupingSet, Query, SortGroup, Window
    from schemaguard.catalog.analysis.ruleutils.expressions import Printer

NONDEFAULT, RANGE, ROWS, GROUPS, BETWEEN = 0x1, 0x2, 0x4, 0x8, 0x10
_STARTS = {0x20: "UNBOUNDED PRECEDING", 0x200: "CURRENT ROW", 0x800: " PRECEDING", 0x2000: " FOLLOWING"}
_ENDS = {0x100: "UNBOUNDED FOLLOWING", 0x400: "CURRENT ROW", 0x1000: " PRECEDING", 0x4000: " FOLLOWING"}
_EXCLUDES = {0x8000: "CURRENT ROW", 0x10000: "GROUP", 0x20000: "TIES"}


def print_order(printer: Printer, order: Sequence[SortGroup], keys: Sequence[Expr]) -> None:
    """Append the elements of an aggregate's ORDER BY; a `ref` is an index into `keys`."""
    for at, sort in enumerate(order):
        printer.add(", " if at else "")
        print_key(printer, keys[sort.ref])
        printer.add(_direction(sort))


def print_sort(
    printer: Printer, query: Query, order: Sequence[SortGroup], *, by_number: bool = False
) -> None:
    """Append the elements of ORDER BY, by position where the query is a set operation."""
    for at, sort in enumerate(order):
        printer.add(", " if at else "")
        print_reference(printer, query, sort.ref, by_number=by_number)
        printer.add(_direction(sort))


def _direction(sort: SortGroup) -> str:
    if sort.descending:
        return " DESC" if sort.nulls_first else " DESC NULLS LAST"
    return " NULLS FIRST" if sort.nulls_first else ""


def print_reference(printer: Printer, query: Query, ref: int, *, by_number: bool = False) -> None:
    """Append the target that a sort or group clause means (`get_rule_sortgroupclause`)."""
    position = next(at for at, target in enumerate(query.targets, 1) if target.ref == ref)
    if by_number:
        printer.add(str(position))
        return
    print_key(printer, query.targets[position - 1].expr)


def print_key(printer: Printer, expr: Expr) -> None:
    """Append an expression to sort or group by, so that it can't be read as a position or a name."""
    if isinstance(expr, Const):
        printer.add(print_constant(printer.environment.catalog, expr, 1))
    elif isinstance(expr, Var):
        outer, printer.in_order_by = printer.in_order_by, True
        print_variable(printer, expr)
        printer.in_order_by = outer
    else:
        parentheses = isinstance(expr, (FuncExpr, Aggref, WindowFunc))
        printer.add("(" if parentheses else "")
        printer.print(expr, implicit=True)
        printer.add(")" if parentheses else "")


def print_groups(printer: Printer, query: Query) -> None:
    """Append the elements of GROUP BY."""
    outer, printer.in_group_by = printer.in_group_by, True
    if query.grouping_sets:
        for at, found in enumerate(query.grouping_sets):
            printer.add(", " if at else "")
            _grouping_set(printer, query, found, bare=True)
    else:
        for at, group in enumerate(query.groups):
            printer.add(", " if at else "")
            print_reference(printer, query, group.ref)
    printer.in_group_by = outer


def _grouping_set(printer: Printer, query: Query, found: GroupingSet, *, bare: bool) -> None:
    if found.kind == "empty":
        printer.add("()")
        return
    if found.kind == "simple":
        bare = bare and len(found.refs) == 1
        printer.add("" if bare else "(")
        for at, ref in enumerate(found.refs):
            printer.add(", " if at else "")
            print_reference(printer, query, ref)
        printer.add("" if bare else ")")
        return
    printer.add({"rollup": "ROLLUP(", "cube": "CUBE(", "sets": "GROUPING SETS ("}[found.kind])
    for at, inner in enumerate(found.content):
        printer.add(", " if at else "")
        _grouping_set(printer, query, inner, bare=found.kind != "sets")
    printer.add(")")


def print_window(printer: Printer, window: Window) -> None:
    """Append what stands after OVER or AS, in its parentheses (`get_rule_windowspec`)."""
    query = printer.query
    if query is None:
        raise ValueError(window)
    space = ""
    printer.add("(")
    if window.refers_to:
        printer.add(quote_identifier(window.refers_to))
        space = " "
    if window.partition and not window.refers_to:
        printer.add(f"{space}PARTITION BY ")
        for at, group in enumerate(window.partition):
            printer.add(", " if at else "")
            print_reference(printer, query, group.ref)
        space = " "
    if window.order and not window.copied:
        printer.add(f"{space}ORDER BY ")
        print_sort(printer, query, window.order)
        space = " "
    if window.frame & NONDEFAULT:
        printer.add(space)
        _frame(printer, window)
    printer.add(")")


def _frame(printer: Printer, window: Window) -> None:
    frame = window.frame
    printer.add("RANGE " if frame & RANGE else "ROWS " if frame & ROWS else "GROUPS ")
    if frame & BETWEEN:
        printer.add("BETWEEN ")
        _bound(printer, frame, _STARTS, window.start)
        printer.add(" AND ")
        _bound(printer, frame, _ENDS, window.end)
    else:
        _bound(printer, frame, _STARTS, window.start)
    excluded = next((text for bit, text in _EXCLUDES.items() if frame & bit), None)
    if excluded:
        printer.add(f" EXCLUDE {excluded}")


def _bound(printer: Printer, frame: int, words: dict[int, str], offset: Expr | None) -> None:
    word = next(text for bit, text in words.items() if frame & bit)
    if word.startswith(" ") and offset is not None:
        printer.print(offset, implicit=False)
    printer.add(word)


def print_targets(printer: Printer, query: Query) -> None:
    """Append the target list, each column after the first on a line of its own (`get_target_list`)."""
    outer = printer.buffer
    for at, target in enumerate(query.outputs):
        outer.add(", " if at else " ")
        printer.buffer = inner = Buffer(outer.level)
        name: str | None
        if isinstance(target.expr, Var):
            name = print_variable(printer, target.expr, toplevel=True)
        else:
            printer.print(target.expr, implicit=True)
            name = None if printer.names_visible else "?column?"
        shown = target.name
        if printer.result is not None and at < len(printer.result):
            shown = printer.result[at]
        if shown is not None and shown != name:
            printer.add(f" AS {quote_identifier(shown)}")
        printer.buffer = outer
        if inner.text.startswith("\n"):
            outer.strip()
        elif at:  # lines are broken after every column: the server's wrap column is 0
            outer.keyword("", -INDENT_STANDARD, INDENT_STANDARD, INDENT_VARIABLE)
        outer.add(inner.text)
