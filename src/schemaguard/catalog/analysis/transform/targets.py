"""The target list: names, `*`, types of untyped literals, where columns come from (`parse_target.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.query_tree import Target
from schemaguard.catalog.analysis.transform.coercion import coerce
from schemaguard.catalog.analysis.transform.names import column_name
from schemaguard.catalog.analysis.transform.pathways import IMPLICIT
from schemaguard.catalog.analysis.transform.records import record_columns
from schemaguard.catalog.analysis.transform.scope import ParseState, find_item, raised, refuse_missing_item
from schemaguard.catalog.analysis.tree import UNRESOLVED, Expr, FieldSelect, Unresolved, Var
from schemaguard.catalog.builtin.types import RECORD, TEXT, UNKNOWN
from schemaguard.catalog.errors import SYNTAX_ERROR, WRONG_OBJECT_TYPE, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemaguard.catalog.analysis.query_tree import Rte
    from schemaguard.statements.statement import Node


def transform_targets(state: ParseState, nodes: Sequence[Node]) -> list[Target]:
    """The targets of a SELECT, stars expanded."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    found: list[Target] = []
    for node in nodes:
        target = node["ResTarget"]
        value = target["val"]
        expanded = expand_star(state, value)
        if expanded is not None:
            found += [Target(expr, name) for name, expr in expanded]
            continue
        expr = transform(state, value)
        found.append(Target(expr, target.get("name") or column_name(state, value)))
    return found


def transform_list(state: ParseState, nodes: Sequence[Node]) -> list[Expr]:
    """A list of expressions, as in ROW() and VALUES, stars expanded."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    found: list[Expr] = []
    for node in nodes:
        expanded = expand_star(state, node)
        if expanded is None:
            found.append(transform(state, node))
        else:
            found += [expr for _name, expr in expanded]
    return found


def expand_star(state: ParseState, node: Node) -> list[tuple[str, Expr]] | None:
    """The columns that ``*``, ``t.*`` or ``(row).*`` stands for, None for any other expression.

    Raises:
        Refused: there is no such table, or the value is no row.
    """
    if (column := node.get("ColumnRef")) is not None and "A_Star" in column["fields"][-1]:
        names = [field["String"]["sval"] for field in column["fields"][:-1]]
        offset = column.get("location", -1)
        return _of_table(state, names, offset) if names else _of_all_tables(state, offset)
    if (indirection := node.get("A_Indirection")) is not None and "A_Star" in indirection["indirection"][-1]:
        return _of_row(state, indirection)
    return None


def _of_all_tables(state: ParseState, offset: int) -> list[tuple[str, Expr]]:
    found: list[tuple[str, Expr]] = []
    seen = False
    for item in state.namespace:
        if item.columns and not (item.lateral_only and not state.lateral):
            seen = True
            found += item.all_columns()
    if not seen:
        raise Refused(SYNTAX_ERROR, "SELECT * with no tables specified is not valid", offset=offset)
    return found


def _of_table(state: ParseState, names: list[str], offset: int) -> list[tuple[str, Expr]]:
    found = find_item(state, names[-1], names[-2] if len(names) > 1 else None, offset)
    if found is None:
        row = state.parameters.named(names[0]) if len(names) == 1 and state.parameters is not None else None
        if row is None:
            raise refuse_missing_item(state, names[-1], offset)
        return _fields(state, row)
    item, level = found
    return [(name, raised(expr, level)) for name, expr in item.all_columns()]


def _of_row(state: ParseState, node: Node) -> list[tuple[str, Expr]]:
    """``(expr).*``."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    rest = node["indirection"][:-1]
    inner: Node = node["arg"]
    row = transform(state, {"A_Indirection": {"arg": inner, "indirection": rest}} if rest else inner)
    if row.type == UNRESOLVED:
        return [("?column?", Unresolved(UNRESOLVED, reason="a row of unknown type is expanded", args=(row,)))]
    if isinstance(row, Var) and row.attribute == 0:
        for level, found_in in state.levels():
            for item in found_in.namespace:
                if level == row.level and item.index == row.relation:
                    return [(name, raised(expr, level)) for name, expr in item.all_columns()]
    return _fields(state, row)


def _fields(state: ParseState, row: Expr) -> list[tuple[str, Expr]]:
    """The fields of a composite value, each selected from it."""
    columns = record_columns(state, row)
    if columns is None:
        if row.type == RECORD:
            raise Refused("42601", "record type has not been registered")
        name = state.environment.type_text(row.type)
        raise Refused(WRONG_OBJECT_TYPE, f"type {name} is not composite")
    return [
        (name, FieldSelect(of, typmod, arg=row, field=number, name=name))
        for number, (name, of, typmod) in enumerate(columns, 1)
    ]


def resolve_unknown(state: ParseState, targets: Iterable[Target]) -> list[Target]:
    """The targets with untyped literals as text."""
    return [
        msgspec.structs.replace(
            target, expr=coerce(state.environment, target.expr, TEXT, -1, IMPLICIT, "implicit")
        )
        if target.expr.type == UNKNOWN
        else target
        for target in targets
    ]


def with_origins(state: ParseState, targets: Iterable[Target]) -> list[Target]:
    """The targets that are plain columns, with the table column that they come from (`markTargetListOrigins`)."""
    found: list[Target] = []
    for target in targets:
        origin = _origin(state, target.expr)
        found.append(target if origin is None else msgspec.structs.replace(target, origin=origin))
    return found


def _origin(state: ParseState, expr: Expr) -> tuple[int, int] | None:
    if not isinstance(expr, Var) or expr.attribute <= 0:
        return None
    for level, found_in in state.levels():
        if level == expr.level:
            return _origin_in(found_in, found_in.rtes[expr.relation - 1], expr.attribute)
    return None


def _origin_in(state: ParseState, rte: Rte, number: int) -> tuple[int, int] | None:
    if rte.kind == "relation":
        return rte.relation, number
    if rte.kind == "subquery" and rte.query is not None:
        outputs = rte.query.outputs
        return outputs[number - 1].origin if number <= len(outputs) else None
    if rte.kind == "cte" and not rte.recursive:
        for level, found_in in state.levels():
            if level == rte.cte_level:
                for cte in found_in.ctes:
                    if cte.name == rte.cte and number <= len(cte.query.outputs):
                        return cte.query.outputs[number - 1].origin
    return None
