"""CREATE TABLE AS, SELECT INTO and CREATE MATERIALIZED VIEW: relations whose columns come from a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.commands.storage_parameters import table_options
from schemaguard.catalog.commands.views import (
    depend_on_query,
    output_columns,
    refuse_non_select,
    relation_acl,
    require_populated,
    uses_temporary,
)
from schemaguard.catalog.errors import FEATURE_NOT_SUPPORTED, Opaque, Refused
from schemaguard.catalog.model import Table, View
from schemaguard.catalog.privileges.reading import require_select
from schemaguard.catalog.relations import add_relation, require_free_name
from schemaguard.catalog.type_records import depend_on_type

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def create_table_as(run: Run, node: Node) -> None:
    """CREATE TABLE … AS and CREATE MATERIALIZED VIEW … AS; opaque over EXECUTE of a prepared statement."""
    into = node["into"]
    select = node["query"]
    if "ExecuteStmt" in select:
        raise Opaque("the columns of CREATE TABLE AS EXECUTE come from a prepared statement")
    materialized = node.get("objtype") == "OBJECT_MATVIEW"
    if materialized:
        refuse_non_select(select, "materialized views")
    _create(run, into, select, materialized=materialized, if_not_exists=bool(node.get("if_not_exists")))


def select_into(run: Run, node: Node, into: Node) -> None:
    """SELECT … INTO: `node` are the SelectStmt's fields, `into` its IntoClause."""
    _create(run, into, {"SelectStmt": without_into(node)}, materialized=False, if_not_exists=False)


def without_into(select: Node) -> Node:
    """A SELECT without its INTO clause, which stands in the first arm of a set operation."""
    fields = {key: value for key, value in select.items() if key != "intoClause"}
    if "larg" in fields:
        fields["larg"] = without_into(fields["larg"])
    return fields


def _create(run: Run, into: Node, select: Node, *, materialized: bool, if_not_exists: bool) -> None:
    from schemaguard.catalog.analysis.query import analyse_query
    from schemaguard.catalog.commands.tables import target_schema

    catalog = run.catalog
    range_var = into["rel"]
    if materialized and range_var.get("relpersistence") == "u":
        raise Refused(FEATURE_NOT_SUPPORTED, "materialized views cannot be unlogged")
    query = analyse_query(run.session, select, run.origin())
    if materialized and uses_temporary(run, query):
        message = "materialized views must not use temporary tables or views"
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    schema = target_schema(run, range_var)
    name = range_var["relname"]
    if if_not_exists and (schema.oid, name) in catalog.relations:
        return
    columns = output_columns(
        run, query, strings(into.get("colNames")), "too many column names were specified"
    )
    require_free_name(catalog, schema.oid, name)
    if not into.get("skipData"):
        require_select(catalog, run.session.role, query.reads)
        require_populated(run, query.relations)
    common: dict[str, Any] = {
        "oid": catalog.new_oid(),
        "schema": schema.oid,
        "name": name,
        "owner": run.session.role,
        "columns": columns,
        "acl": relation_acl(run, schema.oid),
        "persistence": range_var.get("relpersistence", "p"),
        "options": table_options(catalog, into.get("options"), "m" if materialized else "r"),
        "because": run.origin(),
    }
    if materialized:
        view = View(kind="m", query=query.expression, populated=not into.get("skipData"), **common)
        add_relation(catalog, view)
        depend_on_query(run, view, query)
        return
    table = Table(kind="r", next_number=len(columns) + 1, on_commit=into.get("onCommit", ""), **common)
    add_relation(catalog, table)
    for column in columns:
        depend_on_type(catalog, table.oid, column.type, sub=column.number)


HANDLERS = {"CreateTableAsStmt": create_table_as}
