"""CREATE AGGREGATE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.functions import store_routine
from schemaguard.catalog.commands.nodes import integer, only, option_value, strings
from schemaguard.catalog.commands.parameters import read_parameters
from schemaguard.catalog.errors import DATATYPE_MISMATCH, UNDEFINED_FUNCTION, Refused
from schemaguard.catalog.model import Argument, Function, TypeRef
from schemaguard.catalog.routines import (
    ANY,
    POLYMORPHIC,
    bare_type,
    function_text,
    known_function,
    signature,
    signature_text,
)
from schemaguard.catalog.type_records import binary_coercible, depend_on_type, target_of, usable_type

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

INVALID_FUNCTION_DEFINITION = "42P13"
INTERNAL = TypeRef(2281)


# long: one option after the other
def create_aggregate(run: Run, node: Node) -> None:
    """CREATE [OR REPLACE] AGGREGATE, with parameters or in the old style with `basetype`."""
    from schemaguard.catalog.commands.define import definition, function_names

    schema, name = target_of(run, strings(node["defnames"]))
    given = definition(node)
    if given.get("stype") is None and given.get("stype1") is None:
        raise Refused(INVALID_FUNCTION_DEFINITION, "aggregate stype must be specified")
    transition = given.get("sfunc") or given.get("sfunc1")
    if transition is None:
        raise Refused(INVALID_FUNCTION_DEFINITION, "aggregate sfunc must be specified")
    arguments, direct = _arguments(run, node, given)
    state = _state_type(run, given.get("stype") or given.get("stype1"))
    used, result = _support(run, given, function_names(transition), state, arguments, direct)
    aggregate = Function(
        oid=0,
        schema=schema.oid,
        name=name,
        kind="a",
        arguments=arguments,
        returns=TypeRef(result.oid, -1, result.array),
        language="internal",
        body="aggregate_dummy",
        volatility="i",
        parallel=str(option_value(given.get("parallel")) or "unsafe")[0],
        direct_arguments=direct,
        owner=run.session.role,
        because=run.origin(),
    )
    aggregate = store_routine(run, aggregate, replace=bool(node.get("replace")))
    for function in used:
        run.catalog.depend(aggregate.oid, function.oid)
    for argument_ in arguments:
        depend_on_type(run.catalog, aggregate.oid, argument_.type)


def _support(
    run: Run,
    given: dict[str, Node | None],
    transition: list[str],
    state: TypeRef,
    arguments: tuple[Argument, ...],
    direct: int,
) -> tuple[list[Function], TypeRef]:
    """The functions that do the aggregate's work, and the type of its result."""
    from schemaguard.catalog.commands.define import function_names

    aggregated = arguments if direct < 0 else arguments[direct:]
    inputs = [state, *(argument.type for argument in aggregated)]
    used = [_function(run, transition, inputs)]
    returned = _actual_result(used[0], inputs)
    if returned is not None and (returned.oid, returned.array) != (state.oid, state.array):
        text = f"{'.'.join(transition)} is not {bare_type(run.catalog, state)}"
        raise Refused(DATATYPE_MISMATCH, f"return type of transition function {text}")
    _require_initial_value(run, given, used[0], state, aggregated)
    result = state
    if (final := given.get("finalfunc") or given.get("finalfunc1")) is not None:
        types = _final_inputs(given, state, arguments, direct)
        used.append(_function(run, function_names(final), types))
        result = _actual_result(used[-1], types) or state
    for attribute, types in (
        ("combinefunc", [state, state]),
        ("serialfunc", [INTERNAL]),
        ("deserialfunc", [TypeRef(17), INTERNAL]),
    ):
        if (argument := given.get(attribute)) is not None:
            used.append(_function(run, function_names(argument), types))
    return used, result


def _arguments(run: Run, node: Node, given: dict[str, Node | None]) -> tuple[tuple[Argument, ...], int]:
    """The parameters, and how many stand before ORDER BY (-1 for a plain aggregate)."""
    from schemaguard.catalog.analysis.types import resolve_type

    if node.get("oldstyle"):
        base = given.get("basetype")
        if base is None:
            raise Refused(INVALID_FUNCTION_DEFINITION, "aggregate input type must be specified")
        if str(option_value(base)).upper() in ('"ANY"', "ANY"):
            return (), -1
        tag, fields = only(base)
        if tag != "TypeName":
            return (), -1
        type_ = resolve_type(run.session, fields)
        return (() if type_.oid == ANY else (Argument("", type_),)), -1
    if "basetype" in given:
        message = "basetype is redundant with aggregate input type specification"
        raise Refused(INVALID_FUNCTION_DEFINITION, message)
    listed, direct = node["args"]
    parameters = listed.get("List", {}).get("items") or []
    arguments = read_parameters(run, parameters, procedure=False, language="internal")
    return arguments, integer(direct)


