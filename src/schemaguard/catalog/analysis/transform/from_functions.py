"""Functions in FROM, ROWS FROM, WITH ORDINALITY, column definition lists; XMLTABLE and JSON_TABLE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query_tree import Alias, RangeFunctionItem, Rte
from schemaguard.catalog.analysis.transform.from_clause import (
    add_entry,
    alias_of,
    named_columns,
    unresolved_entry,
)
from schemaguard.catalog.analysis.transform.names import column_name
from schemaguard.catalog.analysis.transform.records import result_columns
from schemaguard.catalog.analysis.tree import UNRESOLVED, Expr, FuncExpr, SQLValueFunction, Unresolved
from schemaguard.catalog.analysis.walk import variables
from schemaguard.catalog.builtin.types import INT8, RECORD
from schemaguard.catalog.errors import SYNTAX_ERROR, Refused

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.transform.records import Described
    from schemaguard.catalog.analysis.transform.scope import NamespaceItem, ParseState
    from schemaguard.statements.statement import Node


def add_function(state: ParseState, node: Node) -> NamespaceItem:
    """A RangeFunction: one function or ROWS FROM (…).

    Raises:
        Refused: a function does not exist, or its columns are not described.
    """
    alias = alias_of(node.get("alias"))
    calls = [item["List"]["items"] for item in node["functions"]]
    made: list[tuple[Expr, str, list[Node]]] = []
    state.lateral = True
    outer, state.kind = state.kind, "function"
    try:
        for items in calls:
            definitions = items[1]["List"]["items"] if len(items) > 1 and "List" in items[1] else []
            made += [
                (_call(state, call), column_name(state, call), definitions)
                for call in _spread_unnest(items[0], definitions)
            ]
    finally:
        state.lateral, state.kind = False, outer
    if node.get("coldeflist"):
        if len(made) > 1:
            raise Refused(
                SYNTAX_ERROR, "ROWS FROM() with multiple functions cannot have a column definition list"
            )
        made = [(made[0][0], made[0][1], node["coldeflist"])]
    lateral = bool(node.get("lateral")) or any(any(variables(call)) for call, _name, _definitions in made)
    return _entry(state, made, alias, lateral=lateral, ordinality=bool(node.get("ordinality")))


def _spread_unnest(call: Node, definitions: list[Node]) -> list[Node]:
    """``unnest(a, b)`` in FROM is one unnest for each array."""
    function = call.get("FuncCall", {})
    args = function.get("args", ())
    names = function.get("funcname", ())
    plain = not any(
        key in function for key in ("agg_order", "agg_filter", "over", "agg_star", "agg_distinct")
    )
    if (
        not (len(names) == 1 and names[0]["String"]["sval"] == "unnest" and len(args) > 1 and plain)
        or definitions
    ):
        return [call]
    full = [{"String": {"sval": "pg_catalog"}}, {"String": {"sval": "unnest"}}]
    return [
        {"FuncCall": {"funcname": full, "args": [arg], "funcformat": "COERCE_EXPLICIT_CALL"}} for arg in args
    ]


def _call(state: ParseState, node: Node) -> Expr:
    from schemaguard.catalog.analysis.transform.expressions import transform

    return transform(state, node)


def _entry(
    state: ParseState,
    made: list[tuple[Expr, str, list[Node]]],
    alias: Alias | None,
    *,
    lateral: bool,
    ordinality: bool,
) -> NamespaceItem:
    described: Described = []
    items: list[RangeFunctionItem] = []
    for call, name, definitions in made:
        if isinstance(call, Unresolved) and call.type == UNRESOLVED and not definitions:
            args = tuple(one for one, _name, _definitions in made)
            return unresolved_entry(state, alias.name if alias else name, alias, call.reason, args)
        columns, own = _columns(state, call, name, definitions, alias, alone=len(made) == 1)
        items.append(RangeFunctionItem(call, len(columns), tuple(own)))
        described += columns
    if ordinality:
        described.append(("ordinality", INT8, -1))
    name = alias.name if alias else made[0][1]
    rte = Rte(
        kind="function",
        name=name,
        alias=alias,
        columns=named_columns([column for column, _of, _typmod in described], alias, name),
        types=tuple(of for _column, of, _typmod in described),
        typmods=tuple(typmod for _column, _of, typmod in described),
        functions=tuple(items),
        ordinality=ordinality,
        lateral=lateral,
    )
    return add_entry(state, rte)


def _columns(
    state: ParseState, call: Expr, name: str, definitions: list[Node], alias: Alias | None, *, alone: bool
) -> tuple[Described, Described]:
    """The columns of one function, and those of its column definition list."""
    found = result_columns(state.environment, call) if isinstance(call, FuncExpr) else None
    if definitions:
        if call.type not in (RECORD, UNRESOLVED) and state.environment.info(call.type).relation:
            raise Refused(
                SYNTAX_ERROR,
                "a column definition list is redundant for a function returning a named composite type",
            )
        if call.type not in (RECORD, UNRESOLVED):
            raise Refused(
                SYNTAX_ERROR, 'a column definition list is only allowed for functions returning "record"'
            )
        if found is not None and call.type == RECORD:
            raise Refused(
                SYNTAX_ERROR, "a column definition list is redundant for a function with OUT parameters"
            )
        own = [_definition(state, item["ColumnDef"]) for item in definitions]
        return own, own
    if found is not None:
        return found, []
    if call.type == RECORD:
        raise Refused(SYNTAX_ERROR, 'a column definition list is required for functions returning "record"')
    info = state.environment.info(call.type)
    if (
        info.kind == "p"
        and not isinstance(call, SQLValueFunction)
        and state.environment.type_text(call.type) != "void"
    ):
        shown = state.environment.type_text(call.type)
        raise Refused("42804", f'function "{name}" in FROM has unsupported return type {shown}')
    return [(_scalar_name(call, name, alias, alone=alone), call.type, call.typmod)], []


def _definition(state: ParseState, node: Node) -> tuple[str, int, int]:
    number, typmod = state.environment.type(node["typeName"])
    return node["colname"], number, typmod


def _scalar_name(call: Expr, name: str, alias: Alias | None, *, alone: bool) -> str:
    """The name of a scalar function's column (`chooseScalarFunctionAlias`)."""
    if isinstance(call, FuncExpr) and len(call.routine.outputs) == 1 and call.routine.outputs[0][0]:
        return call.routine.outputs[0][0]
    if alone and alias is not None:
        return alias.name
    return name


