"""The queries in the bodies of functions, analysed: of SQL and PL/pgSQL, as far as they can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.analysis.query_tree import Query
    from schemaguard.catalog.analysis.tree import Expr
    from schemaguard.catalog.model import Function
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node, Statement
    from schemaguard.text import Span

UNREAD = "a parameter or variable"


class _Variables:
    """The parameters and variables of a body: any name that is no column may be one, and nothing is known of it."""

    def named(self, name: str) -> Expr:
        """A variable of that name."""
        from schemaguard.catalog.analysis.tree import UNRESOLVED, Unresolved

        return Unresolved(UNRESOLVED, reason=f"{UNREAD} `{name}`")

    def numbered(self, number: int) -> Expr:
        """The parameter of that number."""
        return self.named(f"${number}")

    def qualified(self, function: str, name: str) -> Expr:
        """A parameter named with its function, or a field of a variable (NEW.total)."""
        return self.named(f"{function}.{name}")


def queries(catalog: Catalog, function: Function) -> Iterator[tuple[Query, Span]]:
    """The queries of a function's body, each with its place; statements that can't be read are left out."""
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.transform.queries import transform_query
    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.catalog.errors import Opaque, Refused
    from schemaguard.plpgsql.body_statements import body_statements
    from schemaguard.plpgsql.run_time import RunTimeSession
    from schemaguard.statements.statement import Statement as Parsed

    session = RunTimeSession(catalog, function, function.owner or PUBLIC)
    for item in body_statements(catalog, function):
        if not isinstance(item, Parsed):
            continue
        for node in _selects(item):
            state = ParseState(Environment(session))
            state.parameters = _Variables()
            try:
                yield transform_query(state.environment, node, state), item.span
            except (Refused, Opaque):
                continue  # what the server refuses, or nobody can follow, is the business of other rules


def _selects(statement: Statement) -> Iterator[Node]:
    """The queries of a statement: itself, or what it inserts, sets, or returns."""
    node: Any = statement.node
    if statement.kind == "SelectStmt":
        yield {"SelectStmt": {name: value for name, value in node.items() if name != "intoClause"}}
    elif statement.kind == "InsertStmt" and "selectStmt" in node:
        yield node["selectStmt"]
    elif statement.kind == "ReturnStmt":
        yield {"SelectStmt": {"targetList": [{"ResTarget": {"val": node["returnval"]}}], "op": "SETOP_NONE"}}
    elif statement.kind == "UpdateStmt":
        table = {"RangeVar": node["relation"]}
        yield {
            "SelectStmt": {
                "targetList": node.get("targetList", []),
                "fromClause": [table, *node.get("fromClause", [])],
                "op": "SETOP_NONE",
            }
        }
