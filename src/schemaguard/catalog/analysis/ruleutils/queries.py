"""Queries as text (`get_query_def`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query_tree import RangeRef, SetOperation
from schemaguard.catalog.analysis.ruleutils.buffer import INDENT_STANDARD
from schemaguard.catalog.analysis.ruleutils.clauses import (
    print_groups,
    print_reference,
    print_sort,
    print_targets,
    print_window,
)
from schemaguard.catalog.analysis.ruleutils.from_clause import print_from, print_values
from schemaguard.catalog.analysis.ruleutils.namespace import name_query
from schemaguard.catalog.analysis.tree import Const, Expr
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.query_tree import Query, Rte
    from schemaguard.catalog.analysis.ruleutils.expressions import Printer

BARE_COLUMNS_SINCE = 16
"""The first version that leaves the table out before the columns of a view over one relation."""


def print_query(
    outer: Printer, query: Query, *, names_visible: bool = True, result: Sequence[str] | None = None
) -> None:
    """Append a query; `result`: the names of its columns where they are not its own (a view's).

    `names_visible`: the names of its columns matter to what is around it.
    """
    from schemaguard.catalog.analysis.ruleutils.expressions import Printer

    namespace = name_query(outer.environment.catalog, query, outer.namespaces)
    bare = not outer.namespaces and len(query.rtes) == 1 and outer.environment.version >= BARE_COLUMNS_SINCE
    printer = Printer(
        outer.environment, [namespace, *outer.namespaces], prefix=not bare, level=outer.buffer.level
    )
    printer.query = query
    printer.result = result
    printer.names_visible = names_visible
    printer.buffer.text = outer.buffer.text
    _select(printer, query)
    outer.buffer.text = printer.buffer.text


def _select(printer: Printer, query: Query) -> None:
    buffer = printer.buffer
    _with(printer, query)
    if query.set_operations is not None:
        _set_operation(printer, query, query.set_operations)
    else:
        _basic(printer, query)
    if query.sort:
        buffer.keyword(" ORDER BY ", -INDENT_STANDARD, INDENT_STANDARD, 1)
        print_sort(printer, query, query.sort, by_number=query.set_operations is not None)
    if query.offset is not None:
        buffer.keyword(" OFFSET ", -INDENT_STANDARD, INDENT_STANDARD, 0)
        printer.print(query.offset, implicit=False)
    if query.limit is not None:
        _limit(printer, query.limit, with_ties=query.with_ties)
    for mark in query.marks:
        buffer.keyword(f" FOR {mark.strength}", -INDENT_STANDARD, INDENT_STANDARD, 0)
        name = printer.namespaces[0].names[mark.index - 1]
        printer.add(f" OF {quote_identifier(name or '')}")
        printer.add(f" {mark.wait}" if mark.wait else "")


def _limit(printer: Printer, limit: Expr, *, with_ties: bool) -> None:
    if with_ties:
        printer.buffer.keyword(" FETCH FIRST (", -INDENT_STANDARD, INDENT_STANDARD, 0)
        printer.print(limit, implicit=False)
        printer.add(") ROWS WITH TIES")
        return
    printer.buffer.keyword(" LIMIT ", -INDENT_STANDARD, INDENT_STANDARD, 0)
    if isinstance(limit, Const) and limit.value is None:
        printer.add("ALL")
    else:
        printer.print(limit, implicit=False)


def _with(printer: Printer, query: Query) -> None:
    if not query.ctes:
        return
    buffer = printer.buffer
    buffer.level += INDENT_STANDARD
    printer.add(" WITH RECURSIVE " if query.recursive else " WITH ")
    for at, cte in enumerate(query.ctes):
        printer.add(", " if at else "")
        printer.add(quote_identifier(cte.name))
        if cte.aliases:
            printer.add(f"({', '.join(quote_identifier(alias) for alias in cte.aliases)})")
        printer.add(f" AS {cte.materialized} (" if cte.materialized else " AS (")
        buffer.keyword("")
        print_query(printer, cte.query)
        buffer.keyword("")
        printer.add(")")
    buffer.level -= INDENT_STANDARD
    buffer.keyword("")


def _basic(printer: Printer, query: Query) -> None:
    """SELECT … HAVING, without what a set operation has, too (`get_basic_select_query`)."""
    buffer = printer.buffer
    buffer.level += INDENT_STANDARD
    printer.add(" ")
    values = _only_values(printer, query)
    if values is not None:
        print_values(printer, values)
        return
    printer.add("SELECT")
    if query.distinct is not None:
        printer.add(" DISTINCT")
        if query.distinct_on:
            printer.add(" ON (")
            for at, group in enumerate(query.distinct):
                printer.add(", " if at else "")
                print_reference(printer, query, group.ref)
            printer.add(")")
    print_targets(printer, query)
    print_from(printer, query)
    if query.where is not None:
        buffer.keyword(" WHERE ", -INDENT_STANDARD, INDENT_STANDARD, 1)
        printer.print(query.where, implicit=False)
    if query.groups or query.grouping_sets:
        buffer.keyword(" GROUP BY ", -INDENT_STANDARD, INDENT_STANDARD, 1)
        printer.add("DISTINCT " if query.group_distinct else "")
        print_groups(printer, query)
    if query.having is not None:
        buffer.keyword(" HAVING ", -INDENT_STANDARD, INDENT_STANDARD, 0)
        printer.print(query.having, implicit=False)
    _windows(printer, query)


def _windows(printer: Printer, query: Query) -> None:
    first = True
    for window in query.windows:
        if window.name is None:
            continue
        if first:
            printer.buffer.keyword(" WINDOW ", -INDENT_STANDARD, INDENT_STANDARD, 1)
        else:
            printer.add(", ")
        printer.add(f"{quote_identifier(window.name)} AS ")
        print_window(printer, window)
        first = False


def _only_values(printer: Printer, query: Query) -> Rte | None:
    """The VALUES list of a query that is nothing but that (`get_simple_values_rte`)."""
    entries = [rte for rte in query.rtes if rte.in_from]
    if len(entries) != 1 or entries[0].kind != "values" or len(query.rtes) != 1:
        return None
    [rte] = entries
    if len(query.targets) != len(rte.columns):
        return None
    for at, (target, column) in enumerate(zip(query.targets, rte.columns, strict=True)):
        shown = target.name
        if printer.result is not None and at < len(printer.result):
            shown = printer.result[at]
        if target.junk or shown != column:
            return None
    return rte


def _set_operation(printer: Printer, query: Query, tree: SetOperation | RangeRef) -> None:
    buffer = printer.buffer
    if isinstance(tree, RangeRef):
        leaf = query.rtes[tree.index - 1].query
        if leaf is None:
            raise ValueError(tree)
        parentheses = bool(
            leaf.ctes or leaf.sort or leaf.marks or leaf.offset or leaf.limit or leaf.set_operations
        )
        printer.add("(" if parentheses else "")
        print_query(printer, leaf, names_visible=printer.names_visible, result=printer.result)
        printer.add(")" if parentheses else "")
        return
    left = tree.left
    nested = isinstance(left, SetOperation) and (left.operation, left.all) != (tree.operation, tree.all)
    if nested:
        printer.add("(")
        buffer.keyword("", INDENT_STANDARD)
    _set_operation(printer, query, left)
    if nested:
        buffer.keyword(") ", -INDENT_STANDARD)
    else:
        buffer.keyword("")
    printer.add(f"{tree.operation} {'ALL ' if tree.all else ''}")
    nested = isinstance(tree.right, SetOperation)
    printer.add("(" if nested else "")
    buffer.keyword("", INDENT_STANDARD if nested else 0)
    outer, printer.names_visible = printer.names_visible, False
    _set_operation(printer, query, tree.right)
    printer.names_visible = outer
    if nested:
        buffer.level -= INDENT_STANDARD
        buffer.keyword(")")
