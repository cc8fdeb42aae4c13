"""Function calls: built-in functions, aggregates and window functions, and functions that the history defines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.plpgsql.context import functions_in_path
from schemaguard.plpgsql.functions.registry import AGGREGATES, SETS, WINDOWS, builtin
from schemaguard.plpgsql.queries.pending import Aggregate, SetCall, WindowCall
from schemaguard.plpgsql.values.kinds import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Function
    from schemaguard.plpgsql.expressions.scope import Env, Getter, Scope
    from schemaguard.statements.statement import Node


def compile_call(fields: Node, scope: Scope) -> Getter:
    """A FuncCall's fields as a function of the row."""
    names = strings(fields["funcname"])
    name = names[-1]
    routine = user_routine(names, scope)
    if routine is None and ("over" in fields and (name in WINDOWS or name in AGGREGATES)):
        return _pending(scope.windows, "windows", WindowCall(name, fields, scope))
    if routine is None and name in AGGREGATES:
        return _pending(scope.aggregates, "aggregates", Aggregate(name, fields, scope))
    if routine is None and name in SETS:
        return _pending(scope.sets, "sets", SetCall(name, fields, scope))
    arguments, keywords = _arguments(fields, scope)
    if routine is not None:
        return _user_call(routine, arguments, keywords, scope)
    if keywords:
        return lambda _env: Unknown(f"`{name}` with named arguments is not evaluated here")
    return builtin_call(name, arguments, scope, variadic=bool(fields.get("func_variadic")))


def _pending(calls: list[Any], kind: str, call: Any) -> Getter:  # noqa: ANN401 - one of the three
    """The value of a call that is computed for the whole level: `kind` is the attribute of Env that will hold it."""
    index = len(calls)
    calls.append(call)
    return lambda env: getattr(env, kind)[index]


def user_routine(names: Sequence[str], scope: Scope) -> list[Function] | None:
    """The routines of the history that a call can mean; built-in functions hide those of the same name."""
    if names[0] == "pg_catalog":
        return None
    if len(names) == 1 and (builtin(names[0]) or names[0] in AGGREGATES or names[0] in SETS):
        return None
    return functions_in_path(scope.context, list(names)) or None


def _arguments(fields: Node, scope: Scope) -> tuple[list[Getter], dict[str, Getter]]:
    from schemaguard.plpgsql.expressions.compile import compile_node

    positional: list[Getter] = []
    named: dict[str, Getter] = {}
    for argument in fields.get("args") or ():
        tag, inner = only(argument)
        if tag == "NamedArgExpr":
            named[inner["name"]] = compile_node(inner["arg"], scope)
        else:
            positional.append(compile_node(argument, scope))
    return positional, named


def builtin_call(name: str, arguments: Sequence[Getter], scope: Scope, *, variadic: bool = False) -> Getter:
    """A call of a built-in function; the value is unknown where the function is not evaluated here."""
    found = builtin(name)
    if found is None:
        value = Unknown(f"`{name}(…)` is known only on a server")
        return lambda _env: value
    context = scope.context

    def run(env: Env) -> Value:
        values = [get(env) for get in arguments]
        if variadic and values and isinstance(values[-1], list):
            values = [*values[:-1], *values[-1]]
        if found.strict:
            for value in values:
                if value is None:
                    return None
        for value in values:
            if isinstance(value, Unknown):
                return value
        return found.run(context, *values)

    return run


def _user_call(
    routines: list[Function], arguments: list[Getter], keywords: dict[str, Getter], scope: Scope
) -> Getter:
    context = scope.context

    def run(env: Env) -> Value:
        from schemaguard.plpgsql.functions.routines import choose, ordered

        values = [get(env) for get in arguments]
        named = {name: get(env) for name, get in keywords.items()}
        routine = choose(context, routines, values, named)
        if routine is None:
            return Unknown(f"none of the functions `{routines[0].name}` fits the call")
        if context.invoke is None:
            return Unknown(f"`{routine.name}(…)` is not run here")
        return context.invoke(routine, ordered(context, routine, values, named))

    return run
