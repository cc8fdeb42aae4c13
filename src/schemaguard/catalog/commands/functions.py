"""CREATE FUNCTION and CREATE PROCEDURE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.function_body import bind_body, check_language_types, validate_body
from schemaguard.catalog.commands.function_options import (
    INVALID_FUNCTION_DEFINITION,
    Options,
    apply_config,
    read_options,
    require_language,
)
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.commands.parameters import read_parameters, result_type
from schemaguard.catalog.errors import (
    DUPLICATE_FUNCTION,
    INSUFFICIENT_PRIVILEGE,
    INVALID_PARAMETER,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.events import OptionsReset
from schemaguard.catalog.model import Argument, Function, TypeRef
from schemaguard.catalog.routines import (
    INTERNAL,
    POLYMORPHIC,
    RECORD,
    VOID,
    add_function,
    function_text,
    overload,
    signature_of,
)
from schemaguard.catalog.type_records import depend_on_type, target_of

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

_KIND_SENTENCES = {
    "a": "is an aggregate function.",
    "f": "is a function.",
    "p": "is a procedure.",
    "w": "is a window function.",
}
_ANYELEMENT_FAMILY = frozenset((2277, 2283, 2776, 3500, 3831, 4537))
_ANYCOMPATIBLE_FAMILY = frozenset((5077, 5078, 5079, 5080, 4538))
_RANGES_OF = {3831: (3831, 4537), 4537: (3831, 4537), 5080: (5080, 4538), 4538: (5080, 4538)}
"""A result of one of these range pseudo-types needs a parameter of one of those."""


def create_function(run: Run, node: Node) -> None:
    """CREATE [OR REPLACE] FUNCTION or PROCEDURE."""
    procedure = bool(node.get("is_procedure"))
    schema, name = target_of(run, strings(node["funcname"]))
    options = read_options(run, node.get("options"), procedure=procedure)
    language = _language(run, node, options)
    _require_leakproof_right(run, options)
    arguments = read_parameters(run, node.get("parameters"), procedure=procedure, language=language)
    returns, returns_set = result_type(run, node, arguments, language=language)
    if options.rows is not None and not returns_set:
        raise Refused(INVALID_PARAMETER, "ROWS is not applicable when function does not return a set")
    _check_result(arguments, returns)
    function = Function(
        oid=0,
        schema=schema.oid,
        name=name,
        kind="p" if procedure else "w" if options.window else "f",
        arguments=arguments,
        returns=returns,
        returns_set=returns_set,
        language=language,
        body=options.body[0] if options.body else "",
        body_offset=options.body_offset,
        security_definer=bool(options.security_definer),
        config=apply_config(run.session, (), options.config),
        volatility=options.volatility or "v",
        strict=bool(options.strict),
        leakproof=bool(options.leakproof),
        parallel=options.parallel or "u",
        window=bool(options.window),
        owner=run.session.role,
        because=run.origin(),
        security_because=run.origin() if options.security_definer is not None else None,
        config_because=run.origin() if options.config else None,
    )
    check_language_types(run, function)
    function = store_routine(run, function, replace=bool(node.get("replace")))
    _depend(run, function)
    if (sql_body := node.get("sql_body")) is not None:
        bind_body(run, function, sql_body)
    else:
        validate_body(run, function)


def _language(run: Run, node: Node, options: Options) -> str:
    """The routine's language, with the checks on its body that need nothing else."""
    if options.body is None and "sql_body" not in node:
        raise Refused(INVALID_FUNCTION_DEFINITION, "no function body specified")
    if options.language is None and "sql_body" not in node:
        raise Refused(INVALID_FUNCTION_DEFINITION, "no language specified")
    language = require_language(run, options.language or "sql")
    if options.body is not None and "sql_body" in node:
        raise Refused(INVALID_FUNCTION_DEFINITION, "duplicate function body specified")
    if "sql_body" in node and language != "sql":
        message = "inline SQL function body only valid for language SQL"
        raise Refused(INVALID_FUNCTION_DEFINITION, message)
    if options.body is not None and len(options.body) > 1 and language != "c":
        raise Refused(INVALID_FUNCTION_DEFINITION, f'only one AS item needed for language "{language}"')
    return language


def _require_leakproof_right(run: Run, options: Options) -> None:
    if options.leakproof and not run.session.is_superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, "only superuser can define a leakproof function")


def _check_result(arguments: tuple[Argument, ...], returns: TypeRef) -> None:
    """Polymorphic and internal results must follow from a parameter (`ProcedureCreate`)."""
    inputs = {a.type.oid for a in arguments if a.mode in "ibv" and not a.type.array}
    outputs = [a.type for a in arguments if a.mode in "obt"]
    for result in (returns, *outputs):
        if result.array or result.oid not in POLYMORPHIC:
            continue
        family = _ANYELEMENT_FAMILY if result.oid in _ANYELEMENT_FAMILY else _ANYCOMPATIBLE_FAMILY
        if inputs.isdisjoint(_RANGES_OF.get(result.oid, family)):
            raise Refused(INVALID_FUNCTION_DEFINITION, "cannot determine result data type")
    if INTERNAL not in inputs and any(result == TypeRef(INTERNAL) for result in (returns, *outputs)):
        raise Refused(
            INVALID_FUNCTION_DEFINITION,
            'unsafe use of pseudo-type "internal"',
            detail='A function returning "internal" must have at least one "internal" argument.',
        )


