"""The parameter list and the result of a routine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.function_options import INVALID_FUNCTION_DEFINITION
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import UNDEFINED_OBJECT, Refused
from schemaguard.catalog.model import Argument, Type, TypeRef
from schemaguard.catalog.routines import ANY, RECORD, VOID
from schemaguard.catalog.type_records import add_type, target_of, usable_type

if TYPE_CHECKING:
    from schemaguard.catalog.model import Expression
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

MODES = {
    "FUNC_PARAM_DEFAULT": "i",
    "FUNC_PARAM_IN": "i",
    "FUNC_PARAM_OUT": "o",
    "FUNC_PARAM_INOUT": "b",
    "FUNC_PARAM_VARIADIC": "v",
    "FUNC_PARAM_TABLE": "t",
}
MAXIMUM_ARGUMENTS = 100
PROCEDURE_OUT_SINCE = 14

_VARIADIC_PSEUDO_TYPES = (ANY, 2277, 5078)
"""any, anyarray and anycompatiblearray: the pseudo-types that VARIADIC may have."""


def read_parameters(
    run: Run, nodes: list[Node] | None, *, procedure: bool, language: str
) -> tuple[Argument, ...]:
    """The parameters of CREATE FUNCTION (`interpret_function_parameter_list`).

    Raises:
        Refused: types that do not exist, names used twice, VARIADIC or defaults in the wrong place.
    """
    found: list[Argument] = []
    have_defaults = False
    variadic = False
    for node in nodes or ():
        parameter = node["FunctionParameter"]
        mode = MODES[parameter.get("mode", "FUNC_PARAM_DEFAULT")]
        type_ = _parameter_type(run, parameter["argType"], language=language)
        if variadic and (mode in "ibv" or (procedure and mode == "o")):
            word = "parameter" if procedure and mode == "o" else "input parameter"
            raise Refused(INVALID_FUNCTION_DEFINITION, f"VARIADIC parameter must be the last {word}")
        if mode == "v":
            variadic = True
            if not type_.array and type_.oid not in _VARIADIC_PSEUDO_TYPES:
                raise Refused(INVALID_FUNCTION_DEFINITION, "VARIADIC parameter must be an array")
        name = parameter.get("name", "")
        _refuse_used_name(found, name, mode)
        default: Expression | None = None
        if (expression := parameter.get("defexpr")) is not None:
            if mode not in "ibv":
                message = "only input parameters can have default values"
                raise Refused(INVALID_FUNCTION_DEFINITION, message)
            default = _default(run, expression, type_)
            have_defaults = True
        elif have_defaults and mode in "ibv":
            message = "input parameters after one with a default value must also have defaults"
            raise Refused(INVALID_FUNCTION_DEFINITION, message)
        elif have_defaults and procedure and mode == "o" and run.catalog.version >= PROCEDURE_OUT_SINCE:
            message = "procedure OUT parameters cannot appear after one with a default value"
            raise Refused(INVALID_FUNCTION_DEFINITION, message)
        found.append(Argument(name, type_, mode, default))
    if sum(argument.mode in "ibv" for argument in found) > MAXIMUM_ARGUMENTS:
        word = "procedures" if procedure else "functions"
        raise Refused("54023", f"{word} cannot have more than {MAXIMUM_ARGUMENTS} arguments")
    return tuple(found)


def _parameter_type(run: Run, type_name: Node, *, language: str) -> TypeRef:
    from schemaguard.catalog.analysis.types import lookup_type, resolve_type

    if type_name.get("setof"):
        raise Refused(INVALID_FUNCTION_DEFINITION, "functions cannot accept set arguments")
    if "pct_type" not in type_name and not type_name.get("typmods"):
        names = strings(type_name["names"])
        shell = lookup_type(run.session, names)
        if shell is None:
            raise Refused(UNDEFINED_OBJECT, f"type {'.'.join(names)} does not exist")
        record = run.catalog.objects.get(shell.oid)
        if isinstance(record, Type) and record.kind == "p":
            # A base type's own functions name it while it is only a shell.
            if language == "sql":
                text = ".".join(names)
                word = "SQL function cannot accept shell type"
                raise Refused(INVALID_FUNCTION_DEFINITION, f"{word} {text}")
            return TypeRef(shell.oid, -1, "arrayBounds" in type_name)
    found = usable_type(run, resolve_type(run.session, type_name))
    return TypeRef(found.oid, -1, found.array)


def _refuse_used_name(found: list[Argument], name: str, mode: str) -> None:
    """Refuse a name twice among inputs or among outputs; an input and an output may share one."""
    if not name:
        return
    for other in found:
        if other.name != name:
            continue
        if (mode in "iv" and other.mode in "ot") or (other.mode in "iv" and mode in "ot"):
            continue
        raise Refused(INVALID_FUNCTION_DEFINITION, f'parameter name "{name}" used more than once')


def _default(run: Run, node: Node, type_: TypeRef) -> Expression:
    from schemaguard.catalog.analysis.binding import bind_expression

    return bind_expression(run.session, node, None, run.origin(), context="parameter", target=type_)


def result_type(
    run: Run, node: Node, arguments: tuple[Argument, ...], *, language: str
) -> tuple[TypeRef, bool]:
    """The result type and whether it is a set, from RETURNS and from OUT parameters.

    Raises:
        Refused: neither says it, or they disagree.
    """
    from schemaguard.catalog.analysis.types import format_type

    outputs = [argument for argument in arguments if argument.mode in "obt"]
    implied = outputs[0].type if len(outputs) == 1 else TypeRef(RECORD)
    if node.get("is_procedure"):
        return (TypeRef(RECORD) if outputs else TypeRef(VOID)), False
    declared = node.get("returnType")
    if declared is None:
        if not outputs:
            raise Refused(INVALID_FUNCTION_DEFINITION, "function result type must be specified")
        return implied, False
    returns_set = bool(declared.get("setof"))
    if any(argument.mode == "t" for argument in arguments):
        return implied, True
    found = _declared_result(run, declared, language)
    if outputs and (found.oid, found.array) != (implied.oid, implied.array):
        text = format_type(run.catalog, implied)
        message = f"function result type must be {text} because of OUT parameters"
        raise Refused(INVALID_FUNCTION_DEFINITION, message)
    return found, returns_set


def _declared_result(run: Run, type_name: Node, language: str) -> TypeRef:
    """The type after RETURNS; a C function may name one that does not exist yet: it becomes a shell."""
    from schemaguard.catalog.analysis.types import lookup_type, resolve_type

    if not type_name.get("pct_type") and not type_name.get("typmods"):
        names = strings(type_name["names"])
        found = lookup_type(run.session, names)
        record = None if found is None else run.catalog.objects.get(found.oid)
        if found is not None and isinstance(record, Type) and record.kind == "p":
            if language == "sql":
                text = ".".join(names)
                message = f"SQL function cannot return shell type {text}"
                raise Refused(INVALID_FUNCTION_DEFINITION, message)
            return TypeRef(found.oid)
        if found is None and language in ("c", "internal"):
            return _shell(run, names)
        if found is None:
            text = ".".join(names)
            raise Refused(UNDEFINED_OBJECT, f'type "{text}" does not exist')
    found = usable_type(run, resolve_type(run.session, type_name))
    return TypeRef(found.oid, -1, found.array)


def _shell(run: Run, names: list[str]) -> TypeRef:
    schema, name = target_of(run, names)
    record = Type(
        oid=run.catalog.new_oid(),
        schema=schema.oid,
        name=name,
        kind="p",
        owner=run.session.role,
        because=run.origin(),
    )
    add_type(run.catalog, record)
    return TypeRef(record.oid)
