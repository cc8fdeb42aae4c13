"""Expressions: from a node of the syntax tree to a value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter import comprehensions, literals, operators
from schemaguard.sources.alembic.interpreter.branches import choose
from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.elements import mapping_items, subscript
from schemaguard.sources.alembic.interpreter.formatting import format_field
from schemaguard.sources.alembic.interpreter.functions import define
from schemaguard.sources.alembic.interpreter.iteration import items
from schemaguard.sources.alembic.interpreter.names import assign, lookup, origin
from schemaguard.sources.alembic.interpreter.scope import Lazy, Scope
from schemaguard.sources.alembic.interpreter.tracked import concat, written_at
from schemaguard.sources.alembic.interpreter.truth import truth
from schemaguard.sources.alembic.interpreter.values import Raised, Symbol, Undecided, Unknown, unknown_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value


def evaluate(machine: Machine, node: ast.expr, scope: Scope) -> Value:
    """The value of an expression; `Unknown` where that can't be told.

    Raises:
        Raised: evaluating it raises an exception in Python, too.
        LimitExceeded: it takes too long, or too much memory.
    """
    machine.tick(node, scope)
    evaluator = _EVALUATORS.get(type(node))
    if evaluator is None:
        return Unknown(
            f"`{scope.file.code(node)}`, a construct that is not interpreted", scope.file.node_span(node)
        )
    try:
        return evaluator(machine, node, scope)
    except Undecided as undecided:
        return undecided.unknown
    except PYTHON_ERRORS as error:
        raise Raised(error, scope.file.node_span(node)) from error


PYTHON_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, StopIteration, OSError)
"""What Python's own operations on known values raise; the project's code would see the same."""


def _constant(_machine: Machine, node: ast.Constant, scope: Scope) -> Value:
    if isinstance(node.value, str):
        cache = scope.file.cache
        value = cache.get(node)
        if value is None:
            value = cache[node] = literals.string(scope.file, node)
        return value
    return node.value


def _formatted_string(machine: Machine, node: ast.JoinedStr, scope: Scope) -> Value:
    cache = scope.file.cache
    parts: Any = cache.get(node)
    if parts is None:
        parts = cache[node] = literals.template(scope.file, node)
    return _fill(machine, parts, scope, node)


def _fill(machine: Machine, parts: literals.Template, scope: Scope, node: ast.JoinedStr) -> Value:
    values: list[str] = []
    unknown: Unknown | None = None
    for part in parts:
        if isinstance(part, str):
            values.append(part)
            continue
        value = evaluate(machine, part.value, scope)
        spec = _fill(machine, part.spec, scope, node) if part.spec else ""
        span = scope.file.span(part.start, part.end)
        text: str | Unknown | None = unknown_in(value, spec)
        if text is None:
            if part.debug is not None:
                values.append(part.debug)
            text = format_field(machine, value, part.conversion, str(spec), span)
        if isinstance(text, Unknown):
            unknown = unknown if unknown is not None else text
            text = written_at("$1", span)
        values.append(text)
    span = scope.file.node_span(node)
    machine.check_length(sum(map(len, values)), span)
    result = concat(values, span)
    return result if unknown is None else unknown.in_text(result)


def _name(_machine: Machine, node: ast.Name, scope: Scope) -> Value:
    return lookup(node.id, scope, node)


def _attribute(machine: Machine, node: ast.Attribute, scope: Scope) -> Value:
    value = evaluate(machine, node.value, scope)
    if isinstance(value, Unknown):
        if node.attr == "name" and "dialect" in scope.file.code(node.value).lower():
            return "postgresql"  # wherever the dialect is taken from, this is the one that is asked about
        if not machine.in_environment:
            return _longer_origin(value, node, scope)
    return _explained(machine.attribute(value, node.attr, scope.file.node_span(node)), node, scope)


def _explained(value: Value, node: ast.expr, scope: Scope) -> Value:
    """Say where an unknown comes from that the libraries gave no origin, in the words of the code that asks for it."""
    if isinstance(value, Unknown) and not value.origin:
        return Unknown(origin(node, scope), scope.file.node_span(node), value.remedy)
    return value


def _longer_origin(unknown: Unknown, node: ast.expr, scope: Scope) -> Unknown:
    """`Base.metadata.tables` says more than `Base`, as long as no variable has named the value."""
    if unknown.subject or unknown.span.file is not scope.file or " is imported " not in unknown.origin:
        return unknown
    span = scope.file.node_span(node)
    return Unknown(origin(node, scope), span, unknown.remedy) if unknown.span.start == span.start else unknown


def _subscript(machine: Machine, node: ast.Subscript, scope: Scope) -> Value:
    value = evaluate(machine, node.value, scope)
    key = evaluate(machine, node.slice, scope)
    if isinstance(value, Unknown):
        return _longer_origin(value, node, scope)
    if isinstance(value, Symbol):
        return _explained(subscript(machine, value, key, scope.file.node_span(node)), node, scope)
    if (unknown := unknown_in(key) or machine.tainted_by(value)) is not None:
        return unknown
    return _explained(subscript(machine, value, key, scope.file.node_span(node)), node, scope)


def _slice(machine: Machine, node: ast.Slice, scope: Scope) -> Value:
    ends = [
        None if part is None else evaluate(machine, part, scope)
        for part in (node.lower, node.upper, node.step)
    ]
    unknown = unknown_in(ends)
    return unknown if unknown is not None else slice(*ends)


TARGET_METADATA = "target_metadata"
"""What `env.py` hands to Alembic for autogeneration: it leads to all models, so it is only looked up if it matters."""


def _later(machine: Machine, node: ast.expr, scope: Scope) -> Value:
    """An expression that is evaluated when its value is needed."""
    held = scope.holder(node.id) if isinstance(node, ast.Name) else None
    value = held.names[node.id] if held is not None and isinstance(node, ast.Name) else None
    return value if isinstance(value, Lazy) else Lazy(lambda: evaluate(machine, node, scope))


def _call(machine: Machine, node: ast.Call, scope: Scope) -> Value:
    callee = evaluate(machine, node.func, scope)
    arguments = list(_elements(machine, node.args, scope))
    keywords: dict[str, Value] = {}
    unknown: Unknown | None = None
    for word in node.keywords:
        if word.arg == TARGET_METADATA and machine.in_environment:
            keywords[TARGET_METADATA] = _later(machine, word.value, scope)
            continue
        value = evaluate(machine, word.value, scope)
        if word.arg is not None:
            keywords[word.arg] = value
        elif isinstance(value, Unknown):
            unknown = value
        else:
            keywords.update({str(name): item for name, item in mapping_items(machine, value)})
    called = Call(machine, arguments, keywords, scope.file.node_span(node), node=node, scope=scope)
    if unknown is not None:
        called.keywords["**"] = unknown
    result = _explained(machine.call(callee, called), node, scope)
    if isinstance(callee, Unknown) and result is callee:
        return _longer_origin(callee, node, scope)
    return result


def _elements(machine: Machine, nodes: list[ast.expr], scope: Scope) -> Iterator[Value]:
    """The values of a list of expressions, with `*` taken apart."""
    for node in nodes:
        if isinstance(node, ast.Starred):
            yield from items(machine, evaluate(machine, node.value, scope), scope.file.node_span(node))
        else:
            yield evaluate(machine, node, scope)


def _list(machine: Machine, node: ast.List, scope: Scope) -> Value:
    return list(_elements(machine, node.elts, scope))


def _tuple(machine: Machine, node: ast.Tuple, scope: Scope) -> Value:
    return tuple(_elements(machine, node.elts, scope))


def _set(machine: Machine, node: ast.Set, scope: Scope) -> Value:
    return set(_elements(machine, node.elts, scope))


def _dict(machine: Machine, node: ast.Dict, scope: Scope) -> Value:
    result: dict[Value, Value] = {}
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = evaluate(machine, value_node, scope)
        if key_node is not None:
            result[evaluate(machine, key_node, scope)] = value
        elif isinstance(value, Unknown):
            return value
        else:
            result.update(mapping_items(machine, value))
    return result


def _binary(machine: Machine, node: ast.BinOp, scope: Scope) -> Value:
    # Long concatenations lean to the left: they are walked, so that they need no depth.
    chain = [node]
    while isinstance(left := chain[-1].left, ast.BinOp):
        chain.append(left)
    value = evaluate(machine, chain[-1].left, scope)
    for step in reversed(chain):
        right = evaluate(machine, step.right, scope)
        value = operators.binary(machine, step.op, value, right, scope.file.node_span(step))
    return value


def _unary(machine: Machine, node: ast.UnaryOp, scope: Scope) -> Value:
    value = evaluate(machine, node.operand, scope)
    if isinstance(node.op, ast.Not):
        return not truth(machine, value)
    return operators.unary(machine, node.op, value, scope.file.node_span(node))


def _boolean(machine: Machine, node: ast.BoolOp, scope: Scope) -> Value:
    stop_at = isinstance(node.op, ast.Or)
    undecided: Unknown | None = None
    for operand in node.values[:-1]:
        value = evaluate(machine, operand, scope)
        try:
            decided = truth(machine, value)
        except Undecided as error:
            undecided = undecided or error.unknown
            continue
        if decided is stop_at:
            # `unknown and False` is false, whatever the unknown is; `unknown or True` likewise true.
            return value if undecided is None or not stop_at else _either(undecided, value)
    last = evaluate(machine, node.values[-1], scope)
    if undecided is None:
        return last
    try:
        decided = truth(machine, last)
    except Undecided:
        return undecided
    return last if decided is stop_at and isinstance(last, bool) else undecided


def _either(undecided: Unknown, value: Value) -> Value:
    """`unknown or value`: true in any case if `value` is `True`, else one of two values."""
    return value if value is True else undecided


def _comparison(machine: Machine, node: ast.Compare, scope: Scope) -> Value:
    left = evaluate(machine, node.left, scope)
    result: Value = True
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        right = evaluate(machine, right_node, scope)
        result = operators.compare(machine, operator, left, right, scope.file.node_span(node))
        if len(node.ops) > 1 and not truth(machine, result):
            return result
        left = right
    return result


def _conditional(machine: Machine, node: ast.IfExp, scope: Scope) -> Value:
    condition = evaluate(machine, node.test, scope)
    try:
        decided = truth(machine, condition)
    except Undecided as undecided:
        return choose(
            machine,
            undecided.unknown,
            [lambda: evaluate(machine, node.body, scope), lambda: evaluate(machine, node.orelse, scope)],
            scope.file.node_span(node),
        )
    return evaluate(machine, node.body if decided else node.orelse, scope)


def _lambda(machine: Machine, node: ast.Lambda, scope: Scope) -> Value:
    return define(machine, node, scope)


def _walrus(machine: Machine, node: ast.NamedExpr, scope: Scope) -> Value:
    value = evaluate(machine, node.value, scope)
    holder = scope
    while holder.transparent and holder.parent is not None:
        holder = holder.parent
    assign(machine, node.target, value, holder)
    return value


def _starred(machine: Machine, node: ast.Starred, scope: Scope) -> Value:
    return evaluate(machine, node.value, scope)


def _await(machine: Machine, node: ast.Await, scope: Scope) -> Value:
    return evaluate(machine, node.value, scope)


def _yield(machine: Machine, node: ast.Yield, scope: Scope) -> Value:
    value = None if node.value is None else evaluate(machine, node.value, scope)
    return machine.deliver(value)


def _yield_from(machine: Machine, node: ast.YieldFrom, scope: Scope) -> Value:
    for value in items(machine, evaluate(machine, node.value, scope), scope.file.node_span(node)):
        machine.deliver(value)
    return None


_EVALUATORS: dict[type[ast.expr], Callable[[Machine, Any, Scope], Value]] = {
    ast.Constant: _constant,
    ast.JoinedStr: _formatted_string,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Call: _call,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _comparison,
    ast.IfExp: _conditional,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.Starred: _starred,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.ListComp: comprehensions.list_comprehension,
    ast.SetComp: comprehensions.set_comprehension,
    ast.DictComp: comprehensions.dict_comprehension,
    ast.GeneratorExp: comprehensions.generator,
}
