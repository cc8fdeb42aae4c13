"""Parts of statements parsed on their own: a type's name, an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from pglast.parser import ParseError, parse_sql_json

if TYPE_CHECKING:
    from schemaguard.statements.statement import Node


def parse_expression(text: str) -> Node | None:
    """The tree of one expression, None for a text that is none."""
    target = _only_target(f"SELECT ({text}\n)")
    return None if target is None else target.get("val")


def parse_type_name(text: str) -> Node | None:
    """The fields of the TypeName that a text spells, None for a text that spells none."""
    target = _only_target(f"SELECT NULL::{text}\n")
    if target is None or "name" in target:
        return None
    found: Node | None = target["val"].get("TypeCast", {}).get("typeName")
    return found


def only_expression(sql: str) -> Node | None:
    """The expression of a text that is one SELECT of one expression and nothing else, else None."""
    target = _only_target(sql)
    return None if target is None else target.get("val")


def _only_target(sql: str) -> Node | None:
    """The only column of a SELECT that has nothing but it."""
    try:
        statements = orjson.loads(parse_sql_json(sql)).get("stmts", ())
    except (ParseError, ValueError):
        return None
    if len(statements) != 1:
        return None
    select: Node = statements[0]["stmt"].get("SelectStmt", {})
    targets = select.get("targetList", ())
    if len(targets) != 1 or not select.keys() <= {"targetList", "limitOption", "op"}:
        return None
    found: Node = targets[0]["ResTarget"]
    return found
