"""What analysed trees depend on (`find_expr_references_walker`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.analysis import tree as t
from schemaguard.catalog.analysis.query_tree import Query, RangeFunctionItem, Rte
from schemaguard.catalog.analysis.type_info import type_info
from schemaguard.catalog.analysis.walk import children
from schemaguard.catalog.model import FIRST_USER_OID

if TYPE_CHECKING:
    import msgspec

    from schemaguard.catalog.state import Catalog

_LEAVES = (t.SQLValueFunction, t.CaseTestExpr, t.SetToDefault)
_BY_RESULT = (t.RelabelType, t.CoerceViaIO, t.ArrayCoerceExpr, t.ConvertRowtypeExpr, t.CoerceToDomain, t.RowExpr,
              t.Param, t.CoerceToDomainValue)  # fmt: skip


def references(catalog: Catalog, tree: msgspec.Struct) -> list[tuple[int, int]]:
    """The user-defined objects that a tree names: (oid, column number or 0), in order of appearance, each once.

    A relation of FROM counts with each of its columns that is used, and with 0 only where none is. A column of the
    table that an expression is about, outside of any query, is left out: `Expression.columns` has those.
    """
    if isinstance(tree, t.FuncExpr) and not tree.args and tree.routine.oid < FIRST_USER_OID:
        return []
    collector = _Collector(catalog)
    collector.visit(tree, ())
    with_columns = {oid for oid, sub in collector.found if sub}
    return [(oid, sub) for oid, sub in collector.found if sub or oid not in with_columns]


def reads(catalog: Catalog, query: Query) -> set[tuple[int, int]]:
    """The user-defined relations that a query reads: (oid, column number), and (oid, 0) for each as such."""
    collector = _Collector(catalog)
    collector.visit(query, ())
    return set(collector.reads)


class _Collector:
    """Gathers references; queries push their range tables."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.found: dict[tuple[int, int], bool] = {}
        self.reads: dict[tuple[int, int], bool] = {}

    def add(self, oid: int, sub: int = 0) -> None:
        if oid >= FIRST_USER_OID:
            self.found[oid, sub] = True

    def read(self, oid: int, sub: int = 0) -> None:
        self.add(oid, sub)
        if oid >= FIRST_USER_OID:
            self.reads[oid, sub] = True

    def visit(self, node: msgspec.Struct, levels: tuple[tuple[Rte, ...], ...]) -> None:
        kind = type(node)
        if kind is t.Var:
            self._variable(node, levels)
            return
        if kind is t.Const:
            self._constant(node)
            return
        if kind in _LEAVES:
            return
        if kind is Query:
            self._query(node, levels)
            return
        self._own(node)
        for child in children(node):
            self.visit(child, levels)

    def _own(self, node: Any) -> None:  # noqa: ANN401 - any node
        """What the node itself names."""
        if isinstance(node, (t.FuncExpr, t.Aggref, t.WindowFunc)):
            self.add(node.routine.oid or node.routine.extension)
        elif isinstance(node, (t.OpExpr, t.ScalarArrayOpExpr, t.RowCompareExpr)):
            self.add(node.operator.oid or node.operator.extension)
        elif isinstance(node, t.SubLink):
            for operator in node.operators:
                self.add(operator.oid or operator.extension)
        elif isinstance(node, _BY_RESULT):
            self.add(abs(node.type))
        elif isinstance(node, t.FieldSelect):
            relation = type_info(self.catalog, type_info(self.catalog, node.arg.type).base).relation
            self.add(*((relation, node.field) if relation else (abs(node.arg.type), 0)))
        elif isinstance(node, RangeFunctionItem):
            for _name, of, _typmod in node.definitions:
                self.add(abs(of))

    def _constant(self, node: Any) -> None:  # noqa: ANN401 - a Const
        self.add(abs(node.type))
        if node.object:
            self.add(abs(node.object))

    def _variable(self, node: Any, levels: tuple[tuple[Rte, ...], ...]) -> None:  # noqa: ANN401 - a Var
        if node.level >= len(levels):
            return
        rte = levels[node.level][node.relation - 1]
        if rte.kind == "relation" and node.attribute != 0:
            self.read(rte.relation, node.attribute)
        elif rte.kind == "function" and node.attribute > 0:
            self._function_column(rte, node.attribute)

    def _function_column(self, rte: Rte, number: int) -> None:
        """A column of a function's result is one of the table or composite type that the function returns."""
        for item in rte.functions:
            if number <= item.width:
                relation = type_info(self.catalog, type_info(self.catalog, item.call.type).base).relation
                if relation and not item.definitions:
                    self.add(relation, number)
                return
            number -= item.width

    def _query(self, query: Any, levels: tuple[tuple[Rte, ...], ...]) -> None:  # noqa: ANN401 - a Query
        inner = (query.rtes, *levels)
        for rte in query.rtes:
            if rte.kind == "relation":
                self.read(rte.relation)
            if rte.kind == "join":
                for merged in rte.join_vars[: rte.merged]:
                    self.visit(merged, inner)
                continue
            for child in children(rte):
                self.visit(child, inner)
        for field in ("targets", "joins", "where", "having", "windows", "offset", "limit", "ctes"):
            value = getattr(query, field)
            for item in value if isinstance(value, tuple) else (value,):
                if item is not None:
                    self.visit(item, inner)
