"""Conditions on rows of known values, in SQL's own logic: true, false, NULL, or not to be decided."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.seeds.literals import DEFAULT, NotLiteral, literal, stored

if TYPE_CHECKING:
    from schemaguard.catalog.model import Column, Relation
    from schemaguard.catalog.seeds.records import Values
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node


class Truth(Enum):
    """What a condition is for one row."""

    YES = "true"
    NO = "false"
    NULL = "NULL"
    OPEN = "not to be decided"


_OPPOSITE = {Truth.YES: Truth.NO, Truth.NO: Truth.YES}
_COMPARED = ("AEXPR_OP", "AEXPR_IN", "AEXPR_LIKE", "AEXPR_ILIKE", "AEXPR_OP_ANY")


class Conditions:
    """Conditions on the rows of one table, which may be called by an alias."""

    def __init__(self, catalog: Catalog, relation: Relation, alias: str = "") -> None:
        """Take the table, and what the statement calls it."""
        self.catalog = catalog
        self.relation = relation
        self.names = {alias or relation.name}

    def of(self, row: Values, node: Node | None) -> Truth:
        """What a WHERE is for a row; without any it is true."""
        if node is None:
            return Truth.YES
        tag, fields = only(node)
        match tag:
            case "BoolExpr":
                return self._combined(row, fields)
            case "NullTest":
                value = self._value(row, fields["arg"])
                if value is _OPEN:
                    return Truth.OPEN
                return _truth((value is None) is (fields["nulltesttype"] == "IS_NULL"))
            case "BooleanTest":
                return self._boolean_test(row, fields)
            case "A_Expr" if fields["kind"] in _COMPARED and "lexpr" in fields:
                return self._compared(row, fields)
            case "ColumnRef":
                value = self._value(row, node)
                if value is None:
                    return Truth.NULL
                return _truth(value) if isinstance(value, bool) else Truth.OPEN
            case "A_Const":
                value = literal(node)
                return _truth(value) if isinstance(value, bool) else Truth.OPEN
        return Truth.OPEN

    def _combined(self, row: Values, fields: Node) -> Truth:
        parts = [self.of(row, item) for item in fields["args"]]
        if fields["boolop"] == "NOT_EXPR":
            return _OPPOSITE.get(parts[0], parts[0])
        decisive, rest = (Truth.NO, Truth.YES) if fields["boolop"] == "AND_EXPR" else (Truth.YES, Truth.NO)
        return next((each for each in (decisive, Truth.OPEN, Truth.NULL) if each in parts), rest)

    def _boolean_test(self, row: Values, fields: Node) -> Truth:
        found = self.of(row, fields["arg"])
        if found is Truth.OPEN:
            return found
        word = fields["booltesttype"].removeprefix("IS_")
        wanted = {"TRUE": Truth.YES, "FALSE": Truth.NO, "UNKNOWN": Truth.NULL}[word.removeprefix("NOT_")]
        return _truth((found is wanted) is not word.startswith("NOT_"))

    def _compared(self, row: Values, fields: Node) -> Truth:
        column = self._column(fields["lexpr"])
        other = fields["rexpr"]
        if column is None:
            column, other = self._column(fields["rexpr"]), fields["lexpr"]
        operator = strings(fields["name"])[-1]
        kind = fields["kind"]
        symmetric = operator in ("=", "<>")
        if column is None or (other is fields["lexpr"] and not symmetric):
            return Truth.OPEN
        if column.number not in row:
            return Truth.OPEN
        try:
            values = self._operands(column, other, kind)
        except NotLiteral:
            return Truth.OPEN
        return _matched(row[column.number], values, operator, kind)

    def _operands(self, column: Column, node: Node, kind: str) -> list[Any]:
        """The literals that a column is compared with, as the column's type has them.

        Raises:
            NotLiteral: one of them is none.
        """
        tag, fields = only(node)
        if kind == "AEXPR_IN":
            nodes = fields["items"]
        elif kind == "AEXPR_OP_ANY":
            while tag == "TypeCast":
                tag, fields = only(fields["arg"])
            if tag != "A_ArrayExpr":
                raise NotLiteral
            nodes = fields.get("elements") or ()
        else:
            nodes = [node]
        values = [literal(each) for each in nodes]
        if DEFAULT in values:
            raise NotLiteral
        if kind in ("AEXPR_LIKE", "AEXPR_ILIKE"):
            return values
        return [stored(self.catalog, column, value) for value in values]

    def _column(self, node: Node) -> Column | None:
        """The column of the table that an expression is, through casts that keep it."""
        tag, fields = only(node)
        while tag == "TypeCast":
            tag, fields = only(fields["arg"])
        if tag != "ColumnRef" or "A_Star" in fields["fields"][-1]:
            return None
        *table, name = strings(fields["fields"])
        if table and table[-1] not in self.names:
            return None
        return self.relation.column(name)

    def _value(self, row: Values, node: Node) -> Any:  # noqa: ANN401 - a value, or _OPEN
        column = self._column(node)
        return _OPEN if column is None else row.get(column.number, _OPEN)


_OPEN = object()


def _truth(value: bool) -> Truth:
    return Truth.YES if value else Truth.NO


def _matched(value: Any, others: list[Any], operator: str, kind: str) -> Truth:  # noqa: ANN401 - values
    if value is None:
        return Truth.NULL
    if kind in ("AEXPR_LIKE", "AEXPR_ILIKE"):
        if not isinstance(value, str) or not isinstance(others[0], str) or "\\" in others[0]:
            return Truth.OPEN
        pattern = "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in others[0])
        flags = re.DOTALL | (re.IGNORECASE if kind == "AEXPR_ILIKE" else 0)
        return _truth((re.fullmatch(pattern, value, flags) is not None) is not operator.startswith("!"))
    if operator not in ("=", "<>"):
        return Truth.OPEN
    if any(type(other) is not type(value) for other in others if other is not None):
        return Truth.OPEN  # 1 and '1.0' may be the same to the server
    found = value in [other for other in others if other is not None]
    if not found and None in others:
        return Truth.NULL
    return _truth(found is (operator == "="))
