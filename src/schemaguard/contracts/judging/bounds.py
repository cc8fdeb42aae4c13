"""The bounds that a column's type and CHECKs set: of its values, of its length, and the pattern of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.commands.nodes import constant, only, strings
from schemaguard.catalog.widening import base_type
from schemaguard.linting.questions.checks import checks_on, is_reference, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column, Table
    from schemaguard.catalog.state import Catalog
    from schemaguard.linting.rule import Place
    from schemaguard.statements.statement import Node

INTEGERS = {21: 2**15, 23: 2**31, 20: 2**63}
"""Integer types by oid, with the first number beyond them."""

CHARACTERS = (1042, 1043)
LENGTHS = frozenset(("length", "char_length", "character_length"))
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


class Bound(NamedTuple):
    """A bound of a column: `what` sets it (`varchar(20)`, the CHECK `…`), and where."""

    value: float
    inclusive: bool
    what: str
    at: Place


class Bounds(NamedTuple):
    """The tightest bounds of a column, each None where there is none."""

    minimum: Bound | None = None
    maximum: Bound | None = None
    max_length: Bound | None = None
    min_length: Bound | None = None
    pattern: tuple[str, str, Place] | None = None


def bounds_of(catalog: Catalog, table: Table, column: Column) -> Bounds:
    """The bounds of a table's column."""
    found: dict[str, Bound] = {}
    pattern: tuple[str, str, Place] | None = None
    for name, bound in _of_type(catalog, column):
        _tighten(found, name, bound)
    for constraint, names in checks_on(catalog, table, column):
        what = f"the CHECK `{constraint.name}`"
        if constraint.expression is None:
            continue
        for condition in conditions(constraint.expression.node, names):
            for name, value, inclusive in comparisons(condition, names):
                _tighten(found, name, Bound(value, inclusive, what, constraint.because))
            text = _pattern(condition, names)
            if text is not None:
                pattern = (text, what, constraint.because)
    return Bounds(
        found.get("minimum"), found.get("maximum"), found.get("max_length"), found.get("min_length"), pattern
    )


def _of_type(catalog: Catalog, column: Column) -> Iterator[tuple[str, Bound]]:
    base = base_type(catalog, column.type)
    at = column.type_because or column.because
    if base.array:
        return
    if base.oid in INTEGERS:
        word = {21: "smallint", 23: "integer", 20: "bigint"}[base.oid]
        yield "maximum", Bound(INTEGERS[base.oid] - 1, True, word, at)
        yield "minimum", Bound(-INTEGERS[base.oid], True, word, at)
    elif base.oid in CHARACTERS and base.typmod >= 4:
        word = "varchar" if base.oid == 1043 else "char"
        length = base.typmod - 4
        yield "max_length", Bound(length, True, f"{word}({length})", at)


def _tighten(found: dict[str, Bound], name: str, bound: Bound) -> None:
    known = found.get(name)
    if known is None:
        found[name] = bound
    elif name.startswith("max"):
        if (bound.value, bound.inclusive) < (known.value, known.inclusive):
            found[name] = bound
    elif (bound.value, not bound.inclusive) > (known.value, not known.inclusive):
        found[name] = bound


def conditions(node: Node, names: set[str]) -> Iterator[Node]:
    """The conditions of which all hold, through AND and `… IS NULL OR …`."""
    tag, fields = only(node)
    if tag == "BoolExpr" and fields["boolop"] == "AND_EXPR":
        for argument in fields["args"]:
            yield from conditions(argument, names)
    elif tag == "BoolExpr" and fields["boolop"] == "OR_EXPR":
        rest = [argument for argument in fields["args"] if not _is_null_test(argument, names)]
        if len(rest) == 1:
            yield from conditions(rest[0], names)
    else:
        yield node


def _is_null_test(node: Node, names: set[str]) -> bool:
    tag, fields = only(node)
    return tag == "NullTest" and fields["nulltesttype"] == "IS_NULL" and is_reference(fields["arg"], names)


def comparisons(node: Node, names: set[str]) -> Iterator[tuple[str, float, bool]]:
    """The bounds that a comparison with a number sets: minimum, maximum, min_length, max_length; inclusive or not."""
    tag, fields = only(node)
    if tag != "A_Expr" or "lexpr" not in fields:
        return
    if fields["kind"] == "AEXPR_BETWEEN":
        low, high = (number(each) for each in fields["rexpr"]["List"]["items"])
        yield from _bound(fields["lexpr"], ">=", low, names)
        yield from _bound(fields["lexpr"], "<=", high, names)
    elif fields["kind"] == "AEXPR_OP":
        operator = strings(fields["name"])[-1]
        yield from _bound(fields["lexpr"], operator, number(fields["rexpr"]), names)
        yield from _bound(fields["rexpr"], FLIPPED.get(operator, ""), number(fields["lexpr"]), names)


def _bound(
    node: Node, operator: str, value: float | None, names: set[str]
) -> Iterator[tuple[str, float, bool]]:
    subject = "" if is_reference(node, names) else "_length" if _is_length(node, names) else None
    if value is None or subject is None:
        return
    if operator in ("<", "<=", "="):
        yield f"max{subject}" if subject else "maximum", value, operator != "<"
    if operator in (">", ">=", "="):
        yield f"min{subject}" if subject else "minimum", value, operator != ">"


def _is_length(node: Node, names: set[str]) -> bool:
    tag, fields = only(node)
    if tag != "FuncCall" or strings(fields["funcname"])[-1] not in LENGTHS:
        return False
    arguments = fields.get("args") or []
    return len(arguments) == 1 and is_reference(arguments[0], names)


def _pattern(node: Node, names: set[str]) -> str | None:
    """The regular expression that a column must match."""
    tag, fields = only(node)
    if tag != "A_Expr" or "lexpr" not in fields or strings(fields["name"])[-1] != "~":
        return None
    inner, right = only(fields["rexpr"])
    while inner == "TypeCast":
        inner, right = only(right["arg"])
    if inner != "A_Const" or not is_reference(fields["lexpr"], names):
        return None
    found = constant(right)
    return found if isinstance(found, str) else None
