"""What the server does not allow in expressions that it keeps: changing results, system columns, whole rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis import tree as t
from schemaguard.catalog.analysis.walk import nodes
from schemaguard.catalog.errors import (
    INVALID_OBJECT_DEFINITION,
    Refused,
)
from schemaguard.catalog.model import Function

if TYPE_CHECKING:
    import msgspec

    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.model import Relation

_MUTABLE = {
    "generated": "generation expression is not immutable",
    "index": "functions in index expression must be marked IMMUTABLE",
    "predicate": "functions in index predicate must be marked IMMUTABLE",
    "partition": "functions in partition key expression must be marked IMMUTABLE",
}
_TABLEOID = -6


def check_restrictions(
    environment: Environment, tree: t.Expr, context: str, relation: Relation | None
) -> None:
    """Refuse what is valid in a query but not in this place.

    Raises:
        Refused: the expression may change its result, or names what it must not.
    """
    if type(tree) is t.Const:
        return
    for node in nodes(tree):
        if isinstance(node, t.Var):
            _check_column(node, context, relation)
        elif context in _MUTABLE and is_mutable(environment, node):
            raise Refused(INVALID_OBJECT_DEFINITION, _MUTABLE[context])


def _check_column(variable: t.Var, context: str, relation: Relation | None) -> None:
    number = variable.attribute
    if number < 0 and number != _TABLEOID:
        if context in ("index", "predicate"):
            raise Refused("0A000", "index creation on system columns is not supported")
        if context == "partition":
            raise Refused(
                INVALID_OBJECT_DEFINITION, "partition key expressions cannot contain system column references"
            )
    if context != "generated" or relation is None:
        return
    if number == 0:
        raise Refused(
            INVALID_OBJECT_DEFINITION,
            "cannot use whole-row variable in column generation expression",
            detail="This would cause the generated column to depend on its own value.",
        )
    column = relation.column_at(number)
    if column is not None and column.generated:
        raise Refused(
            INVALID_OBJECT_DEFINITION,
            f'cannot use generated column "{column.name}" in column generation expression',
            detail="A generated column cannot reference another generated column.",
        )


STABLE_OUTPUT = frozenset((
    24, 790, 1033, 1082, 1114, 1184, 1186, 2202, 2203, 2204, 2205, 2206, 2249, 3734, 3769, 4089, 4096, 4191,
))  # fmt: skip
"""Types whose text depends on settings or on other rows: dates, money, names of objects."""

STABLE_INPUT = STABLE_OUTPUT | {142, 1083, 1266}
"""Types whose text is read by settings or other rows: also xml and the times."""


def is_mutable(environment: Environment, node: msgspec.Struct) -> bool:
    """Whether the node itself, its operands apart, may give another result at another time."""
    if isinstance(node, (t.FuncExpr, t.Aggref, t.WindowFunc)):
        return _volatility(environment, node) != "i"
    if isinstance(node, (t.OpExpr, t.ScalarArrayOpExpr, t.RowCompareExpr)):
        return node.operator.volatility != "i"
    if isinstance(node, t.CoerceViaIO):
        return _is_stable(environment, node.arg.type, STABLE_OUTPUT) or (
            environment.info(node.type).kind == "d" or _is_stable(environment, node.type, STABLE_INPUT)
        )
    return isinstance(node, (t.SQLValueFunction, t.SubLink))


def _volatility(environment: Environment, node: t.FuncExpr | t.Aggref | t.WindowFunc) -> str:
    record = environment.catalog.objects.get(node.routine.oid)
    return record.volatility if isinstance(record, Function) else node.routine.volatility


def _is_stable(environment: Environment, number: int, stable: frozenset[int]) -> bool:
    """Whether a type's input or output is only stable; that of containers and enums always is."""
    info = environment.info(environment.base(number))
    return bool(info.element) or info.kind in "ecrm" or info.number in stable
