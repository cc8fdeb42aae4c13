"""Functions and procedures as the server names and finds them: signatures, identity arguments, look-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import (
    AMBIGUOUS_FUNCTION,
    SYNTAX_ERROR,
    UNDEFINED_FUNCTION,
    UNDEFINED_SCHEMA,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.session import TEMPORARY_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemaguard.catalog.model import Argument, Function, TypeRef
    from schemaguard.catalog.session import Session
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

VOID = 2278
RECORD = 2249
TRIGGER = 2279
EVENT_TRIGGER = 3838
INTERNAL = 2281
ANY = 2276

POLYMORPHIC = frozenset((2277, 2283, 2776, 3500, 3831, 4537, 4538, 5077, 5078, 5079, 5080))
"""anyarray, anyelement, anynonarray, anyenum, the any…range and the anycompatible… pseudo-types."""

Signature = tuple[tuple[int, bool], ...]
"""What tells overloads apart: oid and "is an array of it" of each input parameter."""


def signature_of(function: Function) -> Signature:
    """The function's own signature (`pg_proc.proargtypes`)."""
    return tuple((argument.type.oid, argument.type.array) for argument in function.inputs)


def signature(types: Iterable[TypeRef]) -> Signature:
    """The signature of a list of types: modifiers do not count."""
    return tuple((type_.oid, type_.array) for type_ in types)


def bare_type(catalog: Catalog, type_: TypeRef) -> str:
    """A type without its modifier as `format_type_be` prints it: `character`, not `bpchar`."""
    from schemaguard.catalog.analysis.environment import type_text
    from schemaguard.catalog.analysis.types import type_number

    return type_text(catalog, type_number(type_))


def signature_text(catalog: Catalog, name: str, types: Iterable[TypeRef]) -> str:
    """`f(integer, text)`, as messages of the server show it."""
    return f"{name}({', '.join(bare_type(catalog, type_) for type_ in types)})"


def function_text(catalog: Catalog, function: Function) -> str:
    """The function with the types of its input parameters, for messages."""
    return signature_text(catalog, function.name, (argument.type for argument in function.inputs))


def procedure_text(catalog: Catalog, function: Function) -> str:
    """`f(integer,text)`: the function as `regprocedure` prints it, schema left to the caller."""
    types = (bare_type(catalog, argument.type) for argument in function.inputs)
    return f"{quote_identifier(function.name)}({','.join(types)})"


def identity_arguments(catalog: Catalog, function: Function) -> str:
    """The parameters as `pg_get_function_identity_arguments` prints them: no defaults, no table columns."""
    shown = [argument for argument in function.arguments if argument.mode != "t"]
    texts = [_parameter_text(catalog, function, argument) for argument in shown]
    direct = function.direct_arguments
    if direct < 0:
        return ", ".join(texts)
    aggregated = texts[direct:] or texts[-1:]  # one VARIADIC parameter can stand for both lists
    return f"{', '.join(texts[:direct])}{' ' if direct else ''}ORDER BY {', '.join(aggregated)}"


def _parameter_text(catalog: Catalog, function: Function, argument: Argument) -> str:
    mode = {"o": "OUT ", "b": "INOUT ", "v": "VARIADIC "}.get(argument.mode, "")
    if argument.mode == "i" and function.kind == "p":
        mode = "IN "
    name = f"{quote_identifier(argument.name)} " if argument.name else ""
    return f"{mode}{name}{bare_type(catalog, argument.type)}"


def result_text(catalog: Catalog, function: Function) -> str | None:
    """The result as `pg_get_function_result` prints it, None for a procedure."""
    if function.kind == "p" or function.returns is None:
        return None
    table = [argument for argument in function.arguments if argument.mode == "t"]
    if table:
        return f"TABLE({', '.join(_parameter_text(catalog, function, column) for column in table)})"
    result = bare_type(catalog, function.returns)
    return f"SETOF {result}" if function.returns_set else result


def add_function(catalog: Catalog, function: Function) -> None:
    """Store a new function under its name, depending on its schema."""
    key = (function.schema, function.name)
    catalog.put(catalog.functions, key, (*catalog.functions.get(key, ()), function.oid))
    catalog.store(function)
    catalog.depend(function.oid, function.schema)


