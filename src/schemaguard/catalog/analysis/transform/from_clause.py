"""FROM: relations, sub-selects, VALUES, functions and joins into the range table and the namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query_tree import Alias, Join, RangeRef, Rte
from schemaguard.catalog.analysis.relations import require_relation
from schemaguard.catalog.analysis.transform.coercion import coerce_to_boolean, coerce_to_specific
from schemaguard.catalog.analysis.transform.scope import NamespaceItem, ParseState
from schemaguard.catalog.analysis.tree import Expr, Unresolved, Var
from schemaguard.catalog.builtin.types import FLOAT4, FLOAT8
from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import (
    DUPLICATE_ALIAS,
    INVALID_COLUMN_REFERENCE,
    SYNTAX_ERROR,
    WRONG_OBJECT_TYPE,
    Refused,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Relation
    from schemaguard.statements.statement import Node

UNNAMED_SUBQUERIES_SINCE = 16
"""The first version whose grammar lets a subquery in FROM be without a name."""

NOT_OPENED_SINCE = 16
"""The first version whose message is that such a relation can't be opened."""

Leaf = tuple[Join | RangeRef, list[NamespaceItem], NamespaceItem]
"""A part of the join tree, the names it makes visible, and the one that stands for it in a join."""


def transform_from(state: ParseState, nodes: Sequence[Node]) -> tuple[Join | RangeRef, ...]:
    """The join tree of FROM; the names become visible in `state` (`transformFromClause`).

    Raises:
        Refused: a relation does not exist, two have the same name, a join can't be made …
    """
    found: list[Join | RangeRef] = []
    for node in nodes:
        tree, items, _own = transform_item(state, node)
        refuse_conflicts(state.namespace, items)
        for item in items:
            item.lateral_only = True
            item.lateral_ok = True
        state.namespace += items
        found.append(tree)
    for item in state.namespace:
        item.lateral_only = False
        item.lateral_ok = True
    return tuple(found)


def transform_item(state: ParseState, node: Node) -> Leaf:
    """One element of FROM."""
    from schemaguard.catalog.analysis.transform.from_functions import add_function, add_table_function
    from schemaguard.catalog.analysis.transform.joins import transform_join

    tag, fields = only(node)
    match tag:
        case "RangeVar":
            item = _range_var(state, fields)
        case "RangeSubselect":
            item = _subselect(state, fields)
        case "RangeFunction":
            item = add_function(state, fields)
        case "RangeTableSample":
            return _sampled(state, fields)
        case "JoinExpr":
            return transform_join(state, fields)
        case _:
            item = add_table_function(state, tag, fields)
    return RangeRef(item.index), [item], item


def refuse_conflicts(known: Sequence[NamespaceItem], new: Sequence[NamespaceItem]) -> None:
    """Refuse two relations of the same name (`checkNameSpaceConflicts`)."""
    for item in new:
        for other in known:
            if not (item.tables and other.tables) or item.name != other.name:
                continue
            aliased = item.rte.alias is not None or other.rte.alias is not None
            both_tables = item.rte.kind == other.rte.kind == "relation"
            if both_tables and not aliased and item.rte.relation != other.rte.relation:
                continue  # of different schemas
            raise Refused(DUPLICATE_ALIAS, f'table name "{item.name}" specified more than once')


def alias_of(node: Node | None) -> Alias | None:
    """The Alias node of a FROM element."""
    if not node:
        return None
    return Alias(node["aliasname"], tuple(strings(node.get("colnames"))))


def named_columns(names: Sequence[str], alias: Alias | None, shown: str) -> tuple[str, ...]:
    """Column names with those of the alias in front.

    Raises:
        Refused: the alias has too many.
    """
    if alias is None or not alias.columns:
        return tuple(names)
    if len(alias.columns) > len(names):
        raise Refused(
            INVALID_COLUMN_REFERENCE,
            f'table "{shown}" has {len(names)} columns available but {len(alias.columns)} columns specified',
        )
    return (*alias.columns, *names[len(alias.columns) :])


def add_relation(
    state: ParseState, relation: Relation, alias: Alias | None, *, only_: bool = False
) -> NamespaceItem:
    """Put a table or view into the range table."""
    columns = relation.columns
    shown = alias.name if alias else relation.name
    rte = Rte(
        kind="relation",
        name=relation.name,
        alias=alias,
        columns=named_columns([column.name for column in columns], alias, shown),
        types=tuple(-column.type.oid if column.type.array else column.type.oid for column in columns),
        typmods=tuple(column.type.typmod for column in columns),
        numbers=tuple(column.number for column in columns),
        relation=relation.oid,
        relation_kind=relation.kind,
        only=only_,
    )
    return _item(state, rte)


def add_entry(state: ParseState, rte: Rte) -> NamespaceItem:
    """Put any other entry into the range table."""
    return _item(state, rte)


def _item(state: ParseState, rte: Rte) -> NamespaceItem:
    index = state.add(rte)
    numbers = rte.numbers or range(1, len(rte.columns) + 1)
    variables: list[Expr] = [
        Var(of, typmod, relation=index, attribute=number)
        for of, typmod, number in zip(rte.types, rte.typmods, numbers, strict=True)
    ]
    return NamespaceItem(index, rte, list(rte.columns), variables)


