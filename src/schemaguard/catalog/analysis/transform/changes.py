"""INSERT, UPDATE, DELETE and MERGE: their names resolved and their values converted (`analyze.c`, `parse_merge.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query_tree import Rte
from schemaguard.catalog.analysis.relations import require_relation
from schemaguard.catalog.analysis.transform.assignments import (
    Change,
    Place,
    assign,
    assign_multiple,
    assign_row,
)
from schemaguard.catalog.analysis.transform.ctes import transform_with
from schemaguard.catalog.analysis.transform.from_clause import (
    add_relation,
    alias_of,
    refuse_conflicts,
    transform_condition,
    transform_from,
    transform_item,
)
from schemaguard.catalog.analysis.transform.scope import NamespaceItem, ParseState
from schemaguard.catalog.analysis.transform.targets import resolve_unknown, transform_targets, with_origins
from schemaguard.catalog.analysis.tree import Const, Param, Var
from schemaguard.catalog.builtin.types import UNKNOWN
from schemaguard.catalog.commands.nodes import only
from schemaguard.catalog.errors import (
    DUPLICATE_COLUMN,
    SYNTAX_ERROR,
    UNDEFINED_COLUMN,
    UNDEFINED_OBJECT,
    Opaque,
    Refused,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemaguard.catalog.analysis.tree import Expr
    from schemaguard.catalog.model import Column, Relation
    from schemaguard.statements.statement import Node

CHANGES = frozenset(("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"))
"""The statement kinds that this module analyses."""


def transform_change(state: ParseState, node: Node) -> Change:
    """An INSERT, UPDATE, DELETE or MERGE given as ``{tag: fields}``, at the level of `state`.

    Raises:
        Refused: the server would refuse it.
        Opaque: it holds a data-modifying WITH.
    """
    tag, fields = only(node)
    if "withClause" in fields:
        transform_with(state, fields["withClause"])
    match tag:
        case "InsertStmt":
            return _insert(state, fields)
        case "UpdateStmt":
            return _update(state, fields)
        case "DeleteStmt":
            return _delete(state, fields)
        case "MergeStmt":
            return _merge(state, fields)
    raise Opaque(f"{tag} is not analysed")


def _target(state: ParseState, range_var: Node) -> tuple[Relation, NamespaceItem]:
    """The table to change, and its place in the range table; its columns are not visible yet."""
    relation = require_relation(state.environment.session, range_var)
    item = add_relation(
        state, relation, alias_of(range_var.get("alias")), only_=not range_var.get("inh", False)
    )
    return relation, item


# INSERT


def _insert(state: ParseState, fields: Node) -> Change:
    relation, item = _target(state, fields["relation"])
    change = Change(state, relation)
    columns = _insert_columns(relation, fields.get("cols"))
    explicit = "cols" in fields
    if "selectStmt" in fields:
        for row in _source_rows(state, fields["selectStmt"], change):
            assign_row(state, change, columns, row, explicit=explicit)
    state.namespace = [item]
    if "onConflictClause" in fields:
        _on_conflict(state, change, item, fields["onConflictClause"])
    _returning(state, change, fields)
    return change


def _insert_columns(relation: Relation, listed: Sequence[Node] | None) -> list[Place]:
    """The places that an INSERT sets, all columns where it names none."""
    if not listed:
        return [(column, ()) for column in relation.columns]
    found: list[Place] = []
    whole: set[int] = set()
    seen: set[int] = set()
    for element in listed:
        target = element["ResTarget"]
        column = _column(relation, target["name"], target.get("location", -1))
        steps = target.get("indirection") or ()
        if column.number in whole or (not steps and column.number in seen):
            message = f'column "{column.name}" specified more than once'
            raise Refused(DUPLICATE_COLUMN, message, offset=target.get("location", -1))
        seen.add(column.number)
        if not steps:
            whole.add(column.number)
        found.append((column, steps))
    return found


def _column(relation: Relation, name: str, offset: int) -> Column:
    column = relation.column(name)
    if column is None:
        message = f'column "{name}" of relation "{relation.name}" does not exist'
        raise Refused(UNDEFINED_COLUMN, message, offset=offset)
    return column


def _source_rows(state: ParseState, node: Node, change: Change) -> Iterable[list[Expr | None]]:
    """The rows that an INSERT puts in: of VALUES one by one, of a query its one list of columns."""
    from schemaguard.catalog.analysis.transform.expressions import transform
    from schemaguard.catalog.analysis.transform.queries import transform_select
    from schemaguard.catalog.analysis.transform.targets import expand_star

    select = node["SelectStmt"]
    plain = not any(clause in select for clause in ("sortClause", "limitCount", "limitOffset", "withClause"))
    if "valuesLists" in select and plain:
        width = len(select["valuesLists"][0]["List"].get("items", ()))
        state.kind = "values"
        for row in select["valuesLists"]:
            items = row["List"].get("items", ())
            if len(items) != width:
                raise Refused(SYNTAX_ERROR, "VALUES lists must all be the same length")
            values: list[Expr | None] = []
            for item in items:
                expanded = expand_star(state, item)
                if expanded is not None:
                    values += [expr for _name, expr in expanded]
                else:
                    values.append(None if "SetToDefault" in item else transform(state, item))
            yield values
        state.kind = "select"
        return
    inner = ParseState(state.environment, state)
    inner.keep_unknown = True
    query = transform_select(inner, select)
    outputs = query.outputs
    index = state.add(
        Rte(
            kind="subquery",
            name="*SELECT*",
            columns=tuple(target.name or "?column?" for target in outputs),
            types=tuple(target.expr.type for target in outputs),
            typmods=tuple(target.expr.typmod for target in outputs),
            query=query,
        )
    )
    del change
    # What the query gives is a column of it here; only a literal without a type is taken over, to be given one.
    yield [
        target.expr
        if target.expr.type == UNKNOWN and isinstance(target.expr, (Const, Param))
        else Var(target.expr.type, target.expr.typmod, relation=index, attribute=number)
        for number, target in enumerate(outputs, 1)
    ]


def _on_conflict(state: ParseState, change: Change, item: NamespaceItem, node: Node) -> None:
    """ON CONFLICT: the target's columns, and EXCLUDED's in DO UPDATE."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    clause = node.get("OnConflictClause", node)
    relation = change.relation
    update = clause.get("action") == "ONCONFLICT_UPDATE"
    infer = clause.get("infer")
    if infer is None and update:
        message = "ON CONFLICT DO UPDATE requires inference specification or constraint name"
        raise Refused(SYNTAX_ERROR, message)
    if infer is not None:
        infer = infer.get("InferClause", infer)
        for element in infer.get("indexElems") or ():
            fields = element["IndexElem"]
            if "name" in fields:
                reference = {"ColumnRef": {"fields": [{"String": {"sval": fields["name"]}}]}}
                change.joins.append(transform(state, reference))
            else:
                change.joins.append(transform(state, fields["expr"]))
        if (where := transform_condition(state, infer.get("whereClause"), "predicate", "WHERE")) is not None:
            change.joins.append(where)
        name = infer.get("conname")
        if name is not None and name not in state.environment.catalog.constraints_of.get(relation.oid, {}):
            message = f'constraint "{name}" for table "{relation.name}" does not exist'
            raise Refused(UNDEFINED_OBJECT, message)
    if update:
        excluded = add_relation(state, relation, alias_of({"aliasname": "excluded"}))
        state.namespace = [item, excluded]
        _set(state, change, clause.get("targetList") or ())
        _where(state, change, clause)
        state.namespace = [item]


