"""What a helper function returns, where that is one expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.statements.parse import Unparsed, parse
from schemaguard.text import SourceFile, SqlText

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from schemaguard.statements.statement import Node

PLPGSQL = "plpgsql"


def returned_expression(function: Function) -> Node | None:
    """The expression that a SQL function selects or returns, or that a PL/pgSQL function's only RETURN has."""
    if function.body_nodes:
        for node in function.body_nodes:
            if "ReturnStmt" in node:
                return dict(node["ReturnStmt"]["returnval"])
        return _selected(function.body_nodes[-1])
    if function.language == "sql":
        statements = parse(SqlText.whole_file(SourceFile("", function.body)))
        if len(statements) != 1 or isinstance(statements[0], Unparsed):
            return None
        return _selected({statements[0].kind: statements[0].node})
    if function.language == PLPGSQL:
        from schemaguard.statements.plpgsql_text import only_return

        text = only_return(function.body)
        return _selected_text(text) if text else None
    return None


def _selected_text(text: str) -> Node | None:
    statements = parse(SqlText.whole_file(SourceFile("", f"SELECT {text}")))
    if len(statements) != 1 or isinstance(statements[0], Unparsed):
        return None
    return _selected({statements[0].kind: statements[0].node})


def _selected(node: Node) -> Node | None:
    """The one target of a SELECT without FROM; with FROM it is a sub-select of its own."""
    select = node.get("SelectStmt")
    targets = (select or {}).get("targetList") or []
    if select is None or len(targets) != 1:
        return None
    if "fromClause" in select:
        return {"SubLink": {"subLinkType": "EXPR_SUBLINK", "subselect": {"SelectStmt": select}}}
    return dict(targets[0]["ResTarget"]["val"])
