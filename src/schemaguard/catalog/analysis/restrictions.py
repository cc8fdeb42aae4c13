"""What the server does not allow in expressions that it keeps: changing results, system columns, whole rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis import tree as t
from schemaguard.catalog.analysis.mutability import is_mutable
from schemaguard.catalog.analysis.walk import nodes
from schemaguard.catalog.errors import INVALID_OBJECT_DEFINITION, Refused

if TYPE_CHECKING:
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
    if isinstance(tree, t.Const):
        if context == "partition":
            raise Refused(INVALID_OBJECT_DEFINITION, "cannot use constant expression as partition key")
        return
    for node in nodes(tree):
        if isinstance(node, t.Var):
            _check_column(node, context, relation)
    if context in _MUTABLE and is_mutable(environment, tree):
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
