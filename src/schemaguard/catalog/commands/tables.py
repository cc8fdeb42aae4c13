"""CREATE TABLE in all its forms: plain, LIKE, INHERITS, OF, PARTITION OF, foreign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.columns import (
    ColumnPlan,
    bind_default,
    bind_generated,
    create_sequences,
    depend_default,
    depend_on_types,
    plan_column,
)
from schemaguard.catalog.commands.constraints import add_check, add_constraint, split_elements
from schemaguard.catalog.commands.inheritance import (
    inherit_constraints,
    inherited_columns,
    parent_tables,
    partition_parent,
)
from schemaguard.catalog.commands.like import like_check, like_columns, like_constraints, like_extras
from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.commands.partition_bounds import read_bound, refuse_overlap
from schemaguard.catalog.commands.storage_parameters import storage_options, table_options
from schemaguard.catalog.errors import (
    DUPLICATE_COLUMN,
    INVALID_TABLE_DEFINITION,
    UNDEFINED_COLUMN,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import CompositeType, Expression, Relation, Schema, Table, Type
from schemaguard.catalog.relations import (
    SYSTEM_COLUMNS,
    add_relation,
    current,
    refuse_too_many_columns,
    require_free_name,
)
from schemaguard.catalog.state import PG_CATALOG

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def create_table(run: Run, node: Node) -> None:
    """CREATE TABLE."""
    _create(run, node, "p" if node.get("partspec") else "r")


def create_foreign_table(run: Run, node: Node) -> None:
    """CREATE FOREIGN TABLE."""
    _create(run, node["base"], "f", server=node.get("servername", ""))


def target_schema(run: Run, relation: Node) -> Schema:
    """The schema that a new relation goes to; a temporary one goes to the session's own schema."""
    session = run.session
    if relation.get("relpersistence") == "t":
        if relation.get("schemaname") not in (None, "pg_temp"):
            raise Refused(
                INVALID_TABLE_DEFINITION, "cannot create temporary relation in non-temporary schema"
            )
        return session.temporary_schema()
    schema = session.creation_schema(relation.get("schemaname"), relation.get("location", -1))
    if schema.oid == PG_CATALOG:
        raise Refused("42501", f'permission denied to create "pg_catalog.{relation["relname"]}"')
    session.require_create(schema)
    return schema


# long: the steps of DefineRelation, in their order
def _create(run: Run, node: Node, kind: str, server: str = "") -> None:
    from schemaguard.catalog.privileges.acl import acl_for_new_object

    catalog, relation = run.catalog, node["relation"]
    if node.get("oncommit", "ONCOMMIT_NOOP") != "ONCOMMIT_NOOP" and relation.get("relpersistence") != "t":
        raise Refused(INVALID_TABLE_DEFINITION, "ON COMMIT can only be used on temporary tables")
    schema = target_schema(run, relation)
    name = relation["relname"]
    if node.get("if_not_exists") and (schema.oid, name) in catalog.relations:
        return
    require_free_name(catalog, schema.oid, name)
    oid = catalog.new_oid()
    parents = parent_tables(run, node, kind)
    bound = read_bound(run, partition_parent(parents), node["partbound"]) if node.get("partbound") else None
    plans, checks, likes = _plan(run, node, parents)
    refuse_too_many_columns(len(plans))
    create_sequences(run, oid, schema.oid, name, plans)
    for plan in plans:
        bind_default(run, plan)
    columns = tuple(plan.column for plan in plans)
    role = run.session.role
    partition = bool(node.get("partbound"))
    table = Table(
        oid=oid,
        schema=schema.oid,
        name=name,
        kind=kind,
        owner=role,
        columns=columns,
        acl=acl_for_new_object(catalog, role, schema.oid, "r", run.origin()),
        persistence=relation.get("relpersistence", "p"),
        options=storage_options(node.get("options"))
        if node.get("accessMethod", "heap") != "heap" or kind == "f"
        else table_options(catalog, node.get("options"), kind),
        parents=tuple(parent.oid for parent in parents),
        is_partition=partition,
        partition_bound=bound,
        partition_because=run.origin() if partition else None,
        next_number=len(columns) + 1,
        of_type=_of_type(run, node),
        server=server,
        on_commit=node.get("oncommit", ""),
        because=run.origin(),
    )
    _require_table_method(run, node.get("accessMethod", "heap"))
    if spec := node.get("partspec"):
        table = _with_partition_key(run, table, spec)
    if bound is not None:
        refuse_overlap(run, partition_parent(parents), name, bound)
    add_relation(catalog, table)
    for parent in parents:
        catalog.put_in(catalog.children_of, parent.oid, oid, oid)
        catalog.depend(oid, parent.oid, "a" if partition else "n")
    if table.of_type:
        catalog.depend(oid, table.of_type)
    if server:
        from schemaguard.catalog.commands.foreign import require_usable_server

        catalog.depend(oid, require_usable_server(run, server).oid)
    depend_on_types(run, oid, columns)
    for plan in plans:
        table = bind_generated(run, table, plan)
        depend_default(run, table, plan.column)
    inherit_constraints(run, table, parents)
    _add_constraints(run, table, node, plans, checks)
    for clause in likes:
        like_extras(run, current(catalog, table), clause)
    if partition:
        from schemaguard.catalog.commands.inheritance import adopt_partition

        adopt_partition(run, partition_parent(parents), current(catalog, table))


