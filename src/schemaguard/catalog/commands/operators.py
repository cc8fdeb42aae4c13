"""CREATE OPERATOR."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import DUPLICATE_FUNCTION, INSUFFICIENT_PRIVILEGE, SYNTAX_ERROR, Refused
from schemaguard.catalog.model import Other, TypeRef
from schemaguard.catalog.other_objects import add_other
from schemaguard.catalog.routines import require_function
from schemaguard.catalog.type_records import depend_on_type, target_of, usable_type

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

INVALID_FUNCTION_DEFINITION = "42P13"

_ATTRIBUTES = frozenset(
    (
        "leftarg", "rightarg", "function", "procedure", "commutator", "negator", "restrict", "join", "hashes",
        "merges", "sort1", "sort2", "ltcmp", "gtcmp",
    )
)  # fmt: skip


def create_operator(run: Run, node: Node) -> None:
    """CREATE OPERATOR: a record `name(left,right)`; `detail` is what `made_operators` reads."""
    from schemaguard.catalog.analysis.types import type_number
    from schemaguard.catalog.commands.define import definition, function_names

    schema, name = target_of(run, strings(node["defnames"]))
    # Unknown attributes are only warned about.
    given = {key: value for key, value in definition(node).items() if key in _ATTRIBUTES}
    left, right = (_operand(run, given.get(part)) for part in ("leftarg", "rightarg"))
    procedure = given.get("function") or given.get("procedure")
    if procedure is None:
        raise Refused(INVALID_FUNCTION_DEFINITION, "operator function must be specified")
    if right is None:
        if left is None:
            message = "operator argument types must be specified"
            raise Refused(INVALID_FUNCTION_DEFINITION, message)
        raise Refused(
            INVALID_FUNCTION_DEFINITION,
            "operator right argument type must be specified",
            detail="Postfix operators are not supported.",
        )
    operands = (right,) if left is None else (left, right)
    function = require_function(run.session, function_names(procedure), operands)
    key = name + _suffix(run, left, right)
    known = run.catalog.others.get(("pg_operator", schema.oid, key))
    numbers = [0 if left is None else type_number(left), type_number(right)]
    result = 0 if function.returns is None else type_number(function.returns)
    detail = " ".join(str(number) for number in (*numbers, result, function.oid))
    if known is None:
        record = add_other(run, "pg_operator", schema.oid, key, detail=detail)
    else:
        record = run.catalog.get(known, Other)
        if record.detail:
            raise Refused(DUPLICATE_FUNCTION, f"operator {name} already exists")
        # Named as somebody's commutator or negator before it was made: the shell becomes the operator.
        if not run.session.owns(record.owner):
            raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of operator {name}")
        record = msgspec.structs.replace(record, detail=detail, because=run.origin())
        run.catalog.store(record)
    run.catalog.depend(record.oid, function.oid)
    for operand in operands:
        depend_on_type(run.catalog, record.oid, operand)
    _add_shells(run, schema.oid, key, given, left, right)


def _operand(run: Run, argument: Node | None) -> TypeRef | None:
    from schemaguard.catalog.analysis.types import resolve_type

    if argument is None:
        return None
    tag, fields = only(argument)
    if tag != "TypeName":
        raise Refused(SYNTAX_ERROR, "argument type of an operator must be a type name")
    if fields.get("setof"):
        raise Refused(INVALID_FUNCTION_DEFINITION, "SETOF type not allowed for operator argument")
    found = usable_type(run, resolve_type(run.session, fields))
    return TypeRef(found.oid, -1, found.array)


def _suffix(run: Run, left: TypeRef | None, right: TypeRef) -> str:
    from schemaguard.catalog.analysis.types import format_type

    first = "none" if left is None else format_type(run.catalog, left)
    return f"({first},{format_type(run.catalog, right)})"


def _add_shells(
    run: Run, schema: int, key: str, given: dict[str, Node | None], left: TypeRef | None, right: TypeRef
) -> None:
    """A commutator or negator that does not exist yet becomes a shell."""
    for attribute, operands in (("commutator", (right, left)), ("negator", (left, right))):
        argument = given.get(attribute)
        if argument is None or operands[1] is None:
            continue
        names = _operator_names(argument)
        target = run.session.schema(names[-2]).oid if len(names) > 1 else schema
        other = names[-1] + _suffix(run, operands[0], operands[1])
        known = other == key or ("pg_operator", target, other) in run.catalog.others
        if not known and not _is_builtin(names[-1], left, right):
            add_other(run, "pg_operator", target, other)


def _operator_names(argument: Node) -> list[str]:
    tag, fields = only(argument)
    return strings(fields["items"]) if tag == "List" else [fields.get("sval", "")]


def _is_builtin(name: str, left: TypeRef | None, right: TypeRef) -> bool:
    from schemaguard.catalog.builtin.load import load

    wanted = {0 if left is None else left.oid, right.oid}
    return any({abs(row[1]), abs(row[2])} == wanted for row in load("operators").get(name, ()))
