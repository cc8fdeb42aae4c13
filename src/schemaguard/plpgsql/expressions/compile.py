"""Expression nodes to functions of the row at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import constant, only, strings
from schemaguard.catalog.errors import UNDEFINED_COLUMN, Refused
from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.expressions import calls, sublinks
from schemaguard.plpgsql.expressions.operators import OPERATORS, compare, equal, like
from schemaguard.plpgsql.expressions.scope import field_of
from schemaguard.plpgsql.values.casts import cast, read_array
from schemaguard.plpgsql.values.kinds import Interval, IntVector, Json, Record, Unknown, Value
from schemaguard.plpgsql.values.output import cast_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.expressions.operators import Operator
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


def _operator(fields: Node, scope: Scope) -> Getter:
    compiler = _FORMS.get(fields["kind"])
    return (
        always(Unknown(f"{fields['kind']} is not evaluated here"))
        if compiler is None
        else compiler(fields, scope)
    )


def _plain_operator(fields: Node, scope: Scope) -> Getter:
    name = strings(fields["name"])[-1]
    context = scope.context
    if "lexpr" not in fields:
        return _prefix(name, compile_node(fields["rexpr"], scope))
    left, right = compile_node(fields["lexpr"], scope), compile_node(fields["rexpr"], scope)
    operator = OPERATORS.get(name)
    if operator is None:
        return always(Unknown(f"the operator `{name}` is not evaluated here"))
    return strict(operator, left, right, context)


def strict(operator: Operator, left: Getter, right: Getter, context: Context) -> Getter:
    """The operator on known values; NULL where one is NULL, unknown where one is unknown."""

    def run(env: Env) -> Value:
        one, other = left(env), right(env)
        if one is None or other is None:
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
    text, given, escape = (compile_node(item, scope) for item in (fields["lexpr"], *call["args"]))
    negate, fold = name.startswith("!"), name.endswith("*")

    def run(env: Env) -> Value:
        values = [text(env), given(env), escape(env)]
        for value in values:
            if value is None or isinstance(value, Unknown):
                return value
        return like(*(str(item) for item in values[:2]), fold=fold, escape=str(values[2])) != negate

    return run


def _in(fields: Node, scope: Scope) -> Getter:
    left = compile_node(fields["lexpr"], scope)
    items = [compile_node(item, scope) for item in fields["rexpr"]["List"]["items"]]
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
    left, right = compile_node(fields["lexpr"], scope), compile_node(fields["rexpr"], scope)
    every = fields["kind"] == "AEXPR_OP_ALL"
    operator = OPERATORS.get(strings(fields["name"])[-1])
    if operator is None:
        return always(Unknown(f"the operator `{strings(fields['name'])[-1]}` is not evaluated here"))
    context = scope.context

    def run(env: Env) -> Value:
        value, items = left(env), right(env)
        if items is None or isinstance(items, Unknown):
            return items
        items = read_array(items) if isinstance(items, str) else items
        return quantify(value, flat(items), operator, context, every=every)

    return run


def flat(items: list[Value]) -> list[Value]:
    """The elements of an array of any number of dimensions."""
    found: list[Value] = []
    for item in items:
        if isinstance(item, list):
            found.extend(flat(item))
        else:
            found.append(item)
    return found


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
    left, right = compile_node(fields["lexpr"], scope), compile_node(fields["rexpr"], scope)
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
    left, right = compile_node(fields["lexpr"], scope), compile_node(fields["rexpr"], scope)
    context = scope.context

    def run(env: Env) -> Value:
        one, other = left(env), right(env)
        if one is None or other is None or isinstance(one, Unknown):
            return one
        found = other if isinstance(other, Unknown) else equal(one, other, context)
        return found if isinstance(found, Unknown) else None if found else one

    return run


def _between(fields: Node, scope: Scope) -> Getter:
    value = compile_node(fields["lexpr"], scope)
    low, high = (compile_node(item, scope) for item in fields["rexpr"]["List"]["items"])
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
            from schemaguard.plpgsql.expressions.operators import json_step

            return json_step(value.data, last, as_text=False)
        base = 0 if isinstance(value, IntVector) else 1
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
    "AEXPR_BETWEEN": _between,
    "AEXPR_NOT_BETWEEN": _between,
    "AEXPR_BETWEEN_SYM": _between,
    "AEXPR_NOT_BETWEEN_SYM": _between,
}
_COMPILERS: dict[str, Callable[[Node, Scope], Getter]] = {
    "A_Const": _constant,
    "ColumnRef": _column,
    "ParamRef": _parameter,
    "TypeCast": _cast,
    "BoolExpr": _boolean,
    "A_Expr": _operator,
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