def _require_table_method(run: Run, name: str) -> None:
    """Refuse a table access method that certainly is not there."""
    from schemaguard.catalog.builtin.extensions import members

    catalog = run.catalog
    if name == "heap" or ("pg_am", 0, name) in catalog.others or not catalog.facts.get("strict"):
        return
    if all(members(each) is not None for each in catalog.extensions):
        raise Refused(UNDEFINED_OBJECT, f'access method "{name}" does not exist')


def _plan(run: Run, node: Node, parents: list[Table]) -> tuple[list[ColumnPlan], list[Node], list[Node]]:
    """The columns in order, the CHECKs that LIKE brings, and the LIKE clauses."""
    elements, likes, _constraints = split_elements(node.get("tableElts"))
    plans: list[ColumnPlan] = []
    checks: list[Node] = []
    for element in elements:
        tag, fields = only(element)
        if tag == "TableLikeClause":
            plans.extend(like_columns(run, fields))
            checks.extend(like_constraints(run, fields))
        elif fields.get("typeName") is not None:
            plans.append(plan_column(run, fields, 0, node["relation"]["relname"]))
    if node.get("ofTypename") or node.get("partbound"):
        plans = [*_typed_plans(run, node), *plans]
    own: dict[str, ColumnPlan] = {}
    for plan in plans:
        if plan.column.name in own:
            raise Refused(DUPLICATE_COLUMN, f'column "{plan.column.name}" specified more than once')
        _refuse_system_name(plan.column.name)
        own[plan.column.name] = plan
    plans = inherited_columns(run, parents, plans, partition=bool(node.get("partbound")))
    _apply_column_options(run, node, elements, plans)
    for number, plan in enumerate(plans, 1):
        plan.column = msgspec.structs.replace(plan.column, number=number)
    return plans, checks, likes


def _refuse_system_name(name: str) -> None:
    if name in SYSTEM_COLUMNS:
        raise Refused(DUPLICATE_COLUMN, f'column name "{name}" conflicts with a system column name')


def _typed_plans(run: Run, node: Node) -> list[ColumnPlan]:
    """The columns of the composite type of CREATE TABLE … OF."""
    if not (of_type := _of_type(run, node)):
        return []
    relation = run.catalog.get(run.catalog.get(of_type, Type).relation, Relation)
    return [
        ColumnPlan(msgspec.structs.replace(column, because=run.origin(), acl=()))
        for column in relation.columns
    ]


def _of_type(run: Run, node: Node) -> int:
    if (type_name := node.get("ofTypename")) is None:
        return 0
    from schemaguard.catalog.analysis.types import format_type, resolve_type

    ref = resolve_type(run.session, type_name)
    record = run.catalog.objects.get(ref.oid)
    if not isinstance(record, Type) or not isinstance(
        run.catalog.objects.get(record.relation), CompositeType
    ):
        raise Refused(WRONG_OBJECT_TYPE, f"type {format_type(run.catalog, ref)} is not a composite type")
    return ref.oid


def _apply_column_options(run: Run, node: Node, elements: list[Node], plans: list[ColumnPlan]) -> None:
    """`column WITH OPTIONS` of typed tables and partitions: defaults and constraints on columns that are there."""
    if not (node.get("ofTypename") or node.get("partbound")):
        return
    by_name = {plan.column.name: plan for plan in plans}
    for element in elements:
        tag, fields = only(element)
        if tag != "ColumnDef" or fields.get("typeName") is not None:
            continue
        plan = by_name.get(fields["colname"])
        if plan is None:
            raise Refused(UNDEFINED_COLUMN, f'column "{fields["colname"]}" does not exist')
        extra = plan_column(run, fields, 0, node["relation"]["relname"])
        if extra.column.not_null:
            plan.column = msgspec.structs.replace(
                plan.column, not_null=True, not_null_because=extra.column.not_null_because
            )
        if extra.default is not None:
            plan.default, plan.default_node = extra.default, extra.default_node
        if extra.generated is not None:
            plan.generated, plan.default_node, plan.copied = extra.generated, extra.default_node, None
            plan.column = msgspec.structs.replace(plan.column, generated=extra.column.generated)
        plan.constraints.extend(extra.constraints)


