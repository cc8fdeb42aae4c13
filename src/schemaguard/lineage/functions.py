"""Functions written in SQL: a call is followed to what the body's last query gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query import Parameters
from schemaguard.catalog.analysis.tree import Expr, FuncExpr, NamedArg
from schemaguard.catalog.commands.nodes import only
from schemaguard.catalog.commands.settings import parse_path
from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.catalog.routines import POLYMORPHIC
from schemaguard.catalog.session import Session
from schemaguard.lineage.scope import Scope

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.query_tree import Query
    from schemaguard.catalog.model import Function
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node


class Body:
    """What a function's result is made of: its last query, or why that can't be followed."""

    def __init__(self, query: Query | None, why: str = "") -> None:
        """Take one of the two."""
        self.query = query
        self.why = why


def body_of(catalog: Catalog, function: Function) -> Body:
    """The query that a function gives the result of, as it is analysed when the function runs."""
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.transform.queries import transform_query
    from schemaguard.catalog.analysis.transform.scope import ParseState

    if function.language != "sql":
        # An immutable function reads no tables, whatever it is written in.
        return Body(
            None, "" if function.volatility == "i" else f"what {function.name}() reads is not followed"
        )
    if any(argument.type.oid in POLYMORPHIC for argument in function.inputs):
        return Body(None, f"{function.name}() takes values of any type")
    node = _last_statement(function)
    if node is None or "SelectStmt" not in node:
        return Body(None, f"{function.name}() ends with no SELECT")
    session = Session(catalog)
    session.search_path = parse_path(dict(function.config).get("search_path", "public"))
    state = ParseState(Environment(session))
    inputs = function.inputs
    state.parameters = Parameters([one.type for one in inputs], [one.name for one in inputs], function.name)
    try:
        return Body(transform_query(state.environment, node, state))
    except (Refused, Opaque) as error:
        return Body(None, f"{function.name}(): {error}")


def _last_statement(function: Function) -> Node | None:
    from schemaguard.statements.parse import parse
    from schemaguard.statements.statement import Statement
    from schemaguard.text import SourceFile, SqlText

    if function.body_nodes:
        kind, fields = only(function.body_nodes[-1])
        if kind == "ReturnStmt":
            return {
                "SelectStmt": {
                    "targetList": [{"ResTarget": {"val": fields["returnval"]}}],
                    "op": "SETOP_NONE",
                }
            }
        return {kind: fields}
    statements = parse(SqlText.whole_file(SourceFile("", function.body)))
    last = statements[-1] if statements else None
    return {last.kind: last.node} if isinstance(last, Statement) else None


def call_scope(query: Query, function: Function, call: FuncExpr, caller: Scope) -> Scope:
    """The scope of a body's query in one call: its parameters are the call's arguments."""
    inputs = [argument.name for argument in function.inputs]
    given: dict[int, list[Expr]] = {}
    for at, arg in enumerate(call.args):
        if isinstance(arg, NamedArg):
            given.setdefault(inputs.index(arg.name), []).append(arg.arg)
        else:
            given.setdefault(min(at, len(inputs) - 1), []).append(
                arg
            )  # more than there are: the variadic one's
    scope = Scope(query)
    scope.arguments = {at + 1: tuple(exprs) for at, exprs in given.items()}
    scope.caller = caller
    return scope
