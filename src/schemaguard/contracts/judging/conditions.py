"""Conditions in one form, so that `a IN (1, 2)` and `a = ANY (ARRAY[2, 1])` are the same to a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import constant, only, strings
from schemaguard.contracts.judging.bounds import FLIPPED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemaguard.statements.statement import Node

_NOISE = frozenset(("location", "stmt_location", "stmt_len", "parenthesized"))


def conjuncts(node: Node, names: Mapping[str, str]) -> Iterator[Any]:
    """The parts of a condition that all hold, each as a value to compare; `names` are what columns are called now."""
    tag, fields = only(node)
    if tag == "BoolExpr" and fields["boolop"] == "AND_EXPR":
        for argument in fields["args"]:
            yield from conjuncts(argument, names)
    elif tag == "A_Expr" and fields["kind"] == "AEXPR_BETWEEN":
        low, high = fields["rexpr"]["List"]["items"]
        yield _comparison(fields["lexpr"], ">=", low, names)
        yield _comparison(fields["lexpr"], "<=", high, names)
    else:
        yield _form(node, names)


def _comparison(left: Node, operator: str, right: Node, names: Mapping[str, str]) -> Any:  # noqa: ANN401
    one, other = _form(left, names), _form(right, names)
    if one[0] == "constant" and other[0] != "constant" and operator in FLIPPED:
        one, other, operator = other, one, FLIPPED[operator]
    return ("operator", operator, one, other)


def _form(node: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - any part of a tree; one for each kind
    if isinstance(node, list):
        return tuple(_form(each, names) for each in node)
    if not isinstance(node, dict):
        return node
    if len(node) != 1 or not isinstance(next(iter(node.values())), dict):
        return tuple(sorted((key, _form(value, names)) for key, value in node.items() if key not in _NOISE))
    tag, fields = only(node)
    if tag in ("TypeCast", "CollateClause"):
        return _form(fields["arg"], names)
    if tag == "A_Const":
        value = constant(fields)
        return ("constant", str(value).lower() if isinstance(value, bool) else str(value))
    if tag == "ColumnRef" and "String" in fields["fields"][-1]:
        name = strings(fields["fields"][-1:])[0]
        return ("column", names.get(name, name))
    if tag == "BoolExpr":
        return (fields["boolop"], frozenset(_form(each, names) for each in fields["args"]))
    if tag == "A_Expr":
        return _operator(fields, names)
    return (tag, _form({**fields, "": ""}, names))


def _operator(fields: Node, names: Mapping[str, str]) -> Any:  # noqa: ANN401
    operator = strings(fields["name"])[-1]
    if "lexpr" not in fields:
        return ("operator", operator, _form(fields["rexpr"], names))
    if fields["kind"] == "AEXPR_IN":
        values = fields["rexpr"]["List"]["items"]
        return ("in", operator, _form(fields["lexpr"], names), _set(values, names))
    if fields["kind"] == "AEXPR_OP_ANY":
        inner, array = only(fields["rexpr"])
        while inner == "TypeCast":
            inner, array = only(array["arg"])
        if inner == "A_ArrayExpr":
            return ("in", operator, _form(fields["lexpr"], names), _set(array.get("elements") or [], names))
    if fields["kind"] == "AEXPR_OP":
        return _comparison(fields["lexpr"], operator, fields["rexpr"], names)
    return (fields["kind"], operator, _form(fields["lexpr"], names), _form(fields["rexpr"], names))


def _set(nodes: list[Node], names: Mapping[str, str]) -> frozenset[Any]:
    return frozenset(_form(each, names) for each in nodes)