def _range_var(state: ParseState, node: Node) -> NamespaceItem:
    alias = alias_of(node.get("alias"))
    if "schemaname" not in node and (item := _common_table(state, node["relname"], alias)) is not None:
        return item
    relation = require_relation(state.environment.session, node)
    if relation.kind in ("i", "I", "c"):
        what = "index" if relation.kind != "c" else "composite type"
        if what == "composite type" and state.environment.version < NOT_OPENED_SINCE:
            raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is a composite type')
        raise Refused(
            WRONG_OBJECT_TYPE,
            f'cannot open relation "{relation.name}"',
            detail=f"This operation is not supported for {what}es."
            if what == "index"
            else f"This operation is not supported for {what}s.",
            offset=node.get("location", -1),
        )
    return add_relation(state, with_sequence_columns(relation), alias, only_=not node.get("inh", False))


def with_sequence_columns(relation: Relation) -> Relation:
    """The relation; a sequence with the three columns that it has when it is read."""
    import msgspec

    from schemaguard.catalog.model import Column, TypeRef

    if relation.kind != "S" or relation.columns:
        return relation
    columns = (
        Column(1, "last_value", TypeRef(20), not_null=True),
        Column(2, "log_cnt", TypeRef(20), not_null=True),
        Column(3, "is_called", TypeRef(16), not_null=True),
    )
    return msgspec.structs.replace(relation, columns=columns)


def _common_table(state: ParseState, name: str, alias: Alias | None) -> NamespaceItem | None:
    """A WITH query of that name, seen from here."""
    for level, found_in in state.levels():
        for cte in found_in.ctes:
            if cte.name == name:
                outputs = cte.query.outputs
                names = list(cte.aliases) + [target.name or "" for target in outputs[len(cte.aliases) :]]
                rte = Rte(
                    kind="cte",
                    name=name,
                    alias=alias,
                    columns=named_columns(names, alias, alias.name if alias else name),
                    types=tuple(target.expr.type for target in outputs),
                    typmods=tuple(target.expr.typmod for target in outputs),
                    cte=name,
                    cte_level=level,
                    recursive=cte.materialized == "in progress",
                )
                return _item(state, rte)
    return None


def _subselect(state: ParseState, node: Node) -> NamespaceItem:
    from schemaguard.catalog.analysis.transform.queries import transform_query

    lateral = bool(node.get("lateral"))
    state.lateral = lateral
    query = transform_query(state.environment, node["subquery"], state)
    state.lateral = False
    alias = alias_of(node.get("alias"))
    if alias is None and state.environment.version < UNNAMED_SUBQUERIES_SINCE:
        what = "VALUES" if only(node["subquery"])[1].get("valuesLists") else "subquery"
        raise Refused(SYNTAX_ERROR, f"{what} in FROM must have an alias")
    outputs = query.outputs
    name = alias.name if alias else "unnamed_subquery"
    rte = Rte(
        kind="subquery",
        name=name,
        alias=alias,
        columns=named_columns([target.name or "?column?" for target in outputs], alias, name),
        types=tuple(target.expr.type for target in outputs),
        typmods=tuple(target.expr.typmod for target in outputs),
        query=query,
        lateral=lateral,
    )
    item = _item(state, rte)
    item.tables = alias is not None
    return item


def _sampled(state: ParseState, node: Node) -> Leaf:
    """TABLESAMPLE."""
    import msgspec

    from schemaguard.catalog.analysis.transform.expressions import transform

    tree, items, own = transform_item(state, node["relation"])
    method = ".".join(strings(node["method"]))
    args = tuple(
        coerce_to_specific(state.environment, transform(state, arg), FLOAT4, "TABLESAMPLE")
        for arg in node.get("args", ())
    )
    repeatable = None
    if "repeatable" in node:
        value = transform(state, node["repeatable"])
        repeatable = coerce_to_specific(state.environment, value, FLOAT8, "REPEATABLE")
    rte = msgspec.structs.replace(own.rte, sample=(method, args, repeatable))
    state.rtes[own.index - 1] = rte
    own.rte = rte
    return tree, items, own


def transform_condition(state: ParseState, node: Node | None, kind: str, construct: str) -> Expr | None:
    """WHERE, HAVING, ON: a truth value, or None where there is no such clause."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    if node is None:
        return None
    outer, state.kind = state.kind, kind
    try:
        return coerce_to_boolean(state.environment, transform(state, node), construct)
    finally:
        state.kind = outer


def unresolved_entry(
    state: ParseState, name: str, alias: Alias | None, reason: str, args: tuple[Expr, ...]
) -> NamespaceItem:
    """An element of FROM whose columns are not known."""
    names = alias.columns if alias else ()
    rte = Rte(
        kind="other",
        name=name,
        alias=alias,
        columns=names,
        types=(0,) * len(names),
        typmods=(-1,) * len(names),
        rows=((Unresolved(0, reason=reason, args=args),),),
    )
    return _item(state, rte)
