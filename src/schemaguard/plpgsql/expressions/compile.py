"""Expression nodes to functions of the row at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import constant, only, strings
from schemaguard.catalog.errors import UNDEFINED_COLUMN, Refused
from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.expressions import calls, comparisons, sublinks
from schemaguard.plpgsql.expressions.comparisons import any_equal
from schemaguard.plpgsql.expressions.operators import compare
from schemaguard.plpgsql.expressions.scope import field_of
from schemaguard.plpgsql.values.casts import cast
from schemaguard.plpgsql.values.kinds import Json, Record, Unknown, Value, ZeroBased
from schemaguard.plpgsql.values.output import cast_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.expressions.scope import Env, Getter, Scope
    from schemaguard.statements.statement import Node


def compile_node(node: Node, scope: Scope) -> Getter:
    """The function that computes `node`, a ``{tag: fields}``, of a row.

    Raises:
        Refused: a name means nothing.
    """
    tag, fields = only(node)
    compiler = _COMPILERS.get(tag)
    if compiler is None:
        return always(Unknown(f"{tag} is not evaluated here"))
    return compiler(fields, scope)


def always(value: Value) -> Getter:
    """The function that gives one value."""
    return lambda _env: value


def _constant(fields: Node, _scope: Scope) -> Getter:
    value = constant(fields)
    if "fval" in fields:
        from decimal import Decimal

        value = int(value) if str(value).isdigit() else Decimal(value)
    return always(value)


def _column(fields: Node, scope: Scope) -> Getter:
    parts = fields["fields"]
    if "A_Star" in parts[-1]:
        raise Refused("42601", 'row expansion via "*" is not supported here')
    return scope.resolve(strings(parts))


def _parameter(fields: Node, scope: Scope) -> Getter:
    number = int(fields.get("number", 0))
    get = scope.variables.parameter(number)
    if get is None:
        raise Refused("42P02", f"there is no parameter ${number}")
    return lambda _env: get()


def _cast(fields: Node, scope: Scope) -> Getter:
    get, context = compile_node(fields["arg"], scope), scope.context
    target = context.type_named(fields["typeName"])
    if target == TypeRef(25):

        def text(env: Env) -> Value:
            value = get(env)
            return value if value is None or isinstance(value, (str, Unknown)) else cast_text(value, context)

        return text
    return lambda env: cast(get(env), target, context)


def _boolean(fields: Node, scope: Scope) -> Getter:
    gets = [compile_node(item, scope) for item in fields["args"]]
    if fields["boolop"] == "NOT_EXPR":
        [get] = gets

        def negation(env: Env) -> Value:
            value = _truth(get(env))
            return value if value is None or isinstance(value, Unknown) else not value

        return negation
    decisive = fields["boolop"] == "OR_EXPR"

    def connective(env: Env) -> Value:
        verdict: Value = not decisive
        for get in gets:
            value = _truth(get(env))
            if value is decisive:
                return decisive
            if isinstance(value, Unknown) or (value is None and not isinstance(verdict, Unknown)):
                verdict = value
        return verdict

    return connective


def _truth(value: Value) -> Value:
    """A value as a condition: a string literal is read as a boolean."""
    return value.lower() in ("t", "true", "y", "yes", "on", "1") if isinstance(value, str) else value


def _null_test(fields: Node, scope: Scope) -> Getter:
    get = compile_node(fields["arg"], scope)
    wanted = fields["nulltesttype"] == "IS_NULL"

    def run(env: Env) -> Value:
        value = get(env)
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Record):
            return all((item is None) == wanted for item in value.values)
        return (value is None) == wanted

    return run


def _boolean_test(fields: Node, scope: Scope) -> Getter:
    get = compile_node(fields["arg"], scope)
    kind = fields["booltesttype"]
    wanted = True if kind.endswith("TRUE") else False if kind.endswith("FALSE") else None
    negate = kind.startswith("IS_NOT")

    def run(env: Env) -> Value:
        value = _truth(get(env))
        return value if isinstance(value, Unknown) else (value is wanted) != negate

    return run


def _case(fields: Node, scope: Scope) -> Getter:
    operand = compile_node(fields["arg"], scope) if "arg" in fields else None
    branches = []
    for item in fields["args"]:
        when = item["CaseWhen"]
        branches.append((compile_node(when["expr"], scope), compile_node(when["result"], scope)))
    otherwise = compile_node(fields["defresult"], scope) if "defresult" in fields else always(None)
    context = scope.context

    def run(env: Env) -> Value:
        given = operand(env) if operand is not None else True
        for condition, result in branches:
            value = condition(env)
            if operand is not None:
                value = any_equal(given, (value,), context)
            value = _truth(value)
            if isinstance(value, Unknown):
                return value
            if value:
                return result(env)
        return otherwise(env)

    return run


def _coalesce(fields: Node, scope: Scope) -> Getter:
    gets = [compile_node(item, scope) for item in fields["args"]]

    def run(env: Env) -> Value:
        for get in gets:
            value = get(env)
            if value is not None:
                return value
        return None

    return run


def _extreme(fields: Node, scope: Scope) -> Getter:
    gets = [compile_node(item, scope) for item in fields["args"]]
    wanted = 1 if fields.get("op") == "IS_GREATEST" else -1
    context = scope.context

    def run(env: Env) -> Value:
        best: Value = None
        for get in gets:
            value = get(env)
            if isinstance(value, Unknown):
                return value
            if value is None:
                continue
            order = wanted if best is None else compare(value, best, context)
            if isinstance(order, Unknown):
                return order
            best = value if order == wanted else best
        return best

    return run


def _array(fields: Node, scope: Scope) -> Getter:
    gets = [compile_node(item, scope) for item in fields.get("elements") or ()]
    return lambda env: [get(env) for get in gets]


def _row(fields: Node, scope: Scope) -> Getter:
    gets = [compile_node(item, scope) for item in fields.get("args") or ()]
    names = tuple(f"f{number}" for number in range(1, len(gets) + 1))
    return lambda env: Record(names, tuple(get(env) for get in gets))


def _indirection(fields: Node, scope: Scope) -> Getter:
    get = compile_node(fields["arg"], scope)
    for item in fields["indirection"]:
        tag, part = only(item)
        if tag == "String":
            get = _field_of(get, part["sval"])
        elif tag == "A_Indices":
            get = _subscript(get, part, scope)
        else:
            raise Refused(UNDEFINED_COLUMN, 'row expansion via "*" is not supported here')
    return get


def _field_of(get: Getter, name: str) -> Getter:
    return lambda env: field_of(get(env), [name])


def _subscript(get: Getter, part: Node, scope: Scope) -> Getter:
    upper = compile_node(part["uidx"], scope) if "uidx" in part else always(None)
    lower = compile_node(part["lidx"], scope) if "lidx" in part else always(None)
    is_slice = bool(part.get("is_slice"))

    def run(env: Env) -> Value:
        value, last, first = get(env), upper(env), lower(env)
        for item in (value, last, first):
            if isinstance(item, Unknown):
                return item
        if value is None:
            return None
        if isinstance(value, Json):
            from schemaguard.plpgsql.expressions.json_operators import json_step

            return json_step(value.data, last, as_text=False)
        base = 0 if isinstance(value, ZeroBased) else 1
        if not isinstance(value, list):
            return Unknown("a subscript of something that is no array")
        if is_slice:
            start = 0 if first is None else max(int(first) - base, 0)
            return value[start : None if last is None else max(int(last) - base + 1, 0)]
        index = -1 if last is None else int(last) - base
        return value[index] if 0 <= index < len(value) else None

    return run


_SQL_VALUES = {
    "SVFOP_CURRENT_USER": "current_user", "SVFOP_USER": "current_user", "SVFOP_CURRENT_ROLE": "current_user",
    "SVFOP_SESSION_USER": "session_user", "SVFOP_CURRENT_CATALOG": "current_database",
    "SVFOP_CURRENT_SCHEMA": "current_schema",
}  # fmt: skip


def _sql_value(fields: Node, scope: Scope) -> Getter:
    name = _SQL_VALUES.get(fields["op"])
    if name is None:
        return always(
            Unknown(f"`{fields['op'].removeprefix('SVFOP_').lower()}` is known only when the migration runs")
        )
    return calls.builtin_call(name, [], scope)


def _collate(fields: Node, scope: Scope) -> Getter:
    return compile_node(fields["arg"], scope)


_COMPILERS: dict[str, Callable[[Node, Scope], Getter]] = {
    "A_Const": _constant,
    "ColumnRef": _column,
    "ParamRef": _parameter,
    "TypeCast": _cast,
    "BoolExpr": _boolean,
    "A_Expr": comparisons.compile_operator,
    "NullTest": _null_test,
    "BooleanTest": _boolean_test,
    "CaseExpr": _case,
    "CoalesceExpr": _coalesce,
    "MinMaxExpr": _extreme,
    "A_ArrayExpr": _array,
    "RowExpr": _row,
    "A_Indirection": _indirection,
    "SQLValueFunction": _sql_value,
    "CollateClause": _collate,
    "SubLink": sublinks.compile_sublink,
    "FuncCall": calls.compile_call,
}
