"""The body of a function: SQL-standard bodies bound, string bodies checked as `check_function_bodies` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.commands.embedded import embedded_dependencies
from schemaguard.catalog.commands.nodes import only
from schemaguard.catalog.errors import FEATURE_NOT_SUPPORTED, UNDEFINED_FUNCTION, Refused
from schemaguard.catalog.model import TypeRef
from schemaguard.catalog.routines import EVENT_TRIGGER, POLYMORPHIC, RECORD, TRIGGER, VOID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Function
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

INVALID_FUNCTION_DEFINITION = "42P13"

_ANALYSED = ("SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt")


def check_language_types(run: Run, function: Function) -> None:
    """Refuse pseudo-types that the language can't take or return (its validator's first check)."""
    if function.language == "sql":
        _check_types(run, function, "SQL", {VOID, RECORD}, {RECORD} if run.catalog.version >= 18 else set())
    elif function.language == "plpgsql":
        _check_types(run, function, "PL/pgSQL", {VOID, RECORD, TRIGGER, EVENT_TRIGGER}, {RECORD})
        for oid, word in ((TRIGGER, "trigger"), (EVENT_TRIGGER, "event trigger")):
            if function.returns == TypeRef(oid) and function.inputs and _checked(run):
                message = f"{word} functions cannot have declared arguments"
                raise Refused(INVALID_FUNCTION_DEFINITION, message)


def _check_types(
    run: Run, function: Function, language: str, results: set[int], parameters: set[int]
) -> None:
    from schemaguard.catalog.analysis.types import format_type, is_pseudo_type

    returns = function.returns
    code = INVALID_FUNCTION_DEFINITION if language == "SQL" else FEATURE_NOT_SUPPORTED
    if returns is not None and _is_strange(is_pseudo_type(returns), returns, results):
        text = format_type(run.catalog, returns)
        raise Refused(code, f"{language} functions cannot return type {text}")
    for argument in function.inputs:
        if _is_strange(is_pseudo_type(argument.type), argument.type, parameters):
            verb = "have arguments of" if language == "SQL" else "accept"
            text = format_type(run.catalog, argument.type)
            raise Refused(code, f"{language} functions cannot {verb} type {text}")


def _is_strange(pseudo: bool, type_: TypeRef, allowed: set[int]) -> bool:
    return pseudo and type_.oid not in allowed and type_.oid not in POLYMORPHIC


def _checked(run: Run) -> bool:
    """Whether `check_function_bodies` is on."""
    return run.session.settings.get("check_function_bodies", "on").lower() not in ("off", "false", "no", "0")


def bind_body(run: Run, function: Function, body: Node) -> None:
    """A SQL-standard body: BEGIN ATOMIC … END or RETURN; the function depends on all that it uses."""
    if any(argument.type.oid in POLYMORPHIC for argument in function.inputs):
        message = "SQL function with unquoted function body cannot have polymorphic arguments"
        raise Refused(INVALID_FUNCTION_DEFINITION, message)
    statements = tuple(_statements(body))
    catalog = run.catalog
    catalog.store(msgspec.structs.replace(catalog.objects[function.oid], body_nodes=statements))
    for statement in statements:
        kind = only(statement)[0]
        if kind not in (*_ANALYSED, "ReturnStmt"):
            verb = kind.removesuffix("Stmt")
            message = f"{verb} is not yet supported in unquoted SQL function body"
            raise Refused(FEATURE_NOT_SUPPORTED, message)
        for oid, sub in embedded_dependencies(run, statement):
            if oid != function.oid:
                catalog.depend(function.oid, oid, on_sub=sub)


def _statements(body: Node) -> Iterator[Node]:
    """The statements of a SQL body: a RETURN, or a list of lists."""
    tag, fields = only(body)
    if tag != "List":
        yield body
        return
    for item in fields["items"]:
        inner = item.get("List", {}).get("items") if "List" in item else [item]
        yield from inner or ()


def validate_body(function: Function) -> None:
    """Check a body given as a string, as the language's validator does when `check_function_bodies` is on."""
    if function.language == "internal" and not _is_internal(function.body):
        raise Refused(UNDEFINED_FUNCTION, f'there is no built-in function named "{function.body}"')


def _is_internal(body: str) -> bool:
    """Whether the server has a function of that C name; nearly all are called as in SQL: that is looked up."""
    from schemaguard.catalog.builtin.load import load

    known: dict[str, Any] = load("functions")
    return body in known or body.startswith(
        ("pg_", "text", "int", "float", "numeric", "array", "json", "range")
    )
