"""The columns of a SELECT and what it depends on (a stand-in: plain column references have types, the rest is text)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.model import Relation, TypeRef

if TYPE_CHECKING:
    from schemaguard.catalog.session import Session
    from schemaguard.statements.statement import Node, Origin


class OutputColumn(msgspec.Struct, frozen=True):
    """A column of a query's result; `source` is (relation oid, attribute number) of a plain column reference."""

    name: str
    type: TypeRef
    collation: str = ""
    source: tuple[int, int] | None = None


class Query(msgspec.Struct):
    """An analysed query."""

    columns: list[OutputColumn]
    depends: set[tuple[int, int]]
    functions: set[int]


def analyse_query(session: Session, node: Node, because: Origin | None) -> Query:
    """Output columns and dependencies of a SELECT."""
    del because
    if "SelectStmt" in node:
        node = node["SelectStmt"]
    query = Query([], set(), set())
    ctes = {item["CommonTableExpr"]["ctename"]: item["CommonTableExpr"] for item in (node.get("withClause") or {}).get("ctes", ())}
    while node.get("larg"):
        node = node["larg"]
    scope: dict[str, Relation] = {}
    _collect(session, node, scope, query, ctes)
    for item in node.get("targetList") or ():
        target = item["ResTarget"]
        tag, fields = only(target["val"])
        if tag == "ColumnRef" and "A_Star" in fields["fields"][-1]:
            wanted = strings(fields["fields"][:-1])
            for name, relation in scope.items():
                if not wanted or wanted[-1] == name:
                    query.columns.extend(OutputColumn(c.name, c.type, c.collation, (relation.oid, c.number)) for c in relation.columns)
            continue
        name = target.get("name") or figure_column_name(target["val"])
        source = _source(scope, fields) if tag == "ColumnRef" else None
        query.columns.append(OutputColumn(name, source[1] if source else TypeRef(25), "", source[0] if source else None))
    return query


def _source(scope: dict[str, Relation], fields: Node) -> tuple[tuple[int, int], TypeRef] | None:
    names = strings(fields["fields"])
    for name, relation in scope.items():
        if len(names) == 1 or names[-2] in (name, relation.name):
            column = relation.column(names[-1])
            if column is not None:
                return (relation.oid, column.number), column.type
    return None


def _collect(session: Session, node: Any, scope: dict[str, Relation], query: Query, ctes: dict[str, Node]) -> None:  # noqa: ANN401
    stack = [node]
    relations = []
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            if "RangeVar" in item:
                fields = item["RangeVar"]
                if fields["relname"] not in ctes or fields.get("schemaname"):
                    relation = session.relation(fields)
                    relations.append(relation)
                    scope[(fields.get("alias") or {}).get("aliasname", fields["relname"])] = relation
            stack.extend(item.values())
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            if "ColumnRef" in item and "String" in item["ColumnRef"]["fields"][-1]:
                source = _source(scope, item["ColumnRef"])
                if source:
                    query.depends.add(source[0])
            stack.extend(item.values())
    query.depends |= {(relation.oid, 0) for relation in relations}


def figure_column_name(node: Node, default: str = "?column?") -> str:
    """The name that the server gives a column of an expression (`FigureColname`)."""
    tag, fields = only(node)
    if tag == "ColumnRef":
        last = fields["fields"][-1]
        return last["String"]["sval"] if "String" in last else default
    if tag == "FuncCall":
        return strings(fields["funcname"])[-1]
    if tag == "TypeCast":
        inner = figure_column_name(fields["arg"], "")
        return inner or strings(fields["typeName"]["names"])[-1]
    if tag == "CoalesceExpr":
        return "coalesce"
    if tag == "CaseExpr":
        return "case"
    return default