def overload(catalog: Catalog, schema: int, name: str, wanted: Signature) -> Function | None:
    """The function of exactly that signature in a schema."""
    for function in catalog.functions_named(schema, name):
        if signature_of(function) == wanted:
            return function
    return None


_WORDS = {
    "OBJECT_FUNCTION": "function",
    "OBJECT_PROCEDURE": "procedure",
    "OBJECT_AGGREGATE": "aggregate",
    "OBJECT_ROUTINE": "routine",
}


def find_routine(session: Session, objtype: str, node: Node, *, missing_ok: bool = False) -> Function | None:
    """The routine that an ObjectWithArgs names (`LookupFuncWithArgs`); None where it is missing and may be.

    `objtype` is OBJECT_FUNCTION, OBJECT_PROCEDURE, OBJECT_AGGREGATE or OBJECT_ROUTINE. A built-in function
    becomes a record under its own oid (below FIRST_USER_OID), in no map of names.

    Raises:
        Refused: it does not exist, is ambiguous or of another kind.
    """
    from schemaguard.catalog.provided import adopt

    names = strings(node["objname"])
    found = _candidates(session, names, missing_ok=missing_ok)
    if node.get("args_unspecified"):
        match = _only_one(found, objtype, names, missing_ok=missing_ok)
        shown = names[-1] if match is None else function_text(session.catalog, match)
    else:
        types = _input_types(session, node, missing_ok=missing_ok)
        if types is None:
            return None
        shown = signature_text(session.catalog, ".".join(names), types)
        match = _by_arguments(objtype, node, found, signature(types))
        if match is None and not missing_ok:
            word = {"OBJECT_ROUTINE": "function"}.get(objtype, _WORDS[objtype])
            if objtype == "OBJECT_AGGREGATE" and not types:
                shown = f"{'.'.join(names)}(*)"
            raise Refused(UNDEFINED_FUNCTION, f"{word} {shown} does not exist")
    if match is None:
        return None
    _require_kind(match, objtype, shown)
    return adopt(session.catalog, match)


def _candidates(session: Session, names: Sequence[str], *, missing_ok: bool) -> list[Function]:
    """Functions of the name seen from the search path, the nearest schema's first, without hidden ones."""
    from schemaguard.catalog.provided import provided_functions

    catalog = session.catalog
    if len(names) > 1 and names[-2] not in catalog.schemas:
        if missing_ok:
            return []
        raise Refused(UNDEFINED_SCHEMA, f'schema "{names[-2]}" does not exist')
    schemas = (session.used_schema(names[-2]),) if len(names) > 1 else session.lookup_schemas()
    found: list[Function] = []
    seen: set[Signature] = set()
    for schema in schemas:
        own_and_provided = [
            *catalog.functions_named(schema, names[-1]),
            *provided_functions(catalog, schema, names[-1]),
        ]
        for function in own_and_provided:
            if (own := signature_of(function)) not in seen:
                seen.add(own)
                found.append(function)
    return found


def _schemas_of(session: Session, names: Sequence[str], *, missing_ok: bool = False) -> Sequence[int]:
    """The schemas in which a possibly qualified function name is looked for; never that of temporary tables."""
    if len(names) == 1:
        temporary = session.catalog.schemas.get(TEMPORARY_SCHEMA)
        return [schema for schema in session.lookup_schemas() if schema != temporary]
    schema = session.used_schema(names[-2])
    if schema < 0 and not missing_ok:
        raise Refused(UNDEFINED_SCHEMA, f'schema "{names[-2]}" does not exist')
    return () if schema < 0 else (schema,)


