"""Statements about rows, checked as the server's parser does: names, types and arity, not the rows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.catalog.model import Table

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

GENERATED_ALWAYS = "428C9"
INVALID_COLUMN_REFERENCE = "42P10"
CHECKED = frozenset(("SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"))
"""The kinds that are checked, where they stand by themselves: in a DO block they may name its variables."""
ROWS_LOOKED_AT = 20
"""Of an INSERT with more rows of VALUES the rest says no more than these, and takes its time."""


def refuse_wrong_names(run: Run, kind: str, node: Node) -> None:
    """Refuse what the server's parse analysis refuses.

    Raises:
        Refused: a name, a type or a number of values is wrong.
    """
    from schemaguard.catalog.analysis.statements import analyse_statement

    if kind == "SelectStmt" and "intoClause" in node:
        return  # it makes a table, and is analysed for that
    target = run.session.find_relation(node["relation"]) if "relation" in node else None
    if target is not None and target.kind in "SiIc":
        return  # such a target is refused before anything else is looked at
    try:
        analysed = analyse_statement(run.session, {kind: _shortened(node)})
    except Opaque:
        return  # what can't be told of rows changes nothing in the schema
    table = run.catalog.objects.get(analysed.target)
    if isinstance(table, Table):
        if kind in ("InsertStmt", "UpdateStmt"):
            _refuse_generated(table, kind, node, analysed.given)
        if kind == "InsertStmt":
            _refuse_unmatched_conflict(run, table, node)


def _refuse_generated(table: Table, kind: str, node: Node, given: tuple[int, ...]) -> None:
    """A column that the server fills takes nothing but DEFAULT (`rewriteTargetListIU`)."""
    overriding = node.get("override", "OVERRIDING_NOT_SET")
    for column in table.columns:
        if column.number not in given:
            continue
        always = column.identity == "a" and overriding == "OVERRIDING_NOT_SET"
        if not (column.generated or always):
            continue
        what = "a generated column" if column.generated else "an identity column defined as GENERATED ALWAYS"
        message = (
            f'cannot insert a non-DEFAULT value into column "{column.name}"'
            if kind == "InsertStmt"
            else f'column "{column.name}" can only be updated to DEFAULT'
        )
        raise Refused(GENERATED_ALWAYS, message, detail=f'Column "{column.name}" is {what}.')


def _refuse_unmatched_conflict(run: Run, table: Table, node: Node) -> None:
    """ON CONFLICT (columns) needs a unique index over just these (`infer_arbiter_indexes`)."""
    clause = node.get("onConflictClause") or {}
    infer = (clause.get("OnConflictClause") or clause).get("infer") or {}
    infer = infer.get("InferClause", infer)
    elements = [element["IndexElem"] for element in infer.get("indexElems") or ()]
    if not elements or any("name" not in element for element in elements):
        return
    wanted = {column.number for column in table.columns if column.name in {item["name"] for item in elements}}
    for index in run.catalog.indexes(table.oid):
        keys = {key.number for key in index.keys}
        # Whether the clause implies a partial index's predicate is the planner's to prove.
        suits = index.predicate is None or "whereClause" in infer
        if index.unique and keys == wanted and suits:
            return
    message = "there is no unique or exclusion constraint matching the ON CONFLICT specification"
    raise Refused(INVALID_COLUMN_REFERENCE, message)


def _shortened(node: Node) -> Node:
    """The statement with the first rows of its VALUES."""
    values = (node.get("selectStmt") or {}).get("SelectStmt") or {}
    rows = values.get("valuesLists") or ()
    if len(rows) <= ROWS_LOOKED_AT:
        return node
    return {**node, "selectStmt": {"SelectStmt": {**values, "valuesLists": rows[:ROWS_LOOKED_AT]}}}
