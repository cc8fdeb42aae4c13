"""What a column is: its type seen through domains, whether it can be NULL, what fills it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.model import FIRST_USER_OID, Type
from schemaguard.catalog.widening import base_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Column, Constraint, Table, TypeRef
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

RANDOM_FUNCTIONS = frozenset(("gen_random_uuid", "uuid_generate_v4", "uuid_generate_v1", "uuidv4", "uuidv7"))


def type_name(catalog: Catalog, ref: TypeRef) -> str:
    """The type as the server spells it."""
    from schemaguard.catalog.analysis.types import format_type

    return format_type(catalog, ref)


def is_type(catalog: Catalog, ref: TypeRef, wanted: str) -> bool:
    """Whether a type is `wanted` (as the server spells it, or an alias), itself or through domains, modifiers aside."""
    actual = type_name(catalog, base_type(catalog, ref))
    return _plain(actual) == _plain(ALIASES.get(wanted.lower(), wanted.lower()))


@lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    return re.sub(r"\([^)]*\)", "", name).strip().removeprefix("public.")


ALIASES = {
    "int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean",
    "varchar": "character varying", "char": "character", "decimal": "numeric",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "float8": "double precision", "float4": "real", "float": "double precision",
}  # fmt: skip
"""Names that people write, and what `format_type` prints."""


def is_not_null(catalog: Catalog, column: Column) -> bool:
    """Whether the column is NOT NULL, itself or through its domain."""
    if column.not_null:
        return True
    ref = column.type
    while ref.oid >= FIRST_USER_OID and not ref.array:
        record = catalog.objects.get(ref.oid)
        if not isinstance(record, Type) or record.kind != "d" or record.base is None:
            return False
        if record.not_null:
            return True
        ref = record.base
    return False


def not_null_check(catalog: Catalog, table: Table, column: Column) -> Constraint | None:
    """A validated CHECK that demands the column, at its top or in every AND of it."""
    for constraint in catalog.constraints(table.oid):
        if constraint.type == "c" and constraint.validated and constraint.expression is not None:
            names = dict(constraint.expression.columns)
            if any(names.get(name) == column.number for name in demanded(constraint.expression.node)):
                return constraint
    return None


def demanded(node: Node) -> set[str]:
    """The columns that a condition demands to be not NULL, through AND."""
    tag, fields = only(node)
    if tag == "NullTest" and fields["nulltesttype"] == "IS_NOT_NULL":
        inner, reference = only(fields["arg"])
        return {strings(reference["fields"])[-1]} if inner == "ColumnRef" else set()
    if tag == "BoolExpr" and fields["boolop"] == "AND_EXPR":
        return {name for argument in fields["args"] for name in demanded(argument)}
    return set()


def one_of_check(catalog: Catalog, table: Table, columns: Sequence[Column]) -> Constraint | None:
    """A validated CHECK that demands at least one of some columns."""
    wanted = {column.number for column in columns}
    for constraint in catalog.constraints(table.oid):
        if constraint.type == "c" and constraint.validated and constraint.expression is not None:
            names = {name for name, number in constraint.expression.columns if number in wanted}
            if _demands_one(constraint.expression.node, names):
                return constraint
    return None


def _demands_one(node: Node, names: set[str]) -> bool:
    """Whether a condition that holds leaves one of the columns not NULL."""
    tag, fields = only(node)
    if tag == "BoolExpr" and fields["boolop"] != "NOT_EXPR":
        verdicts = [_demands_one(argument, names) for argument in fields["args"]]
        return all(verdicts) if fields["boolop"] == "OR_EXPR" else any(verdicts)
    if tag == "NullTest" and fields["nulltesttype"] == "IS_NOT_NULL":
        inner, argument = only(fields["arg"])
        references = argument["args"] if inner == "CoalesceExpr" else [fields["arg"]]
        return all(_reference(reference) in names for reference in references)
    if tag == "A_Expr" and strings(fields["name"])[-1] in (">", ">=", "="):
        inner, call = only(fields["lexpr"]) if "lexpr" in fields else ("", {})
        if inner == "FuncCall" and strings(call["funcname"])[-1] == "num_nonnulls":
            least = only(fields["rexpr"])[1].get("ival", {}).get("ival", 0)
            enough = least >= (0 if strings(fields["name"])[-1] == ">" else 1)
            return enough and all(_reference(reference) in names for reference in call["args"])
    return False


def _reference(node: Node) -> str:
    """The name of a plain column reference, "" for anything else."""
    tag, fields = only(node)
    return (
        strings(fields["fields"][-1:])[0] if tag == "ColumnRef" and "String" in fields["fields"][-1] else ""
    )


def is_random_default(column: Column) -> bool:
    """Whether the column's default is a fresh random uuid."""
    if column.default is None or column.generated:
        return False
    tag, fields = only(column.default.node)
    while tag == "TypeCast":
        tag, fields = only(fields["arg"])
    return tag == "FuncCall" and strings(fields["funcname"])[-1] in RANDOM_FUNCTIONS
