"""FROM as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query_tree import Join, RangeRef
from schemaguard.catalog.analysis.ruleutils.buffer import (
    INDENT_JOIN,
    INDENT_STANDARD,
    INDENT_VARIABLE,
    Buffer,
)
from schemaguard.catalog.analysis.ruleutils.visibility import relation_name
from schemaguard.catalog.analysis.tree import FuncExpr, Unresolved
from schemaguard.catalog.analysis.type_info import relation_at
from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.query_tree import Query, RangeFunctionItem, Rte
    from schemaguard.catalog.analysis.ruleutils.expressions import Printer

_JOINS = {"left": " LEFT JOIN ", "right": " RIGHT JOIN ", "full": " FULL JOIN "}


def print_from(printer: Printer, query: Query) -> None:
    """Append FROM, each element after the first on a line of its own (`get_from_clause`)."""
    for at, item in enumerate(query.joins):
        if at == 0:
            printer.buffer.keyword(" FROM ", -INDENT_STANDARD, INDENT_STANDARD, 2)
            _item(printer, query, item)
            continue
        outer = printer.buffer
        outer.add(", ")
        printer.buffer = inner = Buffer(outer.level)
        _item(printer, query, item)
        printer.buffer = outer
        if inner.text.startswith("\n"):
            outer.strip()
        else:
            outer.keyword("", -INDENT_STANDARD, INDENT_STANDARD, INDENT_VARIABLE)
        outer.add(inner.text)


def _item(printer: Printer, query: Query, item: Join | RangeRef) -> None:
    if isinstance(item, Join):
        _join(printer, query, item)
    else:
        _entry(printer, item.index)


def _join(printer: Printer, query: Query, join: Join) -> None:
    columns = printer.namespaces[0].columns[join.index - 1]
    printer.add("(")
    _item(printer, query, join.left)
    word = (
        " CROSS JOIN " if join.kind == "inner" and join.condition is None else _JOINS.get(join.kind, " JOIN ")
    )
    printer.buffer.keyword(word, -INDENT_STANDARD, INDENT_STANDARD, INDENT_JOIN)
    _item(printer, query, join.right)
    if join.using:
        printer.add(f" USING ({', '.join(quote_identifier(name) for name in columns.using)})")
        using_alias = query.rtes[join.index - 1].using_alias
        printer.add(f" AS {quote_identifier(using_alias)}" if using_alias else "")
    elif join.condition is not None:
        printer.add(" ON (")
        printer.print(join.condition, implicit=False)
        printer.add(")")
    elif join.kind != "inner":
        printer.add(" ON TRUE")
    printer.add(")")
    if join.alias is not None:
        name = printer.namespaces[0].names[join.index - 1]
        printer.add(f" {quote_identifier(name or '')}")
        _column_aliases(printer, join.index)


def _entry(printer: Printer, index: int) -> None:
    """A relation, subquery, function, VALUES list or WITH query, with its alias."""
    namespace = printer.namespaces[0]
    rte = namespace.rtes[index - 1]
    printer.add("LATERAL " if rte.lateral else "")
    _source(printer, rte)
    name = namespace.names[index - 1] or ""
    if _needs_alias(printer, rte, name):
        printer.add(f" {quote_identifier(name)}")
    definitions = rte.functions[0].definitions if len(rte.functions) == 1 and not rte.ordinality else ()
    if definitions:
        _column_definitions(printer, index, rte.functions[0])
    else:
        _column_aliases(printer, index)
    if rte.sample is not None:
        method, args, repeatable = rte.sample
        printer.add(f" TABLESAMPLE {quote_identifier(method)} (")
        printer.list(args, implicit=False)
        printer.add(")")
        if repeatable is not None:
            printer.add(" REPEATABLE (")
            printer.print(repeatable, implicit=False)
            printer.add(")")


def _source(printer: Printer, rte: Rte) -> None:
    from schemaguard.catalog.analysis.ruleutils.queries import print_query

    match rte.kind:
        case "relation":
            relation = relation_at(printer.environment.catalog, rte.relation)
            name = relation_name(printer.environment.catalog, relation) if relation is not None else rte.name
            if _is_common_table(printer, name):
                name = (
                    f"{printer.environment.catalog.schema_name(relation.schema) if relation else ''}.{name}"
                )
            printer.add(f"{'ONLY ' if rte.only else ''}{name}")
        case "subquery":
            if rte.query is None:
                raise ValueError(rte)
            printer.add("(")
            print_query(printer, rte.query)
            printer.add(")")
        case "function":
            _functions(printer, rte)
        case "values":
            printer.add("(")
            print_values(printer, rte)
            printer.add(")")
        case "cte":
            printer.add(quote_identifier(rte.cte))
        case _:
            unknown = rte.rows[0][0] if rte.rows else None
            raise Opaque(unknown.reason if isinstance(unknown, Unresolved) else f"{rte.name} is not printed")


def _is_common_table(printer: Printer, name: str) -> bool:
    """Whether the bare name would be taken for a WITH query."""
    return any(cte.name == name for namespace in printer.namespaces for cte in namespace.ctes)


def print_values(printer: Printer, rte: Rte) -> None:
    """Append VALUES and its rows."""
    printer.add("VALUES ")
    for at, row in enumerate(rte.rows):
        printer.add(", (" if at else "(")
        for column, value in enumerate(row):
            printer.add("," if column else "")
            printer.print_toplevel(value, implicit=False)
        printer.add(")")


def _functions(printer: Printer, rte: Rte) -> None:
    """One function, or ROWS FROM (…); several unnest() of one array each are one UNNEST."""
    if len(rte.functions) == 1 and not (rte.functions[0].definitions and rte.ordinality):
        _call(printer, rte.functions[0])
    elif all(_is_unnest(item) for item in rte.functions):
        printer.add("UNNEST(")
        calls = [item.call for item in rte.functions if isinstance(item.call, FuncExpr)]
        printer.list([call.args[0] for call in calls])
        printer.add(")")
    else:
        printer.add("ROWS FROM(")
        for at, item in enumerate(rte.functions):
            printer.add(", " if at else "")
            _call(printer, item)
            if item.definitions:
                printer.add(f" AS ({_definitions(printer, item, [])})")
        printer.add(")")
    printer.add(" WITH ORDINALITY" if rte.ordinality else "")


def _call(printer: Printer, item: RangeFunctionItem) -> None:
    """A function; what is no call any more is cast, to look like one (`get_rule_expr_funccall`)."""
    call = item.call
    if isinstance(call, FuncExpr) and call.form in ("explicit", "implicit"):
        printer.add("CAST(")
        printer.print(call, implicit=False)
        printer.add(f" AS {printer.type_text(call.type, call.typmod)})")
        return
    printer.print(call, implicit=True)


def _is_unnest(item: RangeFunctionItem) -> bool:
    call = item.call
    return (
        isinstance(call, FuncExpr)
        and call.routine.name == "unnest"
        and call.routine.schema == 11
        and len(call.args) == 1
        and not item.definitions
    )


def _needs_alias(printer: Printer, rte: Rte, name: str) -> bool:
    if rte.alias is not None:
        return True
    if rte.kind == "relation":
        relation = relation_at(printer.environment.catalog, rte.relation)
        return relation is not None and relation.name != name
    if rte.kind == "cte":
        return rte.cte != name
    return rte.kind in ("function", "values", "subquery")


def _column_aliases(printer: Printer, index: int) -> None:
    columns = printer.namespaces[0].columns[index - 1]
    if columns.print_aliases and columns.listed:
        printer.add(f"({', '.join(quote_identifier(name) for name in columns.listed)})")


def _column_definitions(printer: Printer, index: int, item: RangeFunctionItem) -> None:
    names = printer.namespaces[0].columns[index - 1].listed
    printer.add(f"({_definitions(printer, item, names)})")


def _definitions(printer: Printer, item: RangeFunctionItem, names: list[str]) -> str:
    shown = names or [name for name, _of, _typmod in item.definitions]
    return ", ".join(
        f"{quote_identifier(name)} {printer.type_text(of, typmod)}"
        for name, (_name, of, typmod) in zip(shown, item.definitions, strict=True)
    )
