"""The columns and dependencies of queries: of views, materialized views, CREATE TABLE AS, SQL functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.analysis.bound import BoundQuery
from schemaguard.catalog.analysis.environment import Environment
from schemaguard.catalog.analysis.references import reads, references
from schemaguard.catalog.analysis.transform.queries import transform_query
from schemaguard.catalog.analysis.transform.scope import ParseState
from schemaguard.catalog.analysis.transform.ungrouped import primary_keys_needed
from schemaguard.catalog.analysis.tree import CollateExpr, Expr, Param
from schemaguard.catalog.analysis.type_info import relation_at
from schemaguard.catalog.analysis.types import type_number, type_ref
from schemaguard.catalog.analysis.walk import distinct_nodes, nodes
from schemaguard.catalog.model import Expression, TypeRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import msgspec

    from schemaguard.catalog.analysis.query_tree import Query, Target
    from schemaguard.catalog.session import Session
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node, Origin


class OutputColumn(NamedTuple):
    """A column of a query's result.

    `type.oid` is 0 where the type can't be known. `source`: table oid and attribute number of a plain column, through
    sub-selects and WITH queries, else None. `collation`: of COLLATE, or of the plain column it is; "" for the
    type's own.
    """

    name: str
    type: TypeRef
    collation: str
    source: tuple[int, int] | None


class AnalysedQuery(NamedTuple):
    """What a query gives and needs.

    `depends`: (oid, column number or 0) of every user-defined relation, column, function, type it names, and of the
    primary keys that its GROUP BY relies on. `reads`: the relations it reads, each as (oid, 0), and their columns
    that it uses. `relations`: the relations, system relations included. `unknown`: why something about it can't be
    known, "" where all is. `expression` is to be kept as `View.query`.
    """

    columns: list[OutputColumn]
    depends: set[tuple[int, int]]
    reads: set[tuple[int, int]]
    relations: set[int]
    unknown: str
    expression: Expression
    tree: Query


class Parameters:
    """A function's parameters as its body's queries see them."""

    def __init__(self, types: Sequence[TypeRef], names: Sequence[str] = (), function: str = "") -> None:
        """Take the types of the inputs, in order, their names ("" for none), and the function's name."""
        self.params = [
            Param(type_number(of), of.typmod, number=at, name=names[at - 1] if at <= len(names) else "")
            for at, of in enumerate(types, 1)
        ]
        self.function = function

    def named(self, name: str) -> Expr | None:
        """The parameter of that name."""
        return next((param for param in self.params if param.name and param.name == name), None)

    def numbered(self, number: int) -> Expr | None:
        """The parameter ``$number``."""
        return self.params[number - 1] if 1 <= number <= len(self.params) else None

    def qualified(self, function: str, name: str) -> Expr | None:
        """The parameter written as ``function.name``."""
        return self.named(name) if function == self.function else None


def analyse_query(
    session: Session, node: Node, because: Origin | None = None, *, parameters: Parameters | None = None
) -> AnalysedQuery:
    """The result columns and dependencies of a query, given as ``{"SelectStmt": fields}``.

    Raises:
        Refused: the server would refuse it: a table or column does not exist, types do not match …
        Opaque: it is, or contains, a statement that changes data.
    """
    environment = Environment(session)
    outer = None
    if parameters is not None:
        outer = ParseState(environment)
        outer.parameters = parameters
    query = transform_query(environment, node, outer)
    depends = set(references(session.catalog, query))
    parts = list(distinct_nodes(query))
    depends |= {(key, 0) for key in _keys(environment, parts)}
    return AnalysedQuery(
        [output_column(session.catalog, target) for target in query.outputs],
        depends,
        reads(session.catalog, query),
        _relations(parts),
        _unknown(parts),
        Expression(node, (), because, BoundQuery(query)),
        query,
    )


def output_column(catalog: Catalog, target: Target) -> OutputColumn:
    """A target of a query as a column of its result."""
    expr = target.expr
    collation = expr.collation if isinstance(expr, CollateExpr) else ""
    if not collation and target.origin is not None:
        relation = relation_at(catalog, target.origin[0])
        column = relation.column_at(target.origin[1]) if relation is not None else None
        collation = column.collation if column is not None else ""
    return OutputColumn(target.name or "?column?", type_ref(expr.type, expr.typmod), collation, target.origin)


def _relations(parts: Sequence[msgspec.Struct]) -> set[int]:
    from schemaguard.catalog.analysis.query_tree import Rte

    return {node.relation for node in parts if isinstance(node, Rte) and node.kind == "relation"}


def unknown_part(query: Query) -> str:
    """Why something about a query can't be known; "" where all is."""
    return _unknown(nodes(query))


def _unknown(parts: Iterable[msgspec.Struct]) -> str:
    from schemaguard.catalog.analysis.tree import UNRESOLVED, Unresolved

    for node in parts:
        if isinstance(node, Unresolved):
            return node.reason
        if isinstance(node, Expr) and node.type == UNRESOLVED:
            return "the type of a part is not known"
    return ""


def _keys(environment: Environment, parts: Sequence[msgspec.Struct]) -> set[int]:
    """The primary keys that the queries among the parts of one rely on."""
    from schemaguard.catalog.analysis.query_tree import Query as QueryNode

    found: set[int] = set()
    for node in parts:
        if isinstance(node, QueryNode) and node.groups:
            found |= primary_keys_needed(ParseState(environment), node)
    return found
