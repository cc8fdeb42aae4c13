"""Which version of PostgreSQL brought what a statement uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.statements.statement import Node, Statement

BY_KIND = {"MergeStmt": ("MERGE", 15), "CreateStatsStmt": ("extended statistics", 10)}
"""Statement kinds that are newer than PostgreSQL 10."""

RELATED = {
    "security_invoker": ("security_invoker", 15),
}
"""Options of views, by name."""

OLDEST_OF_INTEREST = 18
"""A server of this version or newer has all of it."""


def newer_features(statement: Statement, version: int) -> list[tuple[str, int]]:
    """The features of a statement that a server of `version` does not have, each with the version that brought it."""
    if version >= OLDEST_OF_INTEREST:
        return []
    found = dict(_features(statement.kind, statement.node))
    return [(name, since) for name, since in found.items() if since > version]


def _features(kind: str, node: Node) -> Iterator[tuple[str, int]]:
    if kind in BY_KIND:
        yield BY_KIND[kind]
    if kind == "MergeStmt":
        yield from _merge(node)
    if kind == "IndexStmt" and node.get("nulls_not_distinct"):
        yield "NULLS NOT DISTINCT", 15
    if kind in ("ViewStmt", "AlterTableStmt"):
        yield from _view_options(node)
    if kind in ("GrantStmt", "AlterDefaultPrivilegesStmt"):
        yield from _privileges(node)
    if kind == "GrantRoleStmt":
        names = [item["DefElem"]["defname"] for item in node.get("opt") or ()]
        if {"inherit", "set"} & set(names):
            yield "GRANT … WITH INHERIT or SET", 16
    if kind in ("CreateStmt", "AlterTableStmt"):
        yield from _table(node)
    if kind == "CreateFunctionStmt" and "sql_body" in node:
        yield "a SQL-standard function body", 14
    if kind == "CreateTrigStmt" and node.get("replace"):
        yield "CREATE OR REPLACE TRIGGER", 14


def _merge(node: Node) -> Iterator[tuple[str, int]]:
    if node.get("returningClause") or node.get("returningList"):
        yield "MERGE … RETURNING", 17
    for clause in node.get("mergeWhenClauses") or ():
        if clause["MergeWhenClause"].get("matchKind") == "MERGE_WHEN_NOT_MATCHED_BY_SOURCE":
            yield "WHEN NOT MATCHED BY SOURCE", 17


def _view_options(node: Node) -> Iterator[tuple[str, int]]:
    options = [*(node.get("options") or ())]
    for item in node.get("cmds") or ():
        options += item["AlterTableCmd"].get("def", {}).get("List", {}).get("items") or ()
    for option in options:
        if (name := option.get("DefElem", {}).get("defname")) in RELATED:
            yield RELATED[name]


def _privileges(node: Node) -> Iterator[tuple[str, int]]:
    grant = node.get("action", node)  # ALTER DEFAULT PRIVILEGES has it inside
    for item in grant.get("privileges") or ():
        if item["AccessPriv"].get("priv_name") == "maintain":
            yield "the MAINTAIN privilege", 17


def _table(node: Node) -> Iterator[tuple[str, int]]:
    for constraint in _constraints(node):
        contype = constraint["contype"]
        if constraint.get("nulls_not_distinct"):
            yield "NULLS NOT DISTINCT", 15
        if contype == "CONSTR_GENERATED" and constraint.get("generated_kind") == "v":
            yield "a virtual generated column", 18
        if contype == "CONSTR_FOREIGN" and constraint.get("fk_del_set_cols"):
            yield "ON DELETE SET NULL (columns)", 15
        if contype == "CONSTR_NOTNULL" and (constraint.get("keys") or constraint.get("skip_validation")):
            yield "NOT NULL as a table constraint", 18
        if constraint.get("without_overlaps") or constraint.get("pk_with_period"):
            yield "a temporal constraint", 18
        can_be_unenforced = contype in ("CONSTR_CHECK", "CONSTR_FOREIGN")
        if contype == "CONSTR_ATTR_NOT_ENFORCED" or (can_be_unenforced and not constraint.get("is_enforced")):
            yield "NOT ENFORCED", 18
    for item in node.get("cmds") or ():
        command = item["AlterTableCmd"]
        if command["subtype"] == "AT_SetExpression":
            yield "ALTER COLUMN … SET EXPRESSION", 17
        if command["subtype"] == "AT_SetAccessMethod":
            yield "SET ACCESS METHOD", 15
        if command["subtype"] == "AT_DetachPartition" and command["def"]["PartitionCmd"].get("concurrent"):
            yield "DETACH PARTITION … CONCURRENTLY", 14


def _constraints(node: Node) -> Iterator[Node]:
    """The constraints that CREATE TABLE or ALTER TABLE defines, on the table or with a column."""
    elements = [*(node.get("tableElts") or ()), *(node.get("constraints") or ())]
    elements += [command["AlterTableCmd"].get("def") or {} for command in node.get("cmds") or ()]
    for element in elements:
        if "Constraint" in element:
            yield element["Constraint"]
        elif "ColumnDef" in element:
            for constraint in element["ColumnDef"].get("constraints") or ():
                yield constraint["Constraint"]
