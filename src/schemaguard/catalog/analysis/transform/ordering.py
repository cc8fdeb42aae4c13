"""How a value is ordered: ORDER BY's direction, nulls and operator, and whether its type can be ordered at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query_tree import SortGroup
from schemaguard.catalog.builtin.operators import operator_classes
from schemaguard.catalog.builtin.types import UNKNOWN
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import UNDEFINED_FUNCTION, WRONG_OBJECT_TYPE, Refused

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.statements.statement import Node


def sort_order(environment: Environment, sort: Node, number: int, ref: int) -> SortGroup:
    """A SortBy node for a value of a type.

    Raises:
        Refused: values of that type have no order, or the operator of USING gives none.
    """
    direction = sort.get("sortby_dir", "SORTBY_DEFAULT")
    descending = direction == "SORTBY_DESC"
    operator = None
    if direction == "SORTBY_USING":
        from schemaguard.catalog.analysis.transform.operators import find_operator
        from schemaguard.catalog.analysis.tree import Unresolved

        found = find_operator(environment, strings(sort["useOp"]), number, number)
        operator = None if isinstance(found, Unresolved) else found
        if operator is not None and operator.name not in ("<", ">"):
            raise Refused(WRONG_OBJECT_TYPE, f"operator {operator.name} is not a valid ordering operator")
        if operator is not None:
            descending = operator.name == ">"
            operator = None
    elif not is_orderable(environment, number):
        name = environment.type_text(number)
        raise Refused(
            UNDEFINED_FUNCTION,
            f"could not identify an ordering operator for type {name}",
            hint="Use an explicit ordering operator or modify the query.",
        )
    nulls = sort.get("sortby_nulls", "SORTBY_NULLS_DEFAULT")
    nulls_first = descending if nulls == "SORTBY_NULLS_DEFAULT" else nulls == "SORTBY_NULLS_FIRST"
    return SortGroup(ref, descending, nulls_first, operator)


def is_orderable(environment: Environment, number: int) -> bool:
    """Whether values of a type have a `<` to sort by."""
    return _has_class(environment, number, "btree")


def has_equality(environment: Environment, number: int) -> bool:
    """Whether values of a type can be grouped: they have an order or a hash."""
    return _has_class(environment, number, "btree") or _has_class(environment, number, "hash")


def _has_class(environment: Environment, number: int, method: str) -> bool:
    info = environment.info(number)
    info = environment.info(info.base)
    if info.external or number in (0, UNKNOWN):
        return True
    if info.element and info.number < 0:
        return _has_class(environment, info.element, method)
    if info.kind in "ecrm" or info.category == "P":
        return True
    classes = operator_classes()
    if (method, info.number) in classes:
        return any(found.default for found in classes[method, info.number])
    if info.number > 16383:
        return True  # an extension's: its operator classes are looked at where an index needs them
    return any(
        (other.default and other.method == method)
        and environment.cast(info.number, other.input) is not None
        and environment.cast(info.number, other.input).method == "b"  # type: ignore[union-attr]  # just tested
        for (_method, _of), found in classes.items()
        for other in found
    )
