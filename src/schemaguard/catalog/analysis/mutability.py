"""Whether an expression may give another result at another time (`contain_mutable_functions_after_planning`).

The server looks at what it would run: calls of SQL functions that are one plain expression count as that expression,
whatever the function is declared to be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis import tree as t
from schemaguard.catalog.analysis.transform.pathways import EXPLICIT, find_pathway
from schemaguard.catalog.analysis.transform.scope import ParseState
from schemaguard.catalog.analysis.walk import nodes
from schemaguard.catalog.builtin.types import TEXT, UNKNOWN
from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.catalog.model import Function

if TYPE_CHECKING:
    import msgspec

    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.statements.statement import Node

STABLE_OUTPUT = frozenset((
    24, 790, 1033, 1082, 1114, 1184, 1186, 2202, 2203, 2204, 2205, 2206, 2249, 3734, 3769, 4089, 4096, 4191,
))  # fmt: skip
"""Types whose text depends on settings or on other rows: dates, money, names of objects."""

STABLE_INPUT = STABLE_OUTPUT | {142, 1083, 1266}
"""Types whose text is read by settings or other rows: also xml and the times."""

_AS_MUTABLE_AS_TEXT = frozenset(("textanycat", "anytextcat", "quote_literal", "quote_nullable"))
"""PostgreSQL's own stable functions that are plain expressions: their argument made text."""

_STRICT = (t.OpExpr, t.RelabelType, t.CoerceViaIO, t.ArrayCoerceExpr, t.Param, t.Const, t.FuncExpr)
MAX_DEPTH = 10


def is_mutable(environment: Environment, tree: msgspec.Struct, depth: int = 0) -> bool:
    """Whether an expression, sub-selects included, calls anything that is not immutable."""
    return any(_node_is_mutable(environment, node, depth) for node in nodes(tree))


def _node_is_mutable(environment: Environment, node: msgspec.Struct, depth: int) -> bool:
    """Whether the node itself, its operands apart, may give another result."""
    if isinstance(node, t.FuncExpr):
        return node.routine.volatility != "i" and _call_is_mutable(environment, node, depth)
    if isinstance(node, (t.Aggref, t.WindowFunc)):
        return node.routine.volatility != "i"
    if isinstance(node, t.OpExpr) and node.operator.function in _AS_MUTABLE_AS_TEXT:
        return any(_cast_to_text_is_mutable(environment, arg.type) for arg in node.args)
    if isinstance(node, (t.OpExpr, t.ScalarArrayOpExpr, t.RowCompareExpr)):
        return node.operator.volatility != "i"
    if isinstance(node, t.CoerceViaIO):
        return _is_stable(environment, node.arg.type, STABLE_OUTPUT) or (
            environment.info(node.type).kind == "d" or _is_stable(environment, node.type, STABLE_INPUT)
        )
    return isinstance(node, (t.SQLValueFunction, t.SubLink))


def _is_stable(environment: Environment, number: int, stable: frozenset[int]) -> bool:
    """Whether a type's input or output is only stable; that of containers and enums always is."""
    info = environment.info(environment.base(number))
    return bool(info.element) or info.kind in "ecrm" or info.number in stable


def _cast_to_text_is_mutable(environment: Environment, number: int) -> bool:
    if number in (TEXT, UNKNOWN):
        return False
    pathway = find_pathway(environment, TEXT, number, EXPLICIT)
    return pathway is not None and pathway.kind == "io" and _is_stable(environment, number, STABLE_OUTPUT)


def _call_is_mutable(environment: Environment, call: t.FuncExpr, depth: int) -> bool:
    """Whether a call of a function that is not declared immutable is mutable all the same."""
    if not call.routine.oid or call.routine.name in _AS_MUTABLE_AS_TEXT:
        return (
            any(_cast_to_text_is_mutable(environment, arg.type) for arg in call.args) or not call.routine.oid
        )
    function = environment.catalog.objects.get(call.routine.oid)
    if not isinstance(function, Function) or depth > MAX_DEPTH:
        return True
    body = _inlined(environment, function)
    if body is None or (function.strict and not _is_strict(body, len(function.inputs))):
        return True
    return is_mutable(environment, body, depth + 1)


def _inlined(environment: Environment, function: Function) -> t.Expr | None:
    """The expression that a function's whole body is, None where it is anything else (`inline_function`)."""
    from schemaguard.catalog.analysis.query import Parameters
    from schemaguard.catalog.analysis.transform.expressions import transform

    plain = function.language == "sql" and function.kind == "f" and not function.returns_set
    if not plain or function.security_definer or function.config:
        return None
    node = _only_expression(function)
    if node is None:
        return None
    state = ParseState(environment)
    names = [argument.name for argument in function.inputs]
    state.parameters = Parameters([argument.type for argument in function.inputs], names, function.name)
    try:
        return transform(state, node)
    except (Refused, Opaque):
        return None


def _only_expression(function: Function) -> Node | None:
    from schemaguard.statements.fragments import only_expression

    if not function.body_nodes:
        return only_expression(function.body)
    if len(function.body_nodes) == 1:
        found: Node | None = function.body_nodes[0].get("ReturnStmt", {}).get("returnval")
        return found
    return None


def _is_strict(body: t.Expr, parameters: int) -> bool:
    """Whether a function's expression is NULL as soon as one of its parameters is."""
    used: set[int] = set()
    for node in nodes(body):
        if not isinstance(node, _STRICT) or (
            isinstance(node, t.FuncExpr) and "s" not in node.routine.flags[1:]
        ):
            return False
        if isinstance(node, t.Param):
            used.add(node.number)
    return len(used) == parameters
