"""Sub-selects in expressions, and GROUPING()."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.transform.kinds import refuse_aggregate, refuse_sublink
from schemaguard.catalog.analysis.transform.operators import make_row_comparison
from schemaguard.catalog.analysis.transform.polymorphism import array_of
from schemaguard.catalog.analysis.tree import (
    BoolExpr,
    Expr,
    GroupingFunc,
    OpExpr,
    Param,
    RowCompareExpr,
    RowExpr,
    SubLink,
    Unresolved,
)
from schemaguard.catalog.builtin.types import BOOL, INT4
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import SYNTAX_ERROR, Refused

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.query_tree import Query
    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.statements.statement import Node

_KINDS = {"EXISTS_SUBLINK": "exists", "ALL_SUBLINK": "all", "ANY_SUBLINK": "any", "ROWCOMPARE_SUBLINK": "rowcompare",
          "EXPR_SUBLINK": "expr", "ARRAY_SUBLINK": "array"}  # fmt: skip


def transform_sublink(state: ParseState, node: Node) -> Expr:
    """A SubLink of any kind.

    Raises:
        Refused: it is not allowed here, or its query has not the columns it should have.
    """
    from schemaguard.catalog.analysis.transform.expressions import transform
    from schemaguard.catalog.analysis.transform.queries import transform_query

    offset = node.get("location", -1)
    refuse_sublink(state, offset)
    state.sublinks = True
    query = transform_query(state.environment, node["subselect"], state)
    state.subqueries[id(node["subselect"])] = query
    kind = _KINDS[node["subLinkType"]]
    if kind == "exists":
        return SubLink(BOOL, kind=kind, query=query)
    if kind in ("expr", "array"):
        return _of_one_column(state, query, kind, offset)
    test = transform(state, node["testexpr"])
    left = list(test.args) if isinstance(test, RowExpr) else [test]
    outputs = query.outputs
    if len(left) != len(outputs):
        many = "many" if len(left) < len(outputs) else "few"
        raise Refused(SYNTAX_ERROR, f"subquery has too {many} columns", offset=offset)
    right = [Param(target.expr.type, target.expr.typmod, number=at) for at, target in enumerate(outputs, 1)]
    names = strings(node["operName"]) if "operName" in node else ["="]
    compared = make_row_comparison(state.environment, names, left, right)
    return _compared(compared, query, kind)


def _compared(compared: Expr, query: Query, kind: str) -> Expr:
    """The sub-select with its left-hand sides as the comparison converted them."""
    if isinstance(compared, RowCompareExpr):
        operators = (compared.operator,) * len(compared.left)
        return SubLink(BOOL, kind=kind, query=query, test=compared.left, operators=operators)
    parts = compared.args if isinstance(compared, BoolExpr) else (compared,)
    resolved = [part for part in parts if isinstance(part, OpExpr)]
    if len(resolved) < len(parts):
        reason = next(part.reason for part in parts if isinstance(part, Unresolved))
        return Unresolved(BOOL, reason=reason, args=(*parts, SubLink(BOOL, kind="exists", query=query)))
    return SubLink(
        BOOL,
        kind=kind,
        query=query,
        test=tuple(part.args[0] for part in resolved),
        operators=tuple(part.operator for part in resolved),
    )


def _of_one_column(state: ParseState, query: Query, kind: str, offset: int) -> Expr:
    outputs = query.outputs
    if len(outputs) != 1:
        raise Refused(SYNTAX_ERROR, "subquery must return only one column", offset=offset)
    expr = outputs[0].expr
    if kind == "expr":
        return SubLink(expr.type, expr.typmod, kind=kind, query=query)
    if expr.type < 0:
        return SubLink(expr.type, expr.typmod, kind=kind, query=query)
    array = array_of(state.environment, expr.type)
    if not array and expr.type:
        name = state.environment.type_text(expr.type)
        raise Refused("42704", f"could not find array type for data type {name}", offset=offset)
    return SubLink(array, expr.typmod, kind=kind, query=query)


def transform_grouping(state: ParseState, node: Node) -> Expr:
    """GROUPING(…)."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    refuse_aggregate(state, node.get("location", -1))
    state.aggregates = True
    return GroupingFunc(INT4, args=tuple(transform(state, arg) for arg in node["args"]))