def store_routine(run: Run, function: Function, *, replace: bool) -> Function:
    """Put the routine in the place of the one with its signature, or add it."""
    from schemaguard.catalog.privileges.acl import acl_for_new_object

    catalog = run.catalog
    old = overload(catalog, function.schema, function.name, signature_of(function))
    if old is None:
        acl = acl_for_new_object(catalog, function.owner, function.schema, "f", run.origin())
        function = msgspec.structs.replace(function, oid=catalog.new_oid(), acl=acl)
        add_function(catalog, function)
        return function
    if not replace:
        message = f'function "{function.name}" already exists with same argument types'
        raise Refused(DUPLICATE_FUNCTION, message)
    if not run.session.owns(old.owner):
        word = {"p": "procedure", "a": "aggregate"}.get(old.kind, "function")
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of {word} {old.name}")
    _check_replacement(run, old, function)
    function = msgspec.structs.replace(
        function,
        oid=old.oid,
        owner=old.owner,
        owner_because=old.owner_because,
        acl=old.acl,
        extension=old.extension,
    )
    _report_resets(run, old, function)
    catalog.store(function)
    catalog.forget_dependencies(function.oid, kinds="na")
    catalog.depend(function.oid, function.schema)
    return function


def _check_replacement(run: Run, old: Function, new: Function) -> None:
    """What OR REPLACE can't change: kind, result, names of parameters, defaults."""
    if old.kind != new.kind:
        raise Refused(
            WRONG_OBJECT_TYPE,
            "cannot change routine kind",
            detail=f'"{old.name}" {_KIND_SENTENCES[old.kind]}',
        )
    hint = (
        f"Use DROP {'PROCEDURE' if old.kind == 'p' else 'FUNCTION'} {function_text(run.catalog, old)} first."
    )
    if _plain(old.returns) != _plain(new.returns) or old.returns_set != new.returns_set:
        what = "whether a procedure has output parameters" if old.kind == "p" else None
        message = f"cannot change {what}" if what else "cannot change return type of existing function"
        raise Refused(INVALID_FUNCTION_DEFINITION, message, hint=hint)
    if old.returns == TypeRef(RECORD) and _outputs(old) != _outputs(new):
        raise Refused(
            INVALID_FUNCTION_DEFINITION,
            "cannot change return type of existing function",
            detail="Row type defined by OUT parameters is different.",
            hint=hint,
        )
    for before, after in zip(old.inputs, new.inputs, strict=True):
        if before.name and before.name != after.name:
            message = f'cannot change name of input parameter "{before.name}"'
            raise Refused(INVALID_FUNCTION_DEFINITION, message, hint=hint)
        if before.default is not None and after.default is None:
            message = "cannot remove parameter defaults from existing function"
            raise Refused(INVALID_FUNCTION_DEFINITION, message, hint=hint)


def _plain(type_: TypeRef | None) -> tuple[int, bool]:
    return (VOID, False) if type_ is None else (type_.oid, type_.array)


def _outputs(function: Function) -> list[tuple[str, int, bool]]:
    """The row type that OUT, INOUT and TABLE parameters define, None where there is at most one."""
    found = [(a.name, a.type.oid, a.type.array) for a in function.arguments if a.mode in "obt"]
    return found if len(found) > 1 else []


def _report_resets(run: Run, old: Function, new: Function) -> None:
    """Leave an event for each protection that the replacement does not repeat."""
    if old.security_definer and not new.security_definer:
        run.event(
            OptionsReset(
                because=run.origin(),
                object=new.oid,
                option="security_definer",
                old="true",
                had_because=old.security_because or old.because,
            )
        )
    kept = dict(new.config)
    for name, value in old.config:
        if name not in kept:
            run.event(
                OptionsReset(
                    because=run.origin(),
                    object=new.oid,
                    option=name,
                    old=value,
                    had_because=old.config_because or old.because,
                )
            )


def _depend(run: Run, function: Function) -> None:
    """Depend on the types of parameters and result, on the language, and on what the defaults use."""
    from schemaguard.catalog.analysis.binding import dependencies

    catalog = run.catalog
    depend_on_type(catalog, function.oid, function.returns)
    for argument in function.arguments:
        depend_on_type(catalog, function.oid, argument.type)
        if argument.default is not None:
            for oid, sub in dependencies(run.session, argument.default, None):
                catalog.depend(function.oid, oid, on_sub=sub)
    language = catalog.others.get(("pg_language", 0, function.language))
    if language is not None:
        catalog.depend(function.oid, language)


HANDLERS = {"CreateFunctionStmt": create_function}
