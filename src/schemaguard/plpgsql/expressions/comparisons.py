"""Operators and the forms of comparison that SQL has beside them: IN, ANY, BETWEEN, LIKE, IS DISTINCT FROM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import strings
from schemaguard.plpgsql.expressions.json_operators import flat
from schemaguard.plpgsql.expressions.operators import OPERATORS, compare, concatenate, equal
from schemaguard.plpgsql.expressions.patterns import like
from schemaguard.plpgsql.values.casts import read_array
from schemaguard.plpgsql.values.kinds import Interval, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.expressions.operators import Operator
    from schemaguard.plpgsql.expressions.scope import Env, Getter, Scope
    from schemaguard.statements.statement import Node


def _compile(node: Node, scope: Scope) -> Getter:
    from schemaguard.plpgsql.expressions.compile import compile_node

    return compile_node(node, scope)


def _unknown(reason: str) -> Getter:
    value = Unknown(reason)
    return lambda _env: value


def compile_operator(fields: Node, scope: Scope) -> Getter:
    """An A_Expr, by its kind."""
    compiler = _FORMS.get(fields["kind"])
    return (
        _unknown(f"{fields['kind']} is not evaluated here") if compiler is None else compiler(fields, scope)
    )


def _plain_operator(fields: Node, scope: Scope) -> Getter:
    name = strings(fields["name"])[-1]
    context = scope.context
    if "lexpr" not in fields:
        return _prefix(name, _compile(fields["rexpr"], scope))
    left, right = _compile(fields["lexpr"], scope), _compile(fields["rexpr"], scope)
    operator = OPERATORS.get(name)
    if operator is None:
        return _unknown(f"the operator `{name}` is not evaluated here")
    return strict(operator, left, right, context)


def strict(operator: Operator, left: Getter, right: Getter, context: Context) -> Getter:
    """The operator on known values; NULL where one is NULL, unknown where one is unknown."""

    def run(env: Env) -> Value:
        one, other = left(env), right(env)
        if one is None or other is None:
            if operator is concatenate and isinstance(other if one is None else one, list):
                # The type of the NULL decides whether it is an element, and types are not kept here.
                return Unknown("`||` of an array and NULL is not evaluated here")
            return None
        if isinstance(one, Unknown):
            return one
        return other if isinstance(other, Unknown) else operator(one, other, context)

    return run


def _prefix(name: str, get: Getter) -> Getter:
    def run(env: Env) -> Value:
        value = get(env)
        if value is None or isinstance(value, Unknown):
            return value
        if isinstance(value, Interval):
            return Interval(*(-part for part in value))
        return -value if name == "-" else abs(value) if name == "@" else ~value if name == "~" else value

    return run


def _like(fields: Node, scope: Scope) -> Getter:
    name = strings(fields["name"])[-1]
    pattern = fields["rexpr"]
    call = pattern.get("FuncCall")
    if call is None or strings(call["funcname"])[-1] != "like_escape":
        return _plain_operator(fields, scope)
    text, given, escape = (_compile(item, scope) for item in (fields["lexpr"], *call["args"]))
    negate, fold = name.startswith("!"), name.endswith("*")

    def run(env: Env) -> Value:
        values = [text(env), given(env), escape(env)]
        for value in values:
            if value is None or isinstance(value, Unknown):
                return value
        return like(*(str(item) for item in values[:2]), fold=fold, escape=str(values[2])) != negate

    return run


def _in(fields: Node, scope: Scope) -> Getter:
    left = _compile(fields["lexpr"], scope)
    items = [_compile(item, scope) for item in fields["rexpr"]["List"]["items"]]
    negate = strings(fields["name"])[-1] == "<>"
    context = scope.context

    def run(env: Env) -> Value:
        return any_equal(left(env), (get(env) for get in items), context, negate=negate)

    return run


def any_equal(value: Value, items: Any, context: Context, *, negate: bool = False) -> Value:  # noqa: ANN401 - values
    """`value IN (items)`, with `negate` NOT IN."""
    if value is None or isinstance(value, Unknown):
        return value
    verdict: Value = False
    for item in items:
        if item is None or isinstance(item, Unknown):
            verdict = verdict if isinstance(verdict, Unknown) else item
            continue
        found = equal(value, item, context)
        if found is True:
            return not negate
        if found is not False and not isinstance(verdict, Unknown):
            verdict = found
    return negate if verdict is False else verdict


def _quantified(fields: Node, scope: Scope) -> Getter:
    left, right = _compile(fields["lexpr"], scope), _compile(fields["rexpr"], scope)
    every = fields["kind"] == "AEXPR_OP_ALL"
    operator = OPERATORS.get(strings(fields["name"])[-1])
    if operator is None:
        return _unknown(f"the operator `{strings(fields['name'])[-1]}` is not evaluated here")
    context = scope.context

    def run(env: Env) -> Value:
        value, items = left(env), right(env)
        if items is None or isinstance(items, Unknown):
            return items
        items = read_array(items) if isinstance(items, str) else items
        return quantify(value, flat(items), operator, context, every=every)

    return run


def quantify(value: Value, items: Any, operator: Operator, context: Context, *, every: bool) -> Value:  # noqa: ANN401
    """`value operator ANY (items)`, with `every` ALL."""
    verdict: Value = every
    for item in items:
        if value is None or item is None:
            found: Value = None
        elif isinstance(value, Unknown) or isinstance(item, Unknown):
            found = value if isinstance(value, Unknown) else item
        else:
            found = operator(value, item, context)
        if found is (not every):
            return found
        if found is not every and not isinstance(verdict, Unknown):
            verdict = found
    return verdict


def _distinct(fields: Node, scope: Scope) -> Getter:
    left, right = _compile(fields["lexpr"], scope), _compile(fields["rexpr"], scope)
    negate = fields["kind"] == "AEXPR_NOT_DISTINCT"
    context = scope.context

    def run(env: Env) -> Value:
        one, other = left(env), right(env)
        for value in (one, other):
            if isinstance(value, Unknown):
                return value
        if one is None or other is None:
            return (one is not other) != negate
        found = equal(one, other, context)
        return found if isinstance(found, Unknown) else (found is not True) != negate

    return run


def _nullif(fields: Node, scope: Scope) -> Getter:
    left, right = _compile(fields["lexpr"], scope), _compile(fields["rexpr"], scope)
    context = scope.context

    def run(env: Env) -> Value:
        one, other = left(env), right(env)
        if one is None or other is None or isinstance(one, Unknown):
            return one
        found = other if isinstance(other, Unknown) else equal(one, other, context)
        return found if isinstance(found, Unknown) else None if found else one

    return run


def _between(fields: Node, scope: Scope) -> Getter:
    value = _compile(fields["lexpr"], scope)
    low, high = (_compile(item, scope) for item in fields["rexpr"]["List"]["items"])
    context, kind = scope.context, fields["kind"]

    def run(env: Env) -> Value:
        values = (value(env), low(env), high(env))
        for item in values:
            if item is None or isinstance(item, Unknown):
                return item
        given, first, last = values
        if kind.endswith("_SYM") and compare(first, last, context) == 1:
            first, last = last, first
        orders = compare(given, first, context), compare(given, last, context)
        for order in orders:
            if isinstance(order, Unknown):
                return order
        return (orders[0] >= 0 and orders[1] <= 0) != ("NOT" in kind)

    return run


_FORMS: dict[str, Callable[[Node, Scope], Getter]] = {
    "AEXPR_OP": _plain_operator,
    "AEXPR_OP_ANY": _quantified,
    "AEXPR_OP_ALL": _quantified,
    "AEXPR_DISTINCT": _distinct,
    "AEXPR_NOT_DISTINCT": _distinct,
    "AEXPR_NULLIF": _nullif,
    "AEXPR_IN": _in,
    "AEXPR_LIKE": _like,
    "AEXPR_ILIKE": _like,
    "AEXPR_SIMILAR": _plain_operator,
    "AEXPR_BETWEEN": _between,
    "AEXPR_NOT_BETWEEN": _between,
    "AEXPR_BETWEEN_SYM": _between,
    "AEXPR_NOT_BETWEEN_SYM": _between,
}
