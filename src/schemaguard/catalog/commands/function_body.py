"""The body of a function: SQL-standard bodies bound, string bodies checked as `check_function_bodies` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.commands.nodes import only
from schemaguard.catalog.errors import (
    FEATURE_NOT_SUPPORTED,
    SYNTAX_ERROR,
    UNDEFINED_FUNCTION,
    Opaque,
    Refused,
)
from schemaguard.catalog.model import Relation, Type, TypeRef
from schemaguard.catalog.routines import EVENT_TRIGGER, POLYMORPHIC, RECORD, TRIGGER, VOID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.analysis.query import OutputColumn, Parameters
    from schemaguard.catalog.analysis.statements import AnalysedStatement
    from schemaguard.catalog.model import Function
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

INVALID_FUNCTION_DEFINITION = "42P13"

_NO_ROWS = "Function's final statement must be SELECT or INSERT/UPDATE/DELETE/MERGE RETURNING."


def check_language_types(run: Run, function: Function) -> None:
    """Refuse pseudo-types that the language can't take or return (its validator's first check)."""
    if function.language == "sql":
        _check_types(run, function, "SQL", {VOID, RECORD}, {RECORD} if run.catalog.version >= 18 else set())
    elif function.language == "plpgsql":
        _check_types(run, function, "PL/pgSQL", {VOID, RECORD, TRIGGER, EVENT_TRIGGER}, {RECORD})
        for oid, word in ((TRIGGER, "trigger"), (EVENT_TRIGGER, "event trigger")):
            if function.returns == TypeRef(oid) and function.inputs and bodies_are_checked(run):
                message = f"{word} functions cannot have declared arguments"
                raise Refused(INVALID_FUNCTION_DEFINITION, message)


def _check_types(
    run: Run, function: Function, language: str, results: set[int], parameters: set[int]
) -> None:
    from schemaguard.catalog.analysis.types import format_type, is_pseudo_type

    def is_strange(type_: TypeRef, allowed: set[int]) -> bool:
        return is_pseudo_type(type_) and type_.oid not in allowed | POLYMORPHIC

    returns = function.returns
    code = INVALID_FUNCTION_DEFINITION if language == "SQL" else FEATURE_NOT_SUPPORTED
    if returns is not None and is_strange(returns, results):
        text = format_type(run.catalog, returns)
        raise Refused(code, f"{language} functions cannot return type {text}")
    for argument in function.inputs:
        if is_strange(argument.type, parameters):
            verb = "have arguments of" if language == "SQL" else "accept"
            text = format_type(run.catalog, argument.type)
            raise Refused(code, f"{language} functions cannot {verb} type {text}")


def bodies_are_checked(run: Run) -> bool:
    """Whether `check_function_bodies` is on."""
    return run.session.settings.get("check_function_bodies", "on").lower() not in ("off", "false", "no", "0")


# SQL-standard bodies


def bind_body(run: Run, function: Function, body: Node) -> None:
    """A SQL-standard body: BEGIN ATOMIC … END or RETURN; the function depends on all that it uses."""
    from schemaguard.catalog.analysis.statements import ANALYSED, analyse_statement

    if any(argument.type.oid in POLYMORPHIC for argument in function.inputs):
        message = "SQL function with unquoted function body cannot have polymorphic arguments"
        raise Refused(INVALID_FUNCTION_DEFINITION, message)
    statements = tuple(_statements(body))
    catalog = run.catalog
    catalog.store(msgspec.structs.replace(function, body_nodes=statements))
    columns: list[OutputColumn] | None = None
    unknown = ""
    for statement in statements:
        kind, fields = only(statement)
        node = _returned(fields) if kind == "ReturnStmt" else statement
        if kind not in (*ANALYSED, "ReturnStmt"):
            command = kind.removesuffix("Stmt").upper()
            message = f"{command} is not yet supported in unquoted SQL function body"
            raise Refused(FEATURE_NOT_SUPPORTED, message)
        analysed = analyse_statement(run.session, node, parameters=_parameters(function))
        _refuse_unwritable(run, kind, analysed)
        columns, unknown = analysed.columns, unknown or analysed.unknown
        for oid, sub in analysed.depends:
            if oid != function.oid:
                catalog.depend(function.oid, oid, on_sub=sub)
    if not unknown:
        check_result(run, function, columns)


_EVENTS = {"InsertStmt": "insert", "UpdateStmt": "update", "DeleteStmt": "delete"}


def _refuse_unwritable(run: Run, kind: str, analysed: AnalysedStatement) -> None:
    """The validator rewrites the statement, too, and so finds views that can't be written."""
    from schemaguard.catalog.updatability import refuse_unwritable

    relation = run.catalog.objects.get(analysed.target)
    if kind in _EVENTS and isinstance(relation, Relation):
        refuse_unwritable(run.catalog, relation, _EVENTS[kind], analysed.sets)


def _returned(fields: Node) -> Node:
    """`RETURN x` as the query that it stands for."""
    target = {"ResTarget": {"val": fields["returnval"]}}
    return {"SelectStmt": {"targetList": [target], "op": "SETOP_NONE"}}


def _parameters(function: Function) -> Parameters:
    from schemaguard.catalog.analysis.query import Parameters

    inputs = function.inputs
    return Parameters([one.type for one in inputs], [one.name for one in inputs], function.name)


def _statements(body: Node) -> Iterator[Node]:
    """The statements of a SQL body: a RETURN, or a list of lists."""
    tag, fields = only(body)
    if tag != "List":
        yield body
        return
    for item in fields["items"]:
        inner = item.get("List", {}).get("items") if "List" in item else [item]
        yield from filter(None, inner or ())  # a body without a statement holds an empty one


# Bodies given as strings


