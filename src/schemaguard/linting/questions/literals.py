"""String literals that expressions compare columns with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.commands.nodes import constant, only, strings
from schemaguard.linting.questions.checks import is_reference
from schemaguard.linting.questions.predicates import walk_all

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from schemaguard.catalog.model import Column
    from schemaguard.statements.statement import Node


class CodeLiteral(NamedTuple):
    """A literal that a column is compared with; `offset` is its byte offset in the statement's text."""

    column: str
    value: str
    offset: int


def code_literals(node: Node, columns: Collection[str]) -> Iterator[CodeLiteral]:
    """The string literals that one of the columns is compared with: =, <>, IN, LIKE, CASE column WHEN."""
    names = set(columns)
    comparisons, cases = walk_all(node, "A_Expr", "CaseExpr")
    for fields in comparisons:
        for side, other in (("lexpr", "rexpr"), ("rexpr", "lexpr")):
            if (
                side in fields
                and other in fields
                and "List" not in fields[side]
                and is_reference(fields[side], names)
            ):
                column = _name(fields[side])
                items = fields[other].get("List", {}).get("items") or [fields[other]]
                for item in items:
                    yield from _literal(item, column)
    for fields in cases:
        if "arg" in fields and is_reference(fields["arg"], names):
            for item in fields["args"]:
                yield from _literal(only(item)[1]["expr"], _name(fields["arg"]))


def _name(node: Node) -> str:
    tag, fields = only(node)
    while tag in ("TypeCast", "CollateClause"):
        tag, fields = only(fields["arg"])
    return strings(fields["fields"][-1:])[0]


def _literal(node: Node, column: str) -> Iterator[CodeLiteral]:
    tag, fields = only(node)
    while tag == "TypeCast":
        tag, fields = only(fields["arg"])
    if tag == "A_ArrayExpr":
        for element in fields.get("elements") or []:
            yield from _literal(element, column)
    elif tag == "A_Const" and "sval" in fields:
        yield CodeLiteral(column, str(constant(fields)), int(fields.get("location", -1)))


def literal_default(column: Column) -> str | None:
    """The string literal that is a column's default, None for anything else."""
    if column.default is None or column.generated:
        return None
    tag, fields = only(column.default.node)
    while tag == "TypeCast":
        tag, fields = only(fields["arg"])
    return str(constant(fields)) if tag == "A_Const" and "sval" in fields else None
