"""Expressions and queries as text, as `pg_get_expr` and `pg_get_viewdef` give it.

Names are the present ones, whatever they were when the expression was written. What can't be printed faithfully raises
`Opaque` with the reason: a function of an extension that is not known, a value that depends on the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.bound import bound_of, query_of
from schemaguard.catalog.analysis.query_tree import Alias, Rte
from schemaguard.catalog.analysis.ruleutils.expressions import Printer
from schemaguard.catalog.analysis.ruleutils.namespace import Namespace, name_simply
from schemaguard.catalog.analysis.ruleutils.queries import print_query
from schemaguard.catalog.analysis.ruleutils.visibility import printing_environment
from schemaguard.catalog.analysis.tree import (
    CoalesceExpr,
    Const,
    Expr,
    FuncExpr,
    MinMaxExpr,
    OpExpr,
    SQLValueFunction,
)
from schemaguard.catalog.builtin.types import BOOL, INT4
from schemaguard.catalog.errors import Opaque

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Expression, Relation
    from schemaguard.catalog.state import Catalog


def expression_text(catalog: Catalog, expression: Expression, relation: Relation | None) -> str:
    """The expression as `pg_get_expr` prints it: ``(status = ANY (ARRAY['a'::text, 'b'::text]))``.

    Of a trigger's condition the columns are printed as ``old.x`` and ``new.x``. `relation` is the table it is about.

    Raises:
        Opaque: it can't be printed faithfully.
    """
    bound = bound_of(expression)
    tree = bound.tree
    simple = _simple_text(tree)
    if simple is not None:
        return simple
    oid = relation.oid if relation is not None else bound.relation
    namespaces: list[Namespace] = []
    if oid:
        aliases = ("old", "new") if bound.new_old else (None,)
        entries = [
            Rte(kind="relation", name="", relation=oid, alias=Alias(alias) if alias else None)
            for alias in aliases
        ]
        namespaces.append(Namespace(entries))
        name_simply(catalog, namespaces[0])
    printer = Printer(printing_environment(catalog), namespaces, prefix=bound.new_old)
    try:
        printer.print(tree, implicit=False)
    except RecursionError:
        raise Opaque("the expression is nested too deeply to be printed") from None
    return printer.buffer.text


def index_key_text(catalog: Catalog, expression: Expression, relation: Relation) -> str:
    """An index's or partition key's expression as `pg_get_indexdef` prints it: in parentheses unless it is a call.

    Raises:
        Opaque: it can't be printed faithfully.
    """
    text = expression_text(catalog, expression, relation)
    tree = bound_of(expression).tree
    if isinstance(tree, FuncExpr):
        return text if tree.form in ("call", "sql") else f"({text})"
    bare = isinstance(tree, (CoalesceExpr, MinMaxExpr, SQLValueFunction)) or (
        isinstance(tree, OpExpr) and tree.kind == "nullif"
    )
    return text if bare else f"({text})"


def _simple_text(tree: Expr) -> str | None:
    """The text of the most frequent expressions: ``now()``, ``0``, ``false``; None for any other."""
    while isinstance(tree, FuncExpr) and tree.form == "implicit":
        tree = tree.args[0]
    if isinstance(tree, Const) and tree.value is not None:
        if tree.type == BOOL:
            return "true" if tree.value == "t" else "false"
        if tree.type == INT4 and not tree.value.startswith("-"):
            return tree.value
    return None


def query_text(catalog: Catalog, expression: Expression, columns: Sequence[str] | None = None) -> str:
    """The query as `pg_get_viewdef(oid)` prints it, with the semicolon; `columns` are the view's present column names.

    Raises:
        Opaque: it can't be printed faithfully.
    """
    printer = Printer(printing_environment(catalog), [], prefix=False)
    try:
        print_query(printer, query_of(expression), result=columns)
    except RecursionError:
        raise Opaque("the query is nested too deeply to be printed") from None
    return f"{printer.buffer.text};"
