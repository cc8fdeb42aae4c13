"""Function calls (`parse_func.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.transform.candidates import Ambiguous, Candidate, find_routine
from schemaguard.catalog.analysis.transform.coercion import coerce, coerce_arguments
from schemaguard.catalog.analysis.transform.columns import refuse_no_field, select_field
from schemaguard.catalog.analysis.transform.kinds import refuse_set
from schemaguard.catalog.analysis.transform.pathways import EXPLICIT, LAST_BUILTIN, find_pathway
from schemaguard.catalog.analysis.transform.polymorphism import array_of, resolve_polymorphic
from schemaguard.catalog.analysis.tree import (
    UNRESOLVED,
    ArrayExpr,
    Const,
    Expr,
    FuncExpr,
    NamedArg,
    Unresolved,
)
from schemaguard.catalog.analysis.types import lookup_type, type_number
from schemaguard.catalog.builtin.types import ANY, RECORD, UNKNOWN
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import (
    AMBIGUOUS_FUNCTION,
    DATATYPE_MISMATCH,
    SYNTAX_ERROR,
    UNDEFINED_FUNCTION,
    WRONG_OBJECT_TYPE,
    Refused,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.catalog.analysis.tree import Form
    from schemaguard.statements.statement import Node

MAX_ARGUMENTS = 100

_resolved: dict[tuple[str, tuple[int, ...], bool, int], Candidate] = {}
"""What calls with built-in types mean where only PostgreSQL has functions of that name; the last is its version."""

_no_arguments: dict[tuple[str, int], FuncExpr] = {}
"""Calls of built-in functions without arguments, where nothing else has that name."""


def transform_call(state: ParseState, node: Node) -> Expr:
    """A FuncCall.

    Raises:
        Refused: there is no such function, it is used wrongly, or not allowed here.
    """
    from schemaguard.catalog.analysis.transform.aggregates import transform_aggregate_or_window
    from schemaguard.catalog.analysis.transform.expressions import transform

    names = strings(node["funcname"])
    if len(node) <= 3 and "args" not in node and len(names) == 1:
        known = _bare_call(state, names[0])
        if known is not None:
            return known
    args = [transform(state, arg) for arg in node.get("args", ())]
    within = node.get("agg_within_group", False)
    order = node.get("agg_order", ())
    if within:
        args += [transform(state, sort["SortBy"]["node"]) for sort in order]
    if "agg_filter" in node or "over" in node or order or node.get("agg_star") or node.get("agg_distinct"):
        return transform_aggregate_or_window(state, node, names, args)
    return call(state, names, args, node)


def _bare_call(state: ParseState, name: str) -> Expr | None:
    """``now()``, ``gen_random_uuid()``: by far the most frequent calls, made once."""
    from schemaguard.catalog.builtin.functions import functions_named
    from schemaguard.catalog.state import PG_CATALOG

    environment = state.environment
    known = _no_arguments.get((name, environment.version))
    if known is None:
        found = [
            one for one in functions_named(name) if one.since <= environment.version and not one.arguments
        ]
        if len(found) != 1 or found[0].kind != "f" or found[0].returns_set:
            return None
        known = FuncExpr(found[0].result, routine=found[0], args=())
        _no_arguments[name, environment.version] = known
    for schema in environment.path:
        if schema == PG_CATALOG:
            return known
        if (schema, name) in environment.catalog.functions:
            return None
    return None


def call(state: ParseState, names: Sequence[str], args: Sequence[Expr], node: Node) -> Expr:
    """A call of a function, or a cast or aggregate written as one."""
    from schemaguard.catalog.analysis.transform.aggregates import build_aggregate, refuse_bare_window

    offset = node.get("location", -1)
    environment = state.environment
    if len(names) == 1 and len(args) == 1 and not node.get("func_variadic"):
        field = _projection(state, names[0], args[0])
        if field is not None:
            return field
    candidate = resolve_call(state, names, args, node)
    if not isinstance(candidate, Candidate):
        return candidate
    routine = candidate.routine
    if routine.kind == "p":
        shown = signature_text(environment, names, args)
        raise Refused(
            WRONG_OBJECT_TYPE, f"{shown} is a procedure", hint="To call a procedure, use CALL.", offset=offset
        )
    if routine.kind == "a":
        return build_aggregate(state, node, candidate, args)
    if routine.kind == "w":
        refuse_bare_window(names, offset)
    if routine.returns_set:
        refuse_set(state, offset)
        state.sets = True
    result, coerced, variadic = prepare_arguments(environment, candidate, args, node)
    form: Form = "sql" if node.get("funcformat") == "COERCE_SQL_SYNTAX" else "call"
    return FuncExpr(result, routine=routine, args=coerced, form=form, variadic=variadic)


def _projection(state: ParseState, name: str, arg: Expr) -> Expr | None:
    """``f(row)`` where the row has a field f, and there is no function that takes the row."""
    info = state.environment.info(arg.type)
    if arg.type != RECORD and not info.relation:
        return None
    try:
        if find_routine(state.environment, [name], (arg.type,)) is not None:
            return None
    except Ambiguous:
        return None
    return select_field(state, arg, name)


def resolve_call(
    state: ParseState, names: Sequence[str], args: Sequence[Expr], node: Node
) -> Candidate | Expr:
    """The routine that a call means; or the cast it turns out to be, or what can't be resolved.

    Raises:
        Refused: there is none, or several fit.
    """
    environment = state.environment
    offset = node.get("location", -1)
    argument_names = argument_names_of(args, offset)
    actual = tuple(arg.type for arg in args)
    if len(args) > MAX_ARGUMENTS:
        raise Refused(
            "54023", f"cannot pass more than {MAX_ARGUMENTS} arguments to a function", offset=offset
        )
    if UNRESOLVED in actual:
        return _over_unresolved(environment, names, args)
    spread = not node.get("func_variadic", False)
    key = (names[-1], actual, spread, environment.version)
    plain = len(names) == 1 and not argument_names
    if plain and (known := _resolved.get(key)) is not None and environment.only_builtin_function(names[0]):
        return known
    try:
        found = find_routine(environment, names, actual, argument_names, spread=spread)
    except Ambiguous:
        shown = signature_text(environment, names, args)
        raise Refused(AMBIGUOUS_FUNCTION, f"function {shown} is not unique", offset=offset) from None
    if len(args) == 1 and not argument_names and (found is None or found.arguments[:1] != actual):
        cast = _cast_by_name(state, names, args[0], offset)
        if cast is not None:
            return cast
    if found is not None:
        if (
            plain
            and max(map(abs, actual), default=0) <= LAST_BUILTIN
            and environment.only_builtin_function(names[0])
        ):
            _resolved[key] = found
        return found
    reason = environment.may_have_more("function", names[-1]) or _in_unknown_schema(environment, names)
    if reason:
        return Unresolved(UNRESOLVED, reason=reason, args=tuple(args))
    external = next((number for number in actual if environment.info(number).external), None)
    if external is not None:
        text = environment.type_text(external)
        return Unresolved(UNRESOLVED, reason=f"the casts of type {text} are not known", args=tuple(args))
    shown = signature_text(environment, names, args)
    raise Refused(UNDEFINED_FUNCTION, f"function {shown} does not exist", offset=offset)


def _in_unknown_schema(environment: Environment, names: Sequence[str]) -> str:
    """Why a function of a schema that the config declares may exist."""
    from schemaguard.catalog.model import Schema

    schema = environment.catalog.schemas.get(names[-2]) if len(names) > 1 else None
    if schema is not None and environment.catalog.get(schema, Schema).external:
        return f"function {'.'.join(names)} may be in the schema {names[-2]}, whose contents are not known"
    return ""


def _over_unresolved(environment: Environment, names: Sequence[str], args: Sequence[Expr]) -> Unresolved:
    """A call with an argument of unknown type: its result is known only if all routines of the name agree."""
    reason = next((arg.reason for arg in args if isinstance(arg, Unresolved)), "")
    results = {routine.result for _place, routine in environment.functions(names)}
    result = results.pop() if len(results) == 1 else UNRESOLVED
    if result and environment.info(result).kind == "p":
        result = UNRESOLVED
    return Unresolved(result, reason=reason or "the type of an argument is not known", args=tuple(args))


def argument_names_of(args: Sequence[Expr], offset: int) -> list[str]:
    """The names of the named arguments, which stand last.

    Raises:
        Refused: a positional one follows, or a name is used twice.
    """
    names: list[str] = []
    for arg in args:
        if isinstance(arg, NamedArg):
            if arg.name in names:
                raise Refused(SYNTAX_ERROR, f'argument name "{arg.name}" used more than once', offset=offset)
            names.append(arg.name)
        elif names:
            raise Refused(SYNTAX_ERROR, "positional argument cannot follow named argument", offset=offset)
    return names


def signature_text(environment: Environment, names: Sequence[str], args: Sequence[Expr]) -> str:
    """A call as messages show it: ``f(integer, x => text)``."""
    shown = [
        (f"{arg.name} => " if isinstance(arg, NamedArg) else "") + environment.type_text(arg.type)
        for arg in args
    ]
    return f"{'.'.join(names)}({', '.join(shown)})"


def _cast_by_name(state: ParseState, names: Sequence[str], arg: Expr, offset: int) -> Expr | None:
    """``text(x)``: a cast, where no function of that name takes exactly x and the type has such a cast."""
    environment = state.environment
    if len(names) == 1 and not _may_be_type(environment, names[0]):
        return None
    ref = lookup_type(environment.session, list(names), offset)
    if ref is None or ref.array:
        return None
    target = type_number(ref)
    if arg.type == UNKNOWN and isinstance(arg, Const):
        pass
    elif not _is_cast(environment, arg.type, target):
        return None
    return coerce(environment, arg, target, -1, EXPLICIT, "call")


def _may_be_type(environment: Environment, name: str) -> bool:
    from schemaguard.catalog.analysis.extension_types import installed
    from schemaguard.catalog.builtin.types import BY_NAME

    if name in BY_NAME or installed(environment.catalog):
        return True
    types = environment.catalog.types
    return any((schema, name) in types for schema in environment.path)


def _is_cast(environment: Environment, source: int, target: int) -> bool:
    pathway = find_pathway(environment, target, source, EXPLICIT)
    if pathway is None:
        return False
    if pathway.kind == "relabel":
        return True
    if pathway.kind == "io":
        row = source == RECORD or environment.info(source).relation
        return not (row and environment.info(target).category == "S")
    return False


def prepare_arguments(
    environment: Environment, candidate: Candidate, args: Sequence[Expr], node: Node
) -> tuple[int, tuple[Expr, ...], bool]:
    """The call's result type, its arguments converted, and whether the last one stands for the variadic ones.

    Raises:
        Refused: the arguments of a polymorphic function do not agree.
    """
    routine = candidate.routine
    declared = candidate.arguments
    actual = [arg.type for arg in args] + list(declared[len(args) :])
    wanted, result = resolve_polymorphic(environment, actual, declared, routine.result)
    coerced = coerce_arguments(environment, args, wanted[: len(args)])
    variadic = bool(node.get("func_variadic")) and bool(routine.variadic)
    if variadic and routine.variadic == ANY and args:
        _require_array(environment, args[-1])
    if candidate.spread and routine.variadic != ANY:
        elements = tuple(coerced[-candidate.spread :])
        array = array_of(environment, elements[0].type)
        if not array:
            name = environment.type_text(elements[0].type)
            raise Refused("42704", f"could not find array type for data type {name}")
        coerced = [*coerced[: -candidate.spread], ArrayExpr(array, elements=elements)]
        variadic = True
    return result, tuple(coerced), variadic


def _require_array(environment: Environment, arg: Expr) -> None:
    """Refuse VARIADIC with what is no array."""
    if arg.type != UNKNOWN and not environment.info(environment.base(arg.type)).element:
        raise Refused(DATATYPE_MISMATCH, "VARIADIC argument must be an array")


def call_on_row(state: ParseState, name: str, row: Expr, missing: Refused) -> Expr:
    """``t.f`` that is no column: a function of the row.

    Raises:
        Refused: `missing`, where there is no such function.
    """
    try:
        candidate = find_routine(state.environment, [name], (row.type,))
    except Ambiguous:
        raise missing from None
    if candidate is None or candidate.routine.kind != "f":
        raise missing
    result, args, variadic = prepare_arguments(state.environment, candidate, [row], {})
    return FuncExpr(result, routine=candidate.routine, args=args, variadic=variadic)


def field_or_call(state: ParseState, arg: Expr, name: str, offset: int = -1) -> Expr:
    """``(arg).name``: a field, or a function of the value.

    Raises:
        Refused: neither exists.
    """
    field = select_field(state, arg, name)
    if field is not None:
        return field
    return call_on_row(state, name, arg, refuse_no_field(state, arg, name, offset))
