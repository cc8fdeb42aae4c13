"""CREATE VIEW, and REFRESH MATERIALIZED VIEW (which are created by `table_as`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.commands.view_options import Options, view_options
from schemaguard.catalog.errors import (
    DUPLICATE_COLUMN,
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    INVALID_TABLE_DEFINITION,
    OBJECT_NOT_IN_STATE,
    SYNTAX_ERROR,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.events import OptionsReset
from schemaguard.catalog.model import Column, Relation, TypeRef, View
from schemaguard.catalog.other_objects import depend_on_collation
from schemaguard.catalog.relations import add_relation, require_free_name
from schemaguard.catalog.type_records import depend_on_type
from schemaguard.catalog.updatability import why_not_updatable

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.query import AnalysedQuery
    from schemaguard.catalog.model import Acl
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

TEXT, UNKNOWN = 25, 705

_DATA_MODIFYING = ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt")


def create_view(run: Run, node: Node) -> None:
    """CREATE [OR REPLACE] [TEMPORARY] [RECURSIVE] VIEW."""
    from schemaguard.catalog.analysis.query import analyse_query

    select = node["query"]
    refuse_non_select(select, "views")
    query = analyse_query(run.session, select, run.origin())
    options = view_options(node.get("options"), run.catalog.version)
    columns = output_columns(
        run, query, strings(node.get("aliases")), "CREATE VIEW specifies more column names"
    )
    check_option = _check_option(node, options)
    range_var = node["view"]
    if range_var.get("relpersistence") == "u":
        message = "views cannot be unlogged because they do not have storage"
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    if range_var.get("relpersistence", "p") == "p" and uses_temporary(run, query):
        range_var = {**range_var, "relpersistence": "t"}
    if check_option:
        why = why_not_updatable(query.tree)
        if why:
            raise Refused(
                FEATURE_NOT_SUPPORTED,
                "WITH CHECK OPTION is supported only on automatically updatable views",
                hint=why,
            )
        options = (*(one for one in options if one[0] != "check_option"), ("check_option", check_option))
    _define(run, range_var, node, columns, options, query)


def refuse_non_select(select: Node, what: str) -> None:
    """Refuse SELECT INTO and data-modifying WITH as the query of a view or materialized view."""
    fields = select.get("SelectStmt", {})
    if has_into(fields):
        raise Refused(FEATURE_NOT_SUPPORTED, f"{what} must not contain SELECT INTO")
    for element in fields.get("withClause", {}).get("ctes") or ():
        [kind] = element["CommonTableExpr"]["ctequery"]
        if kind in _DATA_MODIFYING:
            message = f"{what} must not contain data-modifying statements in WITH"
            raise Refused(FEATURE_NOT_SUPPORTED, message)


def has_into(select: Node) -> bool:
    """Whether a SELECT, or the first arm of its set operation, has an INTO clause."""
    while "larg" in select:
        select = select["larg"]
    return "intoClause" in select


def output_columns(run: Run, query: AnalysedQuery, aliases: list[str], too_many: str) -> tuple[Column, ...]:
    """The columns of a query's relation, the first of them named by the aliases.

    Raises:
        Refused: there are more aliases than columns, or two columns of one name.
    """
    if len(aliases) > len(query.columns):
        message = f"{too_many} than columns" if too_many.startswith("CREATE") else too_many
        raise Refused(SYNTAX_ERROR, message)
    names = [*aliases, *(column.name for column in query.columns[len(aliases) :])]
    columns: list[Column] = []
    seen: set[str] = set()
    for number, (name, output) in enumerate(zip(names, query.columns, strict=True), 1):
        if name in seen:
            raise Refused(DUPLICATE_COLUMN, f'column "{name}" specified more than once')
        seen.add(name)
        type_ = TypeRef(TEXT) if output.type.oid == UNKNOWN else output.type
        refuse_pseudo_type(run, name, type_)
        # A collation is kept as it is named, not as it is printed.
        collation = output.collation.removeprefix("pg_catalog.").strip('"')
        columns.append(Column(number, name, type_, collation=collation, because=run.origin()))
    return tuple(columns)


def refuse_pseudo_type(run: Run, name: str, type_: TypeRef) -> None:
    """Refuse a column of a pseudo-type."""
    from schemaguard.catalog.analysis.types import format_type, is_pseudo_type

    if is_pseudo_type(type_):
        text = format_type(run.catalog, type_)
        raise Refused(INVALID_TABLE_DEFINITION, f'column "{name}" has pseudo-type {text}')


def uses_temporary(run: Run, query: AnalysedQuery) -> bool:
    """Whether a query reads a temporary relation."""
    relations = (run.catalog.objects.get(oid) for oid in query.relations)
    return any(isinstance(one, Relation) and one.persistence == "t" for one in relations)


def _check_option(node: Node, options: Options) -> str:
    """`local` or `cascaded`, from WITH CHECK OPTION or the option of that name."""
    clause = {"LOCAL_CHECK_OPTION": "local", "CASCADED_CHECK_OPTION": "cascaded"}
    return clause.get(node.get("withCheckOption", ""), "") or dict(options).get("check_option", "").lower()


def _define(
    run: Run, range_var: Node, node: Node, columns: tuple[Column, ...], options: Options, query: AnalysedQuery
) -> None:
    """Create the view, or put the new definition in the place of the one of that name."""
    from schemaguard.catalog.commands.tables import target_schema

    catalog = run.catalog
    schema = target_schema(run, range_var)
    name = range_var["relname"]
    known = catalog.relations.get((schema.oid, name))
    check_option = dict(options).get("check_option", "")
    if known is not None and node.get("replace"):
        view = _replaced(run, catalog.objects[known], columns)
        _report_resets(run, view, options)
        view = msgspec.structs.replace(
            view,
            query=query.expression,
            options=options,
            check_option=check_option,
            options_because=run.origin(),
        )
        catalog.store(view)
        catalog.forget_dependencies(view.oid)
        catalog.depend(view.oid, schema.oid)
    else:
        require_free_name(catalog, schema.oid, name)
        view = View(
            oid=catalog.new_oid(),
            schema=schema.oid,
            name=name,
            kind="v",
            owner=run.session.role,
            columns=columns,
            acl=relation_acl(run, schema.oid),
            persistence=range_var.get("relpersistence", "p"),
            options=options,
            query=query.expression,
            check_option=check_option,
            options_because=run.origin(),
            because=run.origin(),
        )
        add_relation(catalog, view)
    depend_on_query(run, view, query)


def relation_acl(run: Run, schema: int) -> Acl | None:
    """What default privileges give on a relation that the role in force creates."""
    from schemaguard.catalog.privileges.acl import acl_for_new_object

    return acl_for_new_object(run.catalog, run.session.role, schema, "r", run.origin())


def depend_on_query(run: Run, relation: Relation, query: AnalysedQuery) -> None:
    """Depend on the columns, functions and collations that the query names, and on the types of its columns."""
    from schemaguard.catalog.analysis.tree import CollateExpr
    from schemaguard.catalog.analysis.walk import nodes

    catalog = run.catalog
    for oid, sub in query.depends:
        if oid != relation.oid:
            catalog.depend(relation.oid, oid, on_sub=sub)
    for column in relation.columns:
        depend_on_type(catalog, relation.oid, column.type, sub=column.number)
    for node in nodes(query.tree):
        if isinstance(node, CollateExpr):
            depend_on_collation(run, relation.oid, node.collation.replace('"', ""))


def _replaced(run: Run, old: Relation, columns: tuple[Column, ...]) -> View:
    """The view with new columns at its end; the present ones must be the same (`checkViewColumns`)."""
    from schemaguard.catalog.analysis.types import format_type

    if not run.session.owns(old.owner):
        word = run.session.describe(old).split(' "')[0]
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of {word} {old.name}")
    if not isinstance(old, View) or old.kind != "v":
        raise Refused(WRONG_OBJECT_TYPE, f'"{old.name}" is not a view')
    if len(columns) < len(old.columns):
        raise Refused(INVALID_TABLE_DEFINITION, "cannot drop columns from view")
    for before, after in zip(old.columns, columns, strict=False):
        if before.name != after.name:
            raise Refused(
                INVALID_TABLE_DEFINITION,
                f'cannot change name of view column "{before.name}" to "{after.name}"',
                hint="Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.",
            )
        if before.type != after.type:
            was, now = format_type(run.catalog, before.type), format_type(run.catalog, after.type)
            message = f'cannot change data type of view column "{before.name}" from {was} to {now}'
            raise Refused(INVALID_TABLE_DEFINITION, message)
        if before.collation != after.collation:
            message = (
                f'cannot change collation of view column "{before.name}" '
                f'from "{before.collation or "default"}" to "{after.collation or "default"}"'
            )
            raise Refused(INVALID_TABLE_DEFINITION, message)
    return msgspec.structs.replace(old, columns=(*old.columns, *columns[len(old.columns) :]))


def _report_resets(run: Run, view: View, options: Options) -> None:
    """Leave an event for each option that the replacement does not repeat."""
    kept = dict(options)
    for name, value in view.options:
        if kept.get(name) != value:
            run.event(
                OptionsReset(
                    because=run.origin(),
                    object=view.oid,
                    option=name,
                    old=value,
                    had_because=view.options_because or view.because,
                )
            )


def refresh(run: Run, node: Node) -> None:
    """REFRESH MATERIALIZED VIEW."""
    from schemaguard.catalog.analysis.binding import dependencies
    from schemaguard.catalog.analysis.bound import query_of
    from schemaguard.catalog.analysis.references import reads
    from schemaguard.catalog.privileges.reading import require_select

    view = run.session.relation(node["relation"])
    _require_maintain(run, view)
    if not isinstance(view, View) or view.kind != "m":
        raise Refused(FEATURE_NOT_SUPPORTED, f'"{view.name}" is not a materialized view')
    if node.get("concurrent"):
        if not view.populated:
            message = "CONCURRENTLY cannot be used when the materialized view is not populated"
            raise Refused(FEATURE_NOT_SUPPORTED, message)
        if node.get("skipData"):
            message = "CONCURRENTLY and WITH NO DATA options cannot be used together"
            raise Refused(SYNTAX_ERROR, message)
        _require_unique_index(run, view)
    populated = not node.get("skipData")
    if populated and view.query is not None:
        # The owner's rights count, whoever refreshes.
        require_select(run.catalog, view.owner, reads(run.catalog, query_of(view.query)))
        require_populated(run, {oid for oid, _sub in dependencies(run.session, view.query)})
    if view.populated != populated:
        run.catalog.store(msgspec.structs.replace(view, populated=populated))


def require_populated(run: Run, relations: set[int]) -> None:
    """Refuse to run a query over a materialized view that holds no data, be it through other views.

    `relations`: oids of what the query reads; others than relations are ignored.
    """
    from schemaguard.catalog.analysis.binding import dependencies

    seen: set[int] = set()
    pending = sorted(relations)
    while pending:
        oid = pending.pop()
        view = run.catalog.objects.get(oid)
        if oid in seen or not isinstance(view, View):
            continue
        seen.add(oid)
        if view.kind == "m" and not view.populated:
            raise Refused(
                OBJECT_NOT_IN_STATE,
                f'materialized view "{view.name}" has not been populated',
                hint="Use the REFRESH MATERIALIZED VIEW command.",
            )
        if view.kind == "v" and view.query is not None:
            pending += [used for used, _sub in dependencies(run.session, view.query)]


def _require_maintain(run: Run, view: Relation) -> None:
    """The owner may refresh; from PostgreSQL 17 on also who has MAINTAIN."""
    from schemaguard.catalog.privileges.query import has_privilege

    if run.session.owns(view.owner):
        return
    if run.catalog.version < 17:
        run.session.require_owner(view)
    elif not has_privilege(run.catalog, run.session.role, "MAINTAIN", view.oid):
        word = run.session.describe(view).split(' "')[0]
        raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for {word} {view.name}")


def _require_unique_index(run: Run, view: View) -> None:
    for index in run.catalog.indexes(view.oid):
        plain = all(key.number for key in index.keys)
        if index.unique and index.valid and index.predicate is None and plain:
            return
    raise Refused(
        OBJECT_NOT_IN_STATE,
        f'cannot refresh materialized view "{run.catalog.qualified(view)}" concurrently',
        hint="Create a unique index with no WHERE clause on one or more columns of the materialized view.",
    )


HANDLERS = {"ViewStmt": create_view, "RefreshMatViewStmt": refresh}
