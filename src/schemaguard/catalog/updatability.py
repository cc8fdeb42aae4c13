"""Which views let INSERT, UPDATE and DELETE through to their table (`view_query_is_auto_updatable`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Relation, View

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.query import Query
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

_CLAUSES = (
    ("distinctClause", "Views containing DISTINCT are not automatically updatable."),
    ("groupClause", "Views containing GROUP BY are not automatically updatable."),
    ("havingClause", "Views containing HAVING are not automatically updatable."),
    ("withClause", "Views containing WITH are not automatically updatable."),
    ("limitOffset", "Views containing LIMIT or OFFSET are not automatically updatable."),
    ("limitCount", "Views containing LIMIT or OFFSET are not automatically updatable."),
)
_NOT_ONE_TABLE = "Views that do not select from a single table or view are not automatically updatable."


def why_not_updatable(catalog: Catalog, select: Node, query: Query) -> str:
    """Why the view of `select` is not automatically updatable, in the server's words; "" where it is."""
    fields = select["SelectStmt"]
    if fields.get("op", "SETOP_NONE") != "SETOP_NONE":
        return "Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable."
    for clause, sentence in _CLAUSES:
        if clause in fields:
            return sentence
    if query.has_aggregates:
        return "Views that return aggregate functions are not automatically updatable."
    if query.has_window_functions:
        return "Views that return window functions are not automatically updatable."
    if query.has_set_returning:
        return "Views that return set-returning functions are not automatically updatable."
    source = base_relation(fields)
    if source is None:
        return _NOT_ONE_TABLE
    if "RangeTableSample" in source:
        return "Views containing TABLESAMPLE are not automatically updatable."
    relations = {oid for oid, _sub in query.relations}
    base = catalog.objects.get(next(iter(relations))) if len(relations) == 1 else None
    if not isinstance(base, Relation) or base.kind not in "rfvp":
        return _NOT_ONE_TABLE
    if not any(column.source is not None and column.source[0] == base.oid for column in query.columns):
        return "Views that have no updatable columns are not automatically updatable."
    return ""


def base_relation(fields: Node) -> Node | None:
    """The one item of a SELECT's FROM clause if it is a relation, else None."""
    sources = fields.get("fromClause") or ()
    if len(sources) != 1:
        return None
    [source] = sources
    return source if "RangeVar" in source or "RangeTableSample" in source else None


def is_automatically_updatable(catalog: Catalog, view: View) -> bool:
    """Whether a write on the view reaches its table without a rule or INSTEAD OF trigger."""
    return (
        view.kind == "v"
        and view.query is not None
        and not why_not_updatable(catalog, view.query.node, view.query.bound)
    )
