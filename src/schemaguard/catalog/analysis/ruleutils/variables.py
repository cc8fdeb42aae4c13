"""Columns and fields as text (`get_variable`, `get_name_for_var_field`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.transform.scope import SYSTEM_COLUMNS
from schemaguard.catalog.analysis.tree import Expr, FieldSelect, FuncExpr, RowExpr, Var
from schemaguard.catalog.analysis.type_info import row_columns
from schemaguard.catalog.builtin.types import RECORD
from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.ruleutils.expressions import Printer

_SYSTEM_NAMES = {number: name for name, (number, _of) in SYSTEM_COLUMNS.items()}


def print_variable(printer: Printer, expr: Var, *, toplevel: bool = False) -> str | None:
    """Append a column; the name it was printed by, None for a whole row.

    `toplevel`: a whole row is cast to its type, for ``t.*`` alone would be spread into columns.
    """
    namespace = printer.namespaces[expr.level]
    index, attribute = expr.shown if expr.shown != (0, 0) else (expr.relation, expr.attribute)
    rte = namespace.rtes[index - 1]
    if rte.kind == "join" and rte.alias is None and attribute > 0:
        merged = rte.join_vars[attribute - 1]
        if isinstance(merged, Var):
            inner = msgspec.structs.replace(merged, level=merged.level + expr.level)
            return print_variable(printer, inner, toplevel=toplevel)
    name: str | None = None
    if attribute > 0:
        name = namespace.columns[index - 1].names.get(attribute, "?dropped?column?")
    elif attribute < 0:
        name = _SYSTEM_NAMES[attribute]
    prefix = printer.prefix or name is None
    if printer.in_order_by and not printer.in_group_by and not prefix:
        prefix = _is_output_name(printer, name or "", expr)
    table = namespace.names[index - 1]
    if table is not None and prefix:
        printer.add(f"{quote_identifier(table)}.")
    if name is not None:
        printer.add(quote_identifier(name))
    else:
        printer.add("*")
        if toplevel:
            printer.add(f"::{printer.type_text(expr.type, expr.typmod)}")
    return name


def _is_output_name(printer: Printer, name: str, expr: Var) -> bool:
    """Whether ORDER BY would take the bare name for another output column."""
    if printer.query is None:
        return False
    for at, target in enumerate(printer.query.outputs):
        shown = printer.result[at] if printer.result is not None and at < len(printer.result) else target.name
        if shown == name and target.expr != expr:
            return True
    return False


def field_name(printer: Printer, expr: FieldSelect) -> str:
    """The present name of a field of a composite value.

    Raises:
        Opaque: the value is a record whose columns can't be told.
    """
    arg = expr.arg
    catalog = printer.environment.catalog
    columns = row_columns(catalog, arg.type)
    if columns is not None:
        for column in columns:
            if column.number == expr.field:
                return quote_identifier(column.name)
        return "?dropped?column?"
    name = _of_record(printer, arg, expr.field) or expr.name
    if not name:
        raise Opaque("the fields of a record are not known")
    return quote_identifier(name)


def _of_record(printer: Printer, arg: Expr, field: int) -> str | None:
    if isinstance(arg, RowExpr):
        return f"f{field}"
    if isinstance(arg, FuncExpr) and arg.type == RECORD:
        outputs = arg.routine.outputs
        return outputs[field - 1][0] or f"column{field}" if field <= len(outputs) else None
    if isinstance(arg, Var) and arg.attribute == 0:
        columns = printer.namespaces[arg.level].columns[arg.relation - 1]
        return columns.names.get(field)
    return None