# UPDATE and DELETE


def _update(state: ParseState, fields: Node) -> Change:
    relation, item = _target(state, fields["relation"])
    change = Change(state, relation)
    state.namespace = [item]
    transform_from(state, fields.get("fromClause") or ())
    _where(state, change, fields)
    _set(state, change, fields.get("targetList") or ())
    _returning(state, change, fields)
    return change


def _delete(state: ParseState, fields: Node) -> Change:
    relation, item = _target(state, fields["relation"])
    change = Change(state, relation)
    state.namespace = [item]
    transform_from(state, fields.get("usingClause") or ())
    _where(state, change, fields)
    _returning(state, change, fields)
    return change


def _where(state: ParseState, change: Change, fields: Node) -> None:
    if "CurrentOfExpr" in fields.get("whereClause", {}):
        return
    where = transform_condition(state, fields.get("whereClause"), "where", "WHERE")
    if where is not None:
        change.joins.append(where)


def _set(state: ParseState, change: Change, targets: Sequence[Node]) -> None:
    """The assignments of SET."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    state.kind = "update"
    done: set[int] = set()
    for element in targets:
        target = element["ResTarget"]
        column = _column(change.relation, target["name"], target.get("location", -1))
        if column.number in done and "indirection" not in target:
            raise Refused(SYNTAX_ERROR, f'multiple assignments to same column "{column.name}"')
        done.add(column.number)
        value = target["val"]
        place = (column, target.get("indirection") or ())
        if "MultiAssignRef" in value:
            assign_multiple(state, change, place, value["MultiAssignRef"])
        elif "SetToDefault" in value:
            assign(state, change, place, None)
        else:
            assign(state, change, place, transform(state, value))
    state.kind = "select"


def _returning(state: ParseState, change: Change, fields: Node) -> None:
    listed = fields.get("returningList") or (fields.get("returningClause") or {}).get("exprs")
    if not listed:
        return
    state.kind = "returning"
    targets = transform_targets(state, listed)
    state.kind = "select"
    change.returning = with_origins(state, resolve_unknown(state, targets))


# MERGE


def _merge(state: ParseState, fields: Node) -> Change:
    relation, item = _target(state, fields["relation"])
    change = Change(state, relation)
    _tree, items, _own = transform_item(state, fields["sourceRelation"])
    refuse_conflicts([item], items)
    state.namespace = [item, *items]
    condition = transform_condition(state, fields.get("joinCondition"), "on", "JOIN/ON")
    if condition is not None:
        change.joins.append(condition)
    for element in fields.get("mergeWhenClauses") or ():
        _merge_when(state, change, items, [item, *items], element["MergeWhenClause"])
    state.namespace = [item, *items]
    _returning(state, change, fields)
    return change


def _merge_when(
    state: ParseState,
    change: Change,
    source: list[NamespaceItem],
    both: list[NamespaceItem],
    clause: Node,
) -> None:
    """One WHEN of MERGE: only what is matched can be named."""
    from schemaguard.catalog.analysis.transform.expressions import transform

    match = clause.get("matchKind", "MERGE_WHEN_MATCHED")
    target = [item for item in both if item not in source]
    state.namespace = {
        "MERGE_WHEN_NOT_MATCHED_BY_TARGET": source,
        "MERGE_WHEN_NOT_MATCHED_BY_SOURCE": target,
    }.get(match, both)
    condition = transform_condition(state, clause.get("condition"), "where", "WHEN")
    if condition is not None:
        change.joins.append(condition)
    if clause.get("commandType") == "CMD_UPDATE":
        _set(state, change, clause.get("targetList") or ())
    elif clause.get("commandType") == "CMD_INSERT":
        columns = _insert_columns(change.relation, clause.get("targetList"))
        values = clause.get("values") or ()
        row = [None if "SetToDefault" in value else transform(state, value) for value in values]
        if row:
            assign_row(state, change, columns, row, explicit="targetList" in clause)
