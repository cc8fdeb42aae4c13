"""Variables inside of a statement that changes something: replaced by the constants that they hold.

Handlers of the replay read parse trees; with the values in place they see the literal rows and conditions that a
server would.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import strings
from schemaguard.plpgsql.context import find_relation
from schemaguard.plpgsql.values.kinds import Unknown, Value
from schemaguard.plpgsql.values.output import text_of

if TYPE_CHECKING:
    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.interpreter.frame import Names
    from schemaguard.statements.statement import Node

_WITH_VARIABLES = frozenset(
    ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "SelectStmt", "CreateTableAsStmt", "CallStmt")
)


def substitute(kind: str, node: Node, names: Names, context: Context) -> Node:
    """The statement with constants in the place of variables and parameters whose values are known."""
    if kind not in _WITH_VARIABLES:
        return node
    if not names.parameters and all(len(variables) == 0 for _label, variables in names.scopes):
        return node
    columns = _columns(node, context)
    replaced: Node = _replaced(node, names, columns, context)
    return replaced


def _columns(node: Any, context: Context) -> set[str]:  # noqa: ANN401 - a tree
    """The names of all columns of the relations that a statement mentions: they hide variables."""
    found: set[str] = set()
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if "relname" in item:
                name = [item["schemaname"], item["relname"]] if "schemaname" in item else [item["relname"]]
                relation = find_relation(context, name)
                found.update(column.name for column in getattr(relation, "columns", ()))
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return found


def _replaced(node: Any, names: Names, columns: set[str], context: Context) -> Any:  # noqa: ANN401 - a tree
    if isinstance(node, list):
        return [_replaced(item, names, columns, context) for item in node]
    if not isinstance(node, dict):
        return node
    if "ColumnRef" in node and "String" in node["ColumnRef"]["fields"][-1]:
        parts = strings(node["ColumnRef"]["fields"])
        get = names.find(parts) if parts[-1] not in columns or len(parts) > 1 else None
        return node if get is None else _constant(get(), node, context)
    if "ParamRef" in node:
        get = names.parameter(int(node["ParamRef"].get("number", 0)))
        return node if get is None else _constant(get(), node, context)
    return {key: _replaced(item, names, columns, context) for key, item in node.items()}


def _constant(value: Value, node: Node, context: Context) -> Node:
    """A value as an A_Const; what is unknown or composite stays as it was written."""
    [fields] = node.values()
    location = {"location": fields["location"]} if "location" in fields else {}
    if value is None:
        return {"A_Const": {"isnull": True, **location}}
    if isinstance(value, bool):
        return {"A_Const": {"boolval": {"boolval": True} if value else {}, **location}}
    if isinstance(value, int):
        return {"A_Const": {"ival": {"ival": value} if value else {}, **location}}
    if isinstance(value, Decimal):
        return {"A_Const": {"fval": {"fval": str(value)}, **location}}
    if isinstance(value, Unknown):
        return node
    text = text_of(value, context)
    return {"A_Const": {"sval": {"sval": text} if text else {}, **location}}