def add_table_function(state: ParseState, tag: str, node: Node) -> NamespaceItem:
    """XMLTABLE or JSON_TABLE: the columns are described, the text is not attempted."""
    alias = alias_of(node.get("alias"))
    described: Described = []
    for item in node.get("columns", ()):
        column = item.get("RangeTableFuncCol") or item.get("JsonTableColumn") or {}
        name = column.get("colname") or column.get("name", "")
        if column.get("for_ordinality") or column.get("coltype") == "JTC_FOR_ORDINALITY":
            described.append((name, 23, -1))
        elif "typeName" in column:
            described.append((name, *state.environment.type(column["typeName"])))
    name = alias.name if alias else {"RangeTableFunc": "xmltable"}.get(tag, "json_table")
    operands = _operands(state, node)
    rte = Rte(
        kind="other",
        name=name,
        alias=alias,
        columns=named_columns([column for column, _of, _typmod in described], alias, name),
        types=tuple(of for _column, of, _typmod in described),
        typmods=tuple(typmod for _column, _of, typmod in described),
        rows=((Unresolved(0, reason=f"{name.upper()} is not printed", args=operands),),),
        lateral=True,
    )
    return add_entry(state, rte)


def _operands(state: ParseState, node: Node) -> tuple[Expr, ...]:
    from schemaguard.catalog.analysis.transform.expressions import transform

    state.lateral = True
    try:
        found = [transform(state, node[key]) for key in ("docexpr", "rowexpr") if key in node]
        context = node.get("context_item", {}).get("raw_expr")
        if context is not None:
            found.append(transform(state, context))
    finally:
        state.lateral = False
    return tuple(found)
