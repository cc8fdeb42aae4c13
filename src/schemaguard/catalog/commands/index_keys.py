"""The keys of an index: columns and expressions, with their collations and operator classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import DATATYPE_MISMATCH, FEATURE_NOT_SUPPORTED, UNDEFINED_COLUMN, Refused
from schemaguard.catalog.model import Column, IndexKey, Relation
from schemaguard.catalog.other_objects import find_collation

if TYPE_CHECKING:
    from schemaguard.catalog.commands.indexes import IndexPlan
    from schemaguard.catalog.model import Expression
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

METHODS = frozenset(("btree", "hash", "gist", "gin", "spgist", "brin", "rtree"))
"""The access methods that every server has; `rtree` is an old name of gist."""


def _nulls_first(element: Node) -> bool:
    """Where nulls stand: as written, else last, but first where the order is descending."""
    nulls = element.get("nulls_ordering", "SORTBY_NULLS_DEFAULT")
    if nulls == "SORTBY_NULLS_DEFAULT":
        return element.get("ordering") == "SORTBY_DESC"
    return bool(nulls == "SORTBY_NULLS_FIRST")


def index_keys(run: Run, table: Relation, plan: IndexPlan) -> tuple[tuple[IndexKey, ...], list[str]]:
    """The index's keys, and for each the name that its column gets."""
    keys: list[IndexKey] = []
    names: list[str] = []
    for written in plan.elements:
        element = _without_collate(written)
        expression: Expression | None = None
        number = 0
        if name := element.get("name"):
            number = _column(table, name).number
            names.append(element.get("indexcolname") or name)
        else:
            expression, number, name = _expression_key(run, table, element, plan)
            names.append(name)
        keys.append(
            IndexKey(
                number,
                expression,
                opclass=".".join(strings(element.get("opclass"))),
                collation=_collation(run, table, element, number, expression),
                descending=element.get("ordering") == "SORTBY_DESC",
                nulls_first=_nulls_first(element),
            )
        )
        if plan.method != "btree" and plan.method in METHODS and keys[-1].descending:
            raise Refused(
                FEATURE_NOT_SUPPORTED, f'access method "{plan.method}" does not support ASC/DESC options'
            )
    _check_operators(run, table, plan, keys)
    return tuple(keys), names


def _key_type(table: Relation, number: int, expression: Expression | None) -> int:
    """The number of a key's type, 0 where it is not known."""
    from schemaguard.catalog.analysis.bound import bound_of
    from schemaguard.catalog.analysis.types import type_number

    if expression is not None:
        return bound_of(expression).tree.type
    column = table.column_at(number)
    return 0 if column is None else type_number(column.type)


def _collation(run: Run, table: Relation, element: Node, number: int, expression: Expression | None) -> str:
    """The collation that COLLATE names, "" without one."""
    from schemaguard.catalog.analysis.environment import Environment

    names = strings(element.get("collation"))
    if not names:
        return ""
    find_collation(run.session, names)
    environment = Environment(run.session)
    of = _key_type(table, number, expression)
    if of and not environment.info(of).collatable:
        message = f"collations are not supported by type {environment.type_text(of)}"
        raise Refused(DATATYPE_MISMATCH, message)
    return ".".join(names)


def _check_operators(run: Run, table: Relation, plan: IndexPlan, keys: list[IndexKey]) -> None:
    """Refuse keys whose type the method has no operator class for, and operators that an exclusion can't use."""
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.commands.operator_classes import (
        require_exclusion_operator,
        require_operator_class,
    )

    if plan.method not in METHODS:
        return
    environment = Environment(run.session)
    for at, key in enumerate(keys):
        number = _key_type(table, key.number, key.expression)
        if not number:
            continue
        names = key.opclass.split(".") if key.opclass else []
        found = require_operator_class(environment, number, names, plan.method)
        if plan.operators:
            operator = plan.operators[at].split(".")
            require_exclusion_operator(environment, number, operator, plan.method, found)


def _without_collate(element: Node) -> Node:
    """The element with an outermost COLLATE of its expression as its own: the key is what stands before it."""
    inner = element.get("expr", {})
    while "CollateClause" in inner:
        collation = element.get("collation") or inner["CollateClause"]["collname"]
        inner = inner["CollateClause"]["arg"]
        element = element | {"expr": inner, "collation": collation}
    return element


def _expression_key(
    run: Run, table: Relation, element: Node, plan: IndexPlan
) -> tuple[Expression | None, int, str]:
    from schemaguard.catalog.analysis.binding import bind_expression

    if "_expression" in element:
        copied: Expression = element["_expression"]
        return copied, 0, _name_of(run, element, copied.node)
    node = element["expr"]
    tag, fields = only(node)
    if tag == "ColumnRef" and len(fields["fields"]) == 1 and "String" in fields["fields"][0]:
        name = strings(fields["fields"])[0]
        return None, _column(table, name).number, name
    if plan.primary:
        raise Refused(FEATURE_NOT_SUPPORTED, "primary keys cannot be expressions")
    expression = bind_expression(run.session, node, table, plan.because, context="index")
    return expression, 0, _name_of(run, element, node)


def _name_of(run: Run, element: Node, node: Node) -> str:
    """The name that an expression's column of an index gets."""
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.transform.names import index_column_name
    from schemaguard.catalog.analysis.transform.scope import ParseState

    given = element.get("indexcolname")
    return given or index_column_name(ParseState(Environment(run.session)), node) or "expr"


def _column(table: Relation, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise Refused(UNDEFINED_COLUMN, f'column "{name}" does not exist')
    return column


def included_column(table: Relation, name: str) -> int:
    """The number of a column of INCLUDE.

    Raises:
        Refused: there is none of that name, or it is an expression.
    """
    if not name:
        raise Refused(FEATURE_NOT_SUPPORTED, "expressions are not supported in included columns")
    return _column(table, name).number
