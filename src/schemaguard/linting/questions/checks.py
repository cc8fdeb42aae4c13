"""What CHECK constraints and domains demand of a column's values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import constant, only, strings
from schemaguard.catalog.model import FIRST_USER_OID, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column, Constraint, Table
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

VALUE = "value"
"""How a domain's CHECK names the value."""


def checks_on(catalog: Catalog, table: Table, column: Column) -> Iterator[tuple[Constraint, set[str]]]:
    """The CHECKs that concern a column, its domain's among them, each with the names that mean the column in it."""
    for constraint in catalog.constraints(table.oid):
        if constraint.type == "c" and constraint.expression is not None:
            names = {name for name, number in constraint.expression.columns if number == column.number}
            if names:
                yield constraint, names
    ref = column.type
    while ref.oid >= FIRST_USER_OID and not ref.array:
        domain = catalog.objects.get(ref.oid)
        if not isinstance(domain, Type) or domain.kind != "d" or domain.base is None:
            return
        for constraint in catalog.constraints(domain.oid):
            if constraint.type == "c" and constraint.expression is not None:
                yield constraint, {VALUE}
        ref = domain.base


def nonnegative_check(catalog: Catalog, table: Table, column: Column) -> Constraint | None:
    """A CHECK that refuses negative values, NOT VALID ones among them."""
    for constraint, names in checks_on(catalog, table, column):
        if constraint.expression is not None and _refuses_negative(constraint.expression.node, names):
            return constraint
    return None


def _refuses_negative(node: Node, names: set[str]) -> bool:
    tag, fields = only(node)
    if tag == "BoolExpr":
        verdicts = [
            _refuses_negative(argument, names) or _is_null_test(argument, names)
            for argument in fields["args"]
        ]
        if fields["boolop"] == "AND_EXPR":
            return any(_refuses_negative(argument, names) for argument in fields["args"])
        return (
            fields["boolop"] == "OR_EXPR"
            and all(verdicts)
            and not all(_is_null_test(argument, names) for argument in fields["args"])
        )
    if tag != "A_Expr" or "lexpr" not in fields:
        return False
    operator = strings(fields["name"])[-1]
    if fields["kind"] == "AEXPR_BETWEEN":
        low = number(fields["rexpr"]["List"]["items"][0])
        return is_reference(fields["lexpr"], names) and low is not None and low >= 0
    left, right = number(fields["lexpr"]), number(fields["rexpr"])
    if is_reference(fields["lexpr"], names) and right is not None:
        return (operator == ">=" and right >= 0) or (operator == ">" and right >= -1)
    if is_reference(fields["rexpr"], names) and left is not None:
        return (operator == "<=" and left >= 0) or (operator == "<" and left >= -1)
    return False


def _is_null_test(node: Node, names: set[str]) -> bool:
    tag, fields = only(node)
    return tag == "NullTest" and fields["nulltesttype"] == "IS_NULL" and is_reference(fields["arg"], names)


def is_reference(node: Node, names: set[str]) -> bool:
    """Whether an expression is one of the named columns, through casts."""
    tag, fields = only(node)
    while tag in ("TypeCast", "CollateClause"):
        tag, fields = only(fields["arg"])
    return (
        tag == "ColumnRef" and "String" in fields["fields"][-1] and strings(fields["fields"][-1:])[0] in names
    )


def number(node: Node) -> float | None:
    """The value of a number literal, through casts and a sign; None for anything else."""
    tag, fields = only(node)
    while tag == "TypeCast":
        tag, fields = only(fields["arg"])
    if tag == "A_Expr" and "lexpr" not in fields and strings(fields["name"]) == ["-"]:
        inner = number(fields["rexpr"])
        return None if inner is None else -inner
    if tag != "A_Const":
        return None
    value = constant(fields)
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except ValueError:
        return None


def listed_values(catalog: Catalog, table: Table, column: Column) -> Iterator[tuple[Constraint, list[str]]]:
    """The CHECKs that hold a column's values to a list, with the list: IN, = ANY (ARRAY[…]), OR of equalities."""
    for constraint, names in checks_on(catalog, table, column):
        values = _list(constraint.expression.node, names) if constraint.expression is not None else None
        if values:
            yield constraint, values


def _list(node: Node, names: set[str]) -> list[str] | None:
    tag, fields = only(node)
    if tag == "BoolExpr":
        parts = [_list(argument, names) for argument in fields["args"]]
        if fields["boolop"] == "AND_EXPR":
            return next((part for part in parts if part), None)
        tests = [_is_null_test(argument, names) for argument in fields["args"]]
        if fields["boolop"] == "OR_EXPR" and all(
            part or test for part, test in zip(parts, tests, strict=True)
        ):
            return [value for part in parts if part for value in part] or None
        return None
    if tag != "A_Expr" or "lexpr" not in fields or strings(fields["name"])[-1] != "=":
        return None
    if not is_reference(fields["lexpr"], names):
        return None
    if fields["kind"] == "AEXPR_IN":
        return _literals(fields["rexpr"]["List"]["items"])
    if fields["kind"] == "AEXPR_OP_ANY":
        inner, array = only(fields["rexpr"])
        while inner == "TypeCast":
            inner, array = only(array["arg"])
        if inner == "A_ArrayExpr":
            return _literals(array.get("elements") or [])
        value = constant(array) if inner == "A_Const" else None
        return [part.strip().strip('"') for part in str(value).strip("{}").split(",")] if value else None
    if fields["kind"] == "AEXPR_OP":
        return _literals([fields["rexpr"]])
    return None


def _literals(nodes: list[Node]) -> list[str] | None:
    values: list[str] = []
    for node in nodes:
        tag, fields = only(node)
        while tag == "TypeCast":
            tag, fields = only(fields["arg"])
        if tag != "A_Const":
            return None
        value: Any = constant(fields)
        if value is not None:
            values.append(str(value))
    return values
