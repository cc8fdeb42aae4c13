"""Column references: which column, table, field or parameter a dotted name means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.transform.kinds import refuse_system_column
from schemaguard.catalog.analysis.transform.scope import (
    ParseState,
    find_column,
    find_item,
    raised,
    refuse_missing_item,
    whole_row,
)
from schemaguard.catalog.analysis.tree import UNRESOLVED, Expr, FieldSelect, Unresolved, Var
from schemaguard.catalog.analysis.type_info import row_columns
from schemaguard.catalog.builtin.types import RECORD
from schemaguard.catalog.errors import (
    FEATURE_NOT_SUPPORTED,
    SYNTAX_ERROR,
    UNDEFINED_COLUMN,
    WRONG_OBJECT_TYPE,
    Refused,
)

if TYPE_CHECKING:
    from schemaguard.statements.statement import Node

_WITHOUT_COLUMNS = {
    "default": "cannot use column reference in DEFAULT expression",
    "bound": "cannot use column reference in partition bound expression",
}


def transform_column(state: ParseState, node: Node) -> Expr:
    """A ColumnRef as a column, a whole row, a field, VALUE or a parameter.

    Raises:
        Refused: it means nothing, or several things.
    """
    fields = node["fields"]
    offset = node.get("location", -1)
    if state.kind in _WITHOUT_COLUMNS:
        raise Refused(FEATURE_NOT_SUPPORTED, _WITHOUT_COLUMNS[state.kind], offset=offset)
    if "A_Star" in fields[-1]:
        names = [field["String"]["sval"] for field in fields[:-1]]
        return _whole_row_named(state, names, offset)
    names = [field["String"]["sval"] for field in fields]
    if len(names) == 1:
        return _bare(state, names[0], offset)
    if len(names) > 3:
        database = state.environment.catalog.facts["database"]
        if len(names) > 4:
            raise Refused(
                SYNTAX_ERROR,
                f"improper qualified name (too many dotted names): {'.'.join(names)}",
                offset=offset,
            )
        if names[0] != database:
            raise Refused(
                FEATURE_NOT_SUPPORTED,
                f"cross-database references are not implemented: {'.'.join(names)}",
                offset=offset,
            )
        names = names[1:]
    return _qualified(state, names, offset)


def _bare(state: ParseState, name: str, offset: int) -> Expr:
    if state.value is not None and name == "value":
        return state.value
    found = find_column(state, name, offset)
    if found is None and state.parameters is not None:
        found = state.parameters.named(name)
    if found is not None:
        if isinstance(found, Var) and found.attribute < 0:
            refuse_system_column(state, name, offset)
        return found
    item = find_item(state, name, None, offset)
    if item is not None:
        return whole_row(state, *item)
    raise Refused(UNDEFINED_COLUMN, f'column "{name}" does not exist', offset=offset)


def _qualified(state: ParseState, names: list[str], offset: int) -> Expr:
    schema, table, column = (names[0], names[1], names[2]) if len(names) == 3 else (None, names[0], names[1])
    found = find_item(state, table, schema, offset)
    if found is None:
        parameter = _of_parameter(state, names)
        if parameter is not None:
            return parameter
        raise refuse_missing_item(state, table, offset)
    item, level = found
    expr = item.find(column)
    if expr is not None:
        if isinstance(expr, Var) and expr.attribute < 0:
            refuse_system_column(state, column, offset)
        return raised(expr, level)
    from schemaguard.catalog.analysis.transform.functions import call_on_row

    return call_on_row(
        state,
        column,
        whole_row(state, item, level),
        Refused(UNDEFINED_COLUMN, f"column {table}.{column} does not exist", offset=offset),
    )


def _of_parameter(state: ParseState, names: list[str]) -> Expr | None:
    """function.parameter, parameter.field or function.parameter.field (`sql_fn_post_column_ref`)."""
    if state.parameters is None:
        return None
    whole: Expr | None = state.parameters.qualified(names[0], names[1])
    if whole is not None:
        return whole if len(names) == 2 else select_field(state, whole, names[2])
    row: Expr | None = state.parameters.named(names[0]) if len(names) == 2 else None
    return select_field(state, row, names[1]) if row is not None else None


def _whole_row_named(state: ParseState, names: list[str], offset: int) -> Expr:
    if not names:
        raise Refused(SYNTAX_ERROR, 'row expansion via "*" is not supported here', offset=offset)
    found = find_item(state, names[-1], names[-2] if len(names) > 1 else None, offset)
    if found is None and len(names) == 1 and state.parameters is not None:
        row: Expr | None = state.parameters.named(names[0])
        if row is not None:
            return row
    if found is None:
        raise refuse_missing_item(state, names[-1], offset)
    return whole_row(state, *found)


def select_field(state: ParseState, arg: Expr, name: str) -> Expr | None:
    """The field of that name of a composite value, None if its type has none (`ParseComplexProjection`).

    Raises:
        Refused: the value is no row.
    """
    if arg.type == UNRESOLVED:
        return Unresolved(UNRESOLVED, reason=getattr(arg, "reason", "its type is not known"), args=(arg,))
    if isinstance(arg, Var) and arg.attribute == 0:
        direct = _field_of_row(state, arg, name)
        if direct is not None:
            return direct
    if arg.type == RECORD:
        return _field_of_record(state, arg, name)
    columns = row_columns(state.environment.catalog, arg.type)
    for column in columns or ():
        if column.name == name:
            of = column.type
            return FieldSelect(-of.oid if of.array else of.oid, of.typmod, arg=arg, field=column.number)
    return None


def _field_of_row(state: ParseState, row: Var, name: str) -> Expr | None:
    """``(t).a`` is just ``t.a``."""
    for level, found_in in state.levels():
        if level == row.level:
            for item in found_in.namespace:
                if item.index == row.relation:
                    found = item.find(name)
                    return raised(found, level) if found is not None else None
    return None


def _field_of_record(state: ParseState, arg: Expr, name: str) -> Expr | None:
    """A field of a record whose columns the query itself tells."""
    from schemaguard.catalog.analysis.transform.records import record_columns

    for number, (column, of, typmod) in enumerate(record_columns(state, arg) or (), 1):
        if column == name:
            return FieldSelect(of, typmod, arg=arg, field=number, name=name)
    return None


def refuse_no_field(state: ParseState, arg: Expr, name: str, offset: int = -1) -> Refused:
    """The server's answer to a field that a value does not have (`unknown_attribute`)."""
    if arg.type == RECORD:
        return Refused(
            UNDEFINED_COLUMN, f'could not identify column "{name}" in record data type', offset=offset
        )
    shown = state.environment.type_text(arg.type)
    if state.environment.info(arg.type).relation:
        return Refused(UNDEFINED_COLUMN, f'column "{name}" not found in data type {shown}', offset=offset)
    return Refused(
        WRONG_OBJECT_TYPE,
        f"column notation .{name} applied to type {shown}, which is not a composite type",
        offset=offset,
    )
