"""Statements inside others: the actions of rules and the bodies of SQL functions, and what they read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import UNDEFINED_COLUMN, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

Part = tuple[int, int]
"""The oid of an object and the number of its column, 0 for the whole."""

_WRITING = ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt")
_PSEUDO_RELATIONS = ("old", "new")


def embedded_dependencies(run: Run, statement: Node) -> set[Part]:
    """The relations, columns and functions that a statement inside another one uses.

    Columns are followed where the name alone says whose they are: targets of INSERT and UPDATE, and references that
    exactly one of the statement's relations can mean.

    Raises:
        Refused: a relation or a target column does not exist.
    """
    found: set[Part] = set()
    relations = _relations(run, statement)
    found.update((relation.oid, 0) for relation in relations.values())
    tag, fields = only(statement)
    if tag in ("InsertStmt", "UpdateStmt"):
        found |= _target_columns(run, fields)
    for names in column_references(statement):
        part = _column(relations, names)
        if part is not None:
            found.add(part)
    found |= _functions(run, statement)
    return found


def _walk(node: Any) -> Iterator[tuple[str, Node]]:  # noqa: ANN401 - a parse tree
    """All tagged nodes of a tree, outer ones first."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, dict):
            for key, value in reversed(item.items()):
                if isinstance(value, dict) and key[:1].isupper():
                    yield key, value
                if isinstance(value, (dict, list)):
                    stack.append(value)


def _relations(run: Run, statement: Node) -> dict[str, Relation]:
    """The relations that a statement names, by the names that it calls them."""
    found: dict[str, Relation] = {}
    common = {fields["ctename"] for tag, fields in _walk(statement) if tag == "CommonTableExpr"}
    tag, fields = only(statement)
    targets = [fields["relation"]] if tag in _WRITING else []
    sources = [fields for tag, fields in _walk(statement) if tag == "RangeVar"]
    targets += [fields["relation"] for tag, fields in _walk(only(statement)[1]) if tag in _WRITING]
    for range_var in [*targets, *sources]:
        name = range_var["relname"]
        if "schemaname" not in range_var and (name in common or name in _PSEUDO_RELATIONS):
            continue
        called = range_var.get("alias", {}).get("aliasname", name)
        found[called] = run.session.relation(range_var)
    return found


def _target_columns(run: Run, fields: Node) -> set[Part]:
    relation = run.session.relation(fields["relation"])
    listed = fields.get("cols") if "cols" in fields else fields.get("targetList")
    found: set[Part] = set()
    for element in listed or ():
        name = element["ResTarget"].get("name")
        if name is None:
            continue
        column = relation.column(name)
        if column is None:
            message = f'column "{name}" of relation "{relation.name}" does not exist'
            raise Refused(UNDEFINED_COLUMN, message, offset=element["ResTarget"].get("location", -1))
        found.add((relation.oid, column.number))
    return found


def column_references(statement: Node) -> Iterator[list[str]]:
    """The parts of each column's name in a statement, `t.*` left out."""
    for tag, fields in _walk(statement):
        if tag == "ColumnRef" and "String" in fields["fields"][-1]:
            yield strings(fields["fields"])


def _column(relations: dict[str, Relation], names: list[str]) -> Part | None:
    """The column that a reference means, if one relation alone can be meant."""
    if len(names) > 1:
        relation = relations.get(names[-2])
        column = relation.column(names[-1]) if relation is not None else None
        return None if relation is None or column is None else (relation.oid, column.number)
    owners = {relation.oid: relation for relation in relations.values() if relation.column(names[0])}
    if len(owners) != 1:
        return None
    [relation] = owners.values()
    column = relation.column(names[0])
    return None if column is None else (relation.oid, column.number)


def _functions(run: Run, statement: Node) -> set[Part]:
    found: set[Part] = set()
    for tag, fields in _walk(statement):
        if tag != "FuncCall":
            continue
        count = len(fields.get("args") or ())
        for oids in run.session.names_in_path(run.catalog.functions, strings(fields["funcname"])):
            found.update((oid, 0) for oid in oids if len(run.catalog.objects[oid].inputs) >= count)
            break
    return found
