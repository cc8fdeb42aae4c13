"""What a column is: its type seen through domains, whether it can be NULL, what fills it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.model import FIRST_USER_OID, Function, Policy, Rule, Trigger, Type, View
from schemaguard.catalog.widening import base_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Column, Constraint, Expression, Table, TypeRef
    from schemaguard.catalog.state import Catalog

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


def is_used_elsewhere(catalog: Catalog, table: Table, column: Column) -> bool:
    """Whether a view, policy, rule, trigger or routine uses a column, so that neither it nor its type can go."""
    users = (View, Policy, Rule, Trigger, Function)
    return any(
        edge.on_sub == column.number and isinstance(catalog.objects.get(edge.oid), users)
        for edge in catalog.dependents.get(table.oid, ())
    )


def not_null_check(catalog: Catalog, table: Table, column: Column) -> Constraint | None:
    """A validated CHECK that refuses NULL in the column, whatever else the row holds."""
    return one_of_check(catalog, table, [column])


def one_of_check(catalog: Catalog, table: Table, columns: Sequence[Column]) -> Constraint | None:
    """A validated CHECK that refuses a row in which all of some columns are NULL."""
    for constraint in catalog.constraints(table.oid):
        expression = constraint.expression if constraint.type == "c" and constraint.validated else None
        if columns and expression is not None and not _takes_nulls(catalog, table, expression, columns):
            return constraint
    return None


def _takes_nulls(catalog: Catalog, table: Table, check: Expression, columns: Sequence[Column]) -> bool:
    """Whether a CHECK is true or NULL for a row in which some columns are NULL."""
    from schemaguard.linting.questions.logic.base import NOT_NO
    from schemaguard.linting.questions.logic.scopes import Row, Scope
    from schemaguard.linting.questions.logic.solver import Solver
    from schemaguard.linting.questions.logic.worlds import NULL, Symbol, World

    numbers = {column.number for column in columns}
    names = {**{column.name: column.number for column in table.columns}, **dict(check.columns)}
    row = Row({name: NULL if at in numbers else Symbol("row", at) for name, at in names.items()}, key="row")
    solver = Solver(catalog, NULL, "")
    found = solver.solutions(check.node, Scope(({table.name: row},)), World(), NOT_NO)
    return next(found, False) is not False


def is_random_default(column: Column) -> bool:
    """Whether the column's default is a fresh random uuid."""
    if column.default is None or column.generated:
        return False
    tag, fields = only(column.default.node)
    while tag == "TypeCast":
        tag, fields = only(fields["arg"])
    return tag == "FuncCall" and strings(fields["funcname"])[-1] in RANDOM_FUNCTIONS