def validate_body(run: Run, function: Function) -> None:
    """Check a body given as a string, as the language's validator does when `check_function_bodies` is on.

    PL/pgSQL has its own parser: what it refuses is found where its functions are analysed.
    """
    if function.language == "internal" and not _is_internal(function.body):
        raise Refused(UNDEFINED_FUNCTION, f'there is no built-in function named "{function.body}"')
    if function.language == "sql" and bodies_are_checked(run):
        _validate_sql(run, function)


def _is_internal(body: str) -> bool:
    """Whether the server has a function of that C name; nearly all are called as in SQL: that is looked up."""
    from schemaguard.catalog.builtin.load import load

    known: dict[str, Any] = load("functions")
    return body in known or body.startswith(
        ("pg_", "text", "int", "float", "numeric", "array", "json", "range")
    )


def _validate_sql(run: Run, function: Function) -> None:
    """Analyse each statement of the body against the catalog as it is, before any of them runs."""
    from schemaguard.catalog.analysis.statements import ANALYSED, analyse_statement
    from schemaguard.statements.parse import Unparsed, parse
    from schemaguard.text import SqlText

    polymorphic = any(argument.type.oid in POLYMORPHIC for argument in function.inputs)
    columns: list[OutputColumn] | None = None
    for parsed in parse(SqlText.written_by(function.body, run.statement.span)):
        if isinstance(parsed, Unparsed):
            raise Refused(SYNTAX_ERROR, parsed.message, offset=function.body_offset)
        columns = None
        if polymorphic or parsed.kind not in ANALYSED:
            continue
        try:
            analysed = analyse_statement(
                run.session, {parsed.kind: parsed.node}, parameters=_parameters(function)
            )
            _refuse_unwritable(run, parsed.kind, analysed)
        except Refused as refused:
            raise Refused(
                refused.sqlstate,
                refused.message,
                detail=refused.detail,
                hint=refused.hint,
                offset=function.body_offset,
            ) from None
        except Opaque:
            return
        if analysed.unknown:
            return
        columns = analysed.columns
    if not polymorphic:
        check_result(run, function, columns)


# What the last statement returns


def check_result(run: Run, function: Function, columns: list[OutputColumn] | None) -> None:
    """Refuse a last statement that does not return what the function is declared to (`check_sql_fn_retval`).

    `columns`: what it returns, None for no rows.
    """
    returns = function.returns
    if returns is None or returns == TypeRef(VOID) or returns.oid == 0:
        return
    if columns is None:
        raise _mismatch(run, returns, _NO_ROWS)
    wanted = _row(run, function, returns)
    if wanted is None:
        if returns != TypeRef(RECORD):
            _check_scalar(run, returns, columns)
        return
    if len(columns) == 1 and not function.returns_set and _is_row_itself(columns[0].type, returns):
        return
    if len(columns) == 1 and _is_row_itself(columns[0].type, returns):
        return
    _check_row(run, returns, wanted, columns)


def _is_row_itself(given: TypeRef, returns: TypeRef) -> bool:
    return (given.oid, given.array) == (returns.oid, returns.array) and returns.oid != RECORD


def _check_scalar(run: Run, returns: TypeRef, columns: list[OutputColumn]) -> None:
    from schemaguard.catalog.analysis.types import format_type

    if len(columns) != 1:
        raise _mismatch(run, returns, "Final statement must return exactly one column.")
    if not _assignable(run, columns[0].type, returns):
        text = format_type(run.catalog, TypeRef(columns[0].type.oid, -1, columns[0].type.array))
        raise _mismatch(run, returns, f"Actual return type is {text}.")


def _check_row(run: Run, returns: TypeRef, wanted: list[TypeRef], columns: list[OutputColumn]) -> None:
    from schemaguard.catalog.analysis.types import format_type

    for number, (column, type_) in enumerate(zip(columns, wanted, strict=False), 1):
        if not _assignable(run, column.type, type_):
            given, expected = (
                format_type(run.catalog, TypeRef(one.oid, -1, one.array)) for one in (column.type, type_)
            )
            detail = f"Final statement returns {given} instead of {expected} at column {number}."
            raise _mismatch(run, returns, detail)
    if len(columns) != len(wanted):
        word = "many" if len(columns) > len(wanted) else "few"
        raise _mismatch(run, returns, f"Final statement returns too {word} columns.")


def _row(run: Run, function: Function, returns: TypeRef) -> list[TypeRef] | None:
    """The columns that a row type or the OUT parameters ask for; None for a scalar, or for any record."""
    outputs = [argument.type for argument in function.arguments if argument.mode in "obt"]
    if len(outputs) > 1 or (outputs and returns.oid == RECORD):
        return outputs
    record = None if returns.array else run.catalog.objects.get(returns.oid)
    if isinstance(record, Type) and record.kind == "d" and record.base is not None:
        return _row(run, function, record.base)
    relation = run.catalog.objects.get(record.relation) if isinstance(record, Type) else None
    return [column.type for column in relation.columns] if isinstance(relation, Relation) else None


def _assignable(run: Run, given: TypeRef, wanted: TypeRef) -> bool:
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.transform.pathways import ASSIGNMENT, can_coerce
    from schemaguard.catalog.analysis.types import type_number

    if 0 in (given.oid, wanted.oid) or wanted.oid in POLYMORPHIC:
        return True
    return can_coerce(Environment(run.session), [type_number(given)], [type_number(wanted)], ASSIGNMENT)


def _mismatch(run: Run, returns: TypeRef, detail: str) -> Refused:
    from schemaguard.catalog.analysis.types import format_type

    text = format_type(run.catalog, TypeRef(returns.oid, -1, returns.array))
    message = f"return type mismatch in function declared to return {text}"
    return Refused(INVALID_FUNCTION_DEFINITION, message, detail=detail)