def _state_type(run: Run, argument: Node | None) -> TypeRef:
    from schemaguard.catalog.analysis.types import format_type, is_pseudo_type, resolve_type

    if argument is None:
        raise Refused(INVALID_FUNCTION_DEFINITION, "aggregate stype must be specified")
    tag, fields = only(argument)
    names: Node = fields if tag == "TypeName" else {"names": [argument], "typemod": -1}
    found = usable_type(run, resolve_type(run.session, names))
    found = TypeRef(found.oid, -1, found.array)
    usable = found.oid in POLYMORPHIC or (found == INTERNAL and run.session.is_superuser)
    if is_pseudo_type(found) and not usable:
        text = format_type(run.catalog, found)
        raise Refused(INVALID_FUNCTION_DEFINITION, f"aggregate transition data type cannot be {text}")
    return found


def _function(run: Run, names: list[str], types: list[TypeRef]) -> Function:
    """A support function; where none has exactly these types, one of the name that takes as many will do.

    The server looks for one that the types can be binary coerced to, or that is polymorphic.
    """
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.transform.pathways import IMPLICIT, can_coerce
    from schemaguard.catalog.analysis.types import type_number

    found = known_function(run.session, names, signature(types))
    if found is not None:
        return found
    environment = Environment(run.session)
    given = [type_number(type_) for type_ in types]
    for function in _candidates(run, names):
        declared = [type_number(argument.type) for argument in function.inputs]
        if function.inputs and function.inputs[-1].mode == "v" and len(declared) <= len(given):
            return function
        if len(declared) == len(given) and can_coerce(environment, given, declared, IMPLICIT):
            _refuse_conversion(run, function, types)
            return function
    text = signature_text(run.catalog, ".".join(names), types)
    raise Refused(UNDEFINED_FUNCTION, f"function {text} does not exist")


def _refuse_conversion(run: Run, function: Function, types: list[TypeRef]) -> None:
    """Refuse a support function whose arguments would have to be converted at run time."""
    for argument, given in zip(function.inputs, types, strict=True):
        declared = argument.type
        polymorphic = declared.oid in POLYMORPHIC or declared.oid == ANY or given.oid in POLYMORPHIC
        if not polymorphic and not binary_coercible(run.catalog, given, declared):
            text = function_text(run.catalog, function)
            raise Refused(DATATYPE_MISMATCH, f"function {text} requires run-time type coercion")


def _require_initial_value(
    run: Run,
    given: dict[str, Node | None],
    transition: Function,
    state: TypeRef,
    aggregated: tuple[Argument, ...],
) -> None:
    """A strict transition function begins with the first input, which must then be a state."""
    if not transition.strict or "initcond" in given or "initcond1" in given:
        return
    first = aggregated[0].type if aggregated else None
    if first is None or not (first.oid in POLYMORPHIC or binary_coercible(run.catalog, first, state)):
        raise Refused(
            INVALID_FUNCTION_DEFINITION,
            "must not omit initial value when transition function is strict and transition type is not compatible "
            "with input type",
        )


def _candidates(run: Run, names: list[str]) -> list[Function]:
    from schemaguard.catalog.provided import adopt, provided_functions

    catalog, session = run.catalog, run.session
    schemas = (session.schema(names[-2]).oid,) if len(names) > 1 else session.lookup_schemas()
    found: list[Function] = []
    for schema in schemas:
        found += catalog.functions_named(schema, names[-1])
        found += [adopt(catalog, one) for one in provided_functions(catalog, schema, names[-1])]
    return found


def _final_inputs(
    given: dict[str, Node | None], state: TypeRef, arguments: tuple[Argument, ...], direct: int
) -> list[TypeRef]:
    """The final function takes the state, the direct arguments, and with FINALFUNC_EXTRA the others as well."""
    extra = "finalfunc_extra" in given and option_value(given["finalfunc_extra"]) is not False
    shown = arguments if extra else arguments[: max(direct, 0)]
    return [state, *(argument.type for argument in shown)]


def _actual_result(function: Function, types: list[TypeRef]) -> TypeRef | None:
    """The result of a call with arguments of these types: a polymorphic one follows from a polymorphic parameter."""
    result = function.returns
    if result is None or result.array or result.oid not in ELEMENTS | ARRAYS:
        return result
    for argument, actual in zip(function.inputs, types, strict=False):
        if argument.type.array or (argument.type.oid in COMPATIBLE) != (result.oid in COMPATIBLE):
            continue
        if argument.type.oid in ELEMENTS:
            return TypeRef(actual.oid, -1, result.oid in ARRAYS or actual.array)
        if argument.type.oid in ARRAYS and actual.array:
            return TypeRef(actual.oid, -1, result.oid in ARRAYS)
        if argument.type.oid in ARRAYS and actual.oid in ARRAYS and result.oid in ARRAYS:
            return actual
    return result


ELEMENTS = frozenset((2283, 2776, 3500, 5077, 5079))
"""anyelement, anynonarray, anyenum, anycompatible, anycompatiblenonarray."""
ARRAYS = frozenset((2277, 5078))
"""anyarray, anycompatiblearray."""
COMPATIBLE = frozenset((5077, 5078, 5079))
"""Those whose actual types need only have a common one."""
