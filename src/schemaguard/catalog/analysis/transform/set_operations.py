"""UNION, INTERSECT and EXCEPT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.query_tree import Query, RangeRef, Rte, SetOperation, SortGroup, Target
from schemaguard.catalog.analysis.transform.coercion import coerce_to_common
from schemaguard.catalog.analysis.transform.common_type import common_typmod, select_common_type
from schemaguard.catalog.analysis.transform.grouping import require_equality, sort_clause
from schemaguard.catalog.analysis.transform.scope import NamespaceItem, ParseState
from schemaguard.catalog.analysis.tree import UNRESOLVED, Const, Expr, Var
from schemaguard.catalog.builtin.types import UNKNOWN
from schemaguard.catalog.errors import FEATURE_NOT_SUPPORTED, SYNTAX_ERROR, Refused

if TYPE_CHECKING:
    from schemaguard.statements.statement import Node

_OPERATIONS = {"SETOP_UNION": "UNION", "SETOP_INTERSECT": "INTERSECT", "SETOP_EXCEPT": "EXCEPT"}


def transform_set_operation(state: ParseState, node: Node, *, recursive: bool) -> Query:
    """A tree of set operations as one query: each leaf is a subquery of its range table.

    Raises:
        Refused: the leaves differ in their columns, or ORDER BY is not on a column of the result.
    """
    from schemaguard.catalog.analysis.transform.queries import limit_value

    if "lockingClause" in node:
        raise Refused(FEATURE_NOT_SUPPORTED, "FOR UPDATE is not allowed with UNION/INTERSECT/EXCEPT")
    plain = {key: value for key, value in node.items() if key in ("op", "all", "larg", "rarg")}
    tree, _columns = _operate(state, plain, top=True)
    leftmost = _leftmost(tree)
    first = state.rtes[leftmost - 1].query
    names = [target.name for target in first.outputs] if first is not None else []
    if not isinstance(tree, SetOperation):
        raise TypeError(tree)
    state.targets = [
        Target(Var(of, typmod, relation=leftmost, attribute=at), name)
        for at, (of, typmod, name) in enumerate(zip(tree.types, tree.typmods, names, strict=True), 1)
    ]
    sort = _sorted(state, node)
    return Query(
        targets=tuple(state.targets),
        rtes=tuple(state.rtes),
        set_operations=tree,
        sort=sort,
        offset=limit_value(state, node.get("limitOffset"), "OFFSET"),
        limit=limit_value(state, node.get("limitCount"), "LIMIT"),
        with_ties=node.get("limitOption") == "LIMIT_OPTION_WITH_TIES",
        ctes=tuple(state.ctes),
        recursive=recursive,
    )


def _sorted(state: ParseState, node: Node) -> tuple[SortGroup, ...]:
    """ORDER BY of a set operation: only its output columns can be named."""
    if "sortClause" not in node:
        return ()
    rte = Rte(
        kind="join",
        name="*SELECT*",
        columns=tuple(target.name or "" for target in state.targets),
        types=tuple(target.expr.type for target in state.targets),
        typmods=tuple(target.expr.typmod for target in state.targets),
    )
    item = NamespaceItem(0, rte, list(rte.columns), [target.expr for target in state.targets])
    item.tables = False
    state.namespace = [item]
    before = len(state.targets)
    found = sort_clause(state, node["sortClause"], kind="order")
    if len(state.targets) > before:
        raise Refused(
            FEATURE_NOT_SUPPORTED,
            "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
            detail="Only result column names can be used, not expressions or functions.",
        )
    state.namespace = []
    return found


def _leftmost(tree: SetOperation | RangeRef) -> int:
    while isinstance(tree, SetOperation):
        tree = tree.left
    return tree.index


def _operate(
    state: ParseState, node: Node, *, top: bool = False
) -> tuple[SetOperation | RangeRef, list[Expr]]:
    """A node of the tree, and its columns as expressions: those of a leaf decide how literals are read."""
    leaf = node.get("op", "SETOP_NONE") == "SETOP_NONE" or any(
        clause in node
        for clause in ("sortClause", "limitCount", "limitOffset", "lockingClause", "withClause")
    )
    if leaf and not top:
        return _leaf(state, node)
    operation = _OPERATIONS[node["op"]]
    left, left_columns = _operate(state, node["larg"])
    if top:
        _determine_recursive_columns(state, left, left_columns)
    right, right_columns = _operate(state, node["rarg"])
    if len(left_columns) != len(right_columns):
        raise Refused(SYNTAX_ERROR, f"each {operation} query must have the same number of columns")
    columns = [
        _common_column(state, operation, pair, (left, right), at)
        for at, pair in enumerate(zip(left_columns, right_columns, strict=True))
    ]
    if not (node.get("all") and operation == "UNION"):
        for column in columns:
            require_equality(state, column)
    types = tuple(column.type for column in columns)
    typmods = tuple(column.typmod for column in columns)
    return SetOperation(operation, bool(node.get("all")), left, right, types, typmods), columns


def _leaf(state: ParseState, node: Node) -> tuple[RangeRef, list[Expr]]:
    """A SELECT of the tree as a subquery; it sees nothing of the other leaves."""
    from schemaguard.catalog.analysis.transform.queries import transform_select

    inner = ParseState(state.environment, state)
    inner.keep_unknown = True
    query = transform_select(inner, node)
    outputs = query.outputs
    index = len(state.rtes) + 1
    rte = Rte(
        kind="subquery",
        name=f"*SELECT* {index}",
        columns=tuple(target.name or "?column?" for target in outputs),
        types=tuple(target.expr.type for target in outputs),
        typmods=tuple(target.expr.typmod for target in outputs),
        query=query,
        in_from=False,
    )
    state.add(rte)
    return RangeRef(index), [target.expr for target in outputs]


def _common_column(
    state: ParseState,
    operation: str,
    pair: tuple[Expr, Expr],
    sides: tuple[SetOperation | RangeRef, SetOperation | RangeRef],
    at: int,
) -> Expr:
    """One column of the result; literals of the leaves become what it is.

    Raises:
        Refused: there is no common type.
    """
    environment = state.environment
    common = select_common_type(environment, list(pair), operation)
    if common == UNRESOLVED:
        return Const(UNRESOLVED, value=None)
    for expr, side in zip(pair, sides, strict=True):
        if expr.type != UNKNOWN:
            coerce_to_common(environment, expr, common, operation)
        elif isinstance(expr, Const) and isinstance(side, RangeRef):
            _retype(state, side.index, at, coerce_to_common(environment, expr, common, operation))
    typmod = common_typmod(list(pair), common)
    return Const(common, typmod, value=None)


def _retype(state: ParseState, index: int, at: int, expr: Expr) -> None:
    """Put another expression into a leaf's target."""
    rte = state.rtes[index - 1]
    query = rte.query
    if query is None:
        raise TypeError(rte)
    visible = -1
    targets = list(query.targets)
    for position, target in enumerate(targets):
        visible += not target.junk
        if visible == at and not target.junk:
            targets[position] = msgspec.structs.replace(target, expr=expr)
            break
    types = list(rte.types)
    types[at] = expr.type
    state.rtes[index - 1] = msgspec.structs.replace(
        rte, query=msgspec.structs.replace(query, targets=tuple(targets)), types=tuple(types)
    )


def _determine_recursive_columns(
    state: ParseState, left: SetOperation | RangeRef, columns: list[Expr]
) -> None:
    """Tell a WITH RECURSIVE query, once its first part is known, what its own columns are."""
    from schemaguard.catalog.analysis.transform.coercion import coerce
    from schemaguard.catalog.analysis.transform.pathways import IMPLICIT
    from schemaguard.catalog.builtin.types import TEXT

    pending = state.recursive_columns
    if pending is None:
        return
    for at, column in enumerate(columns):
        if column.type == UNKNOWN and isinstance(left, RangeRef):
            columns[at] = coerce(state.environment, column, TEXT, -1, IMPLICIT, "implicit")
            _retype(state, left.index, at, columns[at])
    first = state.rtes[_leftmost(left) - 1]
    pending([Target(column, name) for column, name in zip(columns, first.columns, strict=True)])
