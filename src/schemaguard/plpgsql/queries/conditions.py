"""WHERE and ON as conjuncts, each with the FROM items it uses and the keys it offers to find rows by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.plpgsql.expressions.compile import compile_node
from schemaguard.plpgsql.queries.planning import Condition, Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.plpgsql.expressions.scope import Getter, Scope
    from schemaguard.statements.statement import Node

_TEXT_TYPES = frozenset(("text", "name", "varchar"))


def conjuncts(node: Node | None, scope: Scope) -> list[Condition]:
    """The parts of a condition that must all hold."""
    return [_condition(part, scope) for part in _parts(node)]


def _parts(node: Node | None) -> Iterator[Node]:
    if node is None:
        return
    tag, fields = only(node)
    if tag == "BoolExpr" and fields["boolop"] == "AND_EXPR":
        for argument in fields["args"]:
            yield from _parts(argument)
    else:
        yield node


def tracked(node: Node, scope: Scope) -> tuple[Getter, frozenset[int]]:
    """An expression, and the FROM items of the level that it uses."""
    outer, scope.used = scope.used, set()
    try:
        get = compile_node(node, scope)
        return get, frozenset(scope.used)
    finally:
        if outer is not None:
            outer |= scope.used
        scope.used = outer


def _condition(node: Node, scope: Scope) -> Condition:
    holds, uses = tracked(node, scope)
    return Condition(holds, uses, tuple(_keys(node, scope)))


def _keys(node: Node, scope: Scope) -> Iterator[Key]:
    tag, fields = only(node)
    if tag == "SubLink":
        yield from _sublink_key(fields, scope)
    if tag != "A_Expr" or "lexpr" not in fields or strings(fields["name"])[-1] != "=":
        return
    if fields["kind"] == "AEXPR_OP":
        sides = (fields["lexpr"], fields["rexpr"])
        for column, value in (sides, sides[::-1]):
            yield from _key(column, value, scope, many=False)
    elif fields["kind"] == "AEXPR_OP_ANY":
        yield from _key(fields["lexpr"], fields["rexpr"], scope, many=True)
    elif fields["kind"] == "AEXPR_IN":
        items = {"A_ArrayExpr": {"elements": fields["rexpr"]["List"]["items"]}}
        yield from _key(fields["lexpr"], items, scope, many=True)


def _sublink_key(fields: Node, scope: Scope) -> Iterator[Key]:
    """`column IN (SELECT …)`."""
    if fields["subLinkType"] == "ANY_SUBLINK" and "operName" not in fields:
        query = {"SubLink": {**fields, "subLinkType": "ARRAY_SUBLINK"}}
        yield from _key(fields["testexpr"], query, scope, many=True)


def _key(column: Node, value: Node, scope: Scope, *, many: bool) -> Iterator[Key]:
    tag, fields = only(column)
    while tag == "TypeCast" and strings(fields["typeName"].get("names"))[-1] in _TEXT_TYPES:
        tag, fields = only(fields["arg"])
    if tag != "ColumnRef" or "String" not in fields["fields"][-1]:
        return
    found = locate(strings(fields["fields"]), scope)
    if found is not None:
        get, uses = tracked(value, scope)
        yield Key(found[0], found[1], get, uses, many)


def locate(names: list[str], scope: Scope) -> tuple[int, str] | None:
    """Index and column of the FROM item of this level that a name means."""
    if len(names) == 1:
        owners = [at for at, entry in enumerate(scope.entries) if names[0] in entry.columns]
        return (owners[0], names[0]) if len(owners) == 1 and names[0] not in scope.merged else None
    for at, entry in enumerate(scope.entries):
        if entry.name == names[-2] and names[-1] in entry.columns:
            return at, names[-1]
    return None