def _with_partition_key(run: Run, table: Table, spec: Node) -> Table:
    """The table with its partition key, whose columns must exist."""
    from schemaguard.catalog.analysis.binding import bind_expression

    used: list[tuple[str, int]] = []
    expressions: list[Expression] = []
    elements = spec.get("partParams") or ()
    if spec["strategy"] == "PARTITION_STRATEGY_LIST" and len(elements) > 1:
        raise Refused("42P17", 'cannot use "list" partition strategy with more than one column')
    for element in elements:
        fields = element["PartitionElem"]
        if name := fields.get("name"):
            column = table.column(name)
            if column is None:
                raise Refused(UNDEFINED_COLUMN, f'column "{name}" named in partition key does not exist')
            used.append((name, column.number))
        else:
            bound = bind_expression(run.session, fields["expr"], table, run.origin(), context="partition")
            used.extend(bound.columns)
            expressions.append(bound)
    return msgspec.structs.replace(
        table,
        partition_key=spec,
        partition_columns=tuple(dict.fromkeys(used)),
        partition_expressions=tuple(expressions),
    )


def _add_constraints(
    run: Run, table: Table, node: Node, plans: list[ColumnPlan], like_checks: list[Node]
) -> None:
    """Constraints in the server's order: CHECKs as written, then keys and exclusions, then foreign keys."""
    constraints: list[Node] = [*like_checks]
    for element in node.get("tableElts") or ():
        tag, fields = only(element)
        if tag == "Constraint":
            constraints.append(fields)
        elif tag == "ColumnDef":
            plan = next((plan for plan in plans if plan.column.name == fields["colname"]), None)
            if plan is not None:
                constraints.extend(plan.constraints)
    constraints = _without_equal_keys(constraints)
    for wanted in (
        ("CONSTR_NOTNULL",),
        ("CONSTR_CHECK",),
        ("CONSTR_PRIMARY",),
        ("CONSTR_UNIQUE", "CONSTR_EXCLUSION"),
        ("CONSTR_FOREIGN",),
    ):
        for constraint in constraints:
            if constraint["contype"] not in wanted:
                continue
            if "_source" in constraint:
                add_check(
                    run, current(run.catalog, table), like_check(run, current(run.catalog, table), constraint)
                )
            elif constraint["contype"] == "CONSTR_CHECK":
                # A CHECK of CREATE TABLE is valid even where NOT VALID is written: there are no rows.
                fresh = {**constraint, "initially_valid": True, "skip_validation": False}
                add_check(
                    run,
                    current(run.catalog, table),
                    fresh if constraint.get("is_enforced") else constraint,
                )
            elif constraint["contype"] == "CONSTR_FOREIGN":
                fresh = {**constraint, "skip_validation": not constraint.get("is_enforced")}
                add_constraint(run, table, fresh)
            else:
                add_constraint(run, table, constraint)


def _without_equal_keys(constraints: list[Node]) -> list[Node]:
    """The constraints without keys that repeat another one of the statement (`transformIndexConstraints`).

    The primary key stands for a UNIQUE like it; where only the second has a name, the first gets it.
    """
    kept: dict[tuple[object, ...], Node] = {}
    found: list[Node] = []
    for node in sorted(constraints, key=lambda node: node["contype"] != "CONSTR_PRIMARY"):
        if node["contype"] not in ("CONSTR_PRIMARY", "CONSTR_UNIQUE") or node.get("indexname"):
            found.append(node)
            continue
        columns = [node["_column"]] if "_column" in node else strings(node.get("keys"))
        flags = ("deferrable", "initdeferred", "nulls_not_distinct", "without_overlaps")
        identity = (*columns, "/", *strings(node.get("including")), *(bool(node.get(flag)) for flag in flags))
        prior = kept.get(identity)
        if prior is None or prior["contype"] == node["contype"] == "CONSTR_PRIMARY":
            kept[identity] = node
            found.append(node)
        elif not prior.get("conname") and node.get("conname"):
            named = {**prior, "conname": node["conname"]}
            found[found.index(prior)] = kept[identity] = named
    return found


HANDLERS = {"CreateStmt": create_table, "CreateForeignTableStmt": create_foreign_table}