def _only_one(
    found: list[Function], objtype: str, names: Sequence[str], *, missing_ok: bool
) -> Function | None:
    """The one routine of a name that was given without parameters."""
    if objtype == "OBJECT_PROCEDURE":
        found = [function for function in found if function.kind == "p"]
    elif objtype != "OBJECT_ROUTINE":
        found = [function for function in found if function.kind != "p"]
    name, word = ".".join(names), _WORDS[objtype]
    if len(found) > 1:
        raise Refused(
            AMBIGUOUS_FUNCTION,
            f'{word} name "{name}" is not unique',
            hint=f"Specify the argument list to select the {word} unambiguously.",
        )
    if not found:
        if missing_ok:
            return None
        article = "an" if word == "aggregate" else "a"
        word = {"routine": "function"}.get(word, word)
        raise Refused(UNDEFINED_FUNCTION, f'could not find {article} {word} named "{name}"')
    return found[0]


def _input_types(session: Session, node: Node, *, missing_ok: bool) -> list[TypeRef] | None:
    from schemaguard.catalog.analysis.types import resolve_type

    try:
        return [resolve_type(session, argument["TypeName"]) for argument in node.get("objargs", ())]
    except Refused:
        if missing_ok:
            return None
        raise


def _by_arguments(objtype: str, node: Node, found: list[Function], wanted: Signature) -> Function | None:
    """The routine of that signature; a procedure may also be named with its OUT parameters."""
    match = next((function for function in found if signature_of(function) == wanted), None)
    listed = [element["FunctionParameter"] for element in node.get("objfuncargs", ())]
    if objtype not in ("OBJECT_PROCEDURE", "OBJECT_ROUTINE") or any(
        parameter.get("mode", "FUNC_PARAM_DEFAULT") != "FUNC_PARAM_DEFAULT" for parameter in listed
    ):
        return match
    for function in found:
        if function.kind == "p" and signature(argument.type for argument in function.arguments) == wanted:
            if match is not None and match.oid != function.oid:
                name = ".".join(strings(node["objname"]))
                raise Refused(AMBIGUOUS_FUNCTION, f'{_WORDS[objtype]} name "{name}" is not unique')
            return function
    return match


def _require_kind(function: Function, objtype: str, shown: str) -> None:
    """Refuse a routine of another kind; FUNCTION may also name an aggregate or a window function."""
    if objtype == "OBJECT_FUNCTION" and function.kind == "p":
        raise Refused(WRONG_OBJECT_TYPE, f"{shown} is not a function")
    if objtype == "OBJECT_PROCEDURE" and function.kind != "p":
        raise Refused(WRONG_OBJECT_TYPE, f"{shown} is not a procedure")
    if objtype == "OBJECT_AGGREGATE" and function.kind != "a":
        raise Refused(WRONG_OBJECT_TYPE, f"function {shown} is not an aggregate")


def known_function(session: Session, names: Sequence[str], wanted: Signature) -> Function | None:
    """The function of exactly that signature, be it the history's, built in or an extension's; None if missing.

    One of the last two becomes a record of the catalog by being found.

    Raises:
        Refused: the schema that qualifies the name does not exist.
    """
    from schemaguard.catalog.provided import adopt, provided_functions

    catalog = session.catalog
    for schema in _schemas_of(session, names):
        function = overload(catalog, schema, names[-1], wanted)
        if function is not None:
            return function
        for provided in provided_functions(catalog, schema, names[-1]):
            if signature_of(provided) == wanted:
                return adopt(catalog, provided)
    return None


def require_function(session: Session, names: Sequence[str], types: Sequence[TypeRef]) -> Function:
    """The function of that name with exactly these parameters (`LookupFuncName`).

    Raises:
        Refused: there is none.
    """
    found = known_function(session, names, signature(types))
    if found is None:
        text = signature_text(session.catalog, ".".join(names), types)
        raise Refused(UNDEFINED_FUNCTION, f"function {text} does not exist")
    return found


def qualified_name(node_names: Sequence[str], what: str = "name") -> tuple[str | None, str]:
    """Schema (None where there is none) and name of a list of one, two or three parts.

    Raises:
        Refused: more parts than that.
    """
    if len(node_names) > 3:
        raise Refused(
            SYNTAX_ERROR, f"improper qualified {what} (too many dotted names): {'.'.join(node_names)}"
        )
    return (node_names[-2] if len(node_names) > 1 else None), node_names[-1]
