"""CREATE INDEX, and the indexes behind constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.builtin.extensions import members
from schemaguard.catalog.commands.index_keys import METHODS, included_column, index_keys
from schemaguard.catalog.commands.storage_parameters import storage_options
from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    DUPLICATE_TABLE,
    FEATURE_NOT_SUPPORTED,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Constraint, Index, IndexKey, Relation, Schema, Table
from schemaguard.catalog.names import choose_index_columns, choose_relation_name, name_addition
from schemaguard.catalog.relations import add_constraint_record, current

if TYPE_CHECKING:
    from schemaguard.catalog.model import Expression
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node, Origin


class IndexPlan:
    """An index to be created. `elements` are IndexElem fields; `name` is "" where the server chooses it."""

    def __init__(self, table: Relation, because: Origin, name: str = "") -> None:
        """Plan an index on `table` (a table or materialized view)."""
        self.table = table
        self.because = because
        self.name = name
        self.elements: list[Node] = []
        self.include: list[str] = []
        self.predicate: Node | None = None
        self.bound_predicate: Expression | None = None
        self.method = "btree"
        self.unique = False
        self.primary = False
        self.constraint = False
        self.nulls_not_distinct = False
        self.deferrable = False
        self.initially_deferred = False
        self.operators: tuple[str, ...] = ()
        self.without_overlaps = False
        self.recurse = True
        self.parent = 0
        self.parent_constraint = 0
        self.if_not_exists = False
        self.options: tuple[tuple[str, str], ...] = ()


def index_statement(run: Run, node: Node) -> None:
    """CREATE INDEX."""
    relation = run.session.relation(node["relation"])
    if relation.kind not in "rpm":
        raise Refused(WRONG_OBJECT_TYPE, f'cannot create index on relation "{relation.name}"')
    run.session.require_owner(relation)
    plan = IndexPlan(relation, run.origin(), node.get("idxname", ""))
    plan.elements = [element["IndexElem"] for element in node["indexParams"]]
    plan.include = [
        element["IndexElem"].get("name", "") for element in node.get("indexIncludingParams") or ()
    ]
    plan.predicate = node.get("whereClause")
    plan.method = node.get("accessMethod") or "btree"
    plan.unique = bool(node.get("unique"))
    plan.nulls_not_distinct = bool(node.get("nulls_not_distinct"))
    plan.recurse = bool(node["relation"].get("inh"))
    plan.if_not_exists = bool(node.get("if_not_exists"))
    plan.options = storage_options(node.get("options"))
    if node.get("concurrent") and relation.kind == "p":
        raise Refused(
            FEATURE_NOT_SUPPORTED, f'cannot create index on partitioned table "{relation.name}" concurrently'
        )
    if plan.name and (relation.schema, plan.name) in run.catalog.relations:
        if plan.if_not_exists:
            return
        raise Refused(DUPLICATE_TABLE, f'relation "{plan.name}" already exists')
    create_index(run, plan)


def create_index(run: Run, plan: IndexPlan) -> Index:
    """Create the index, its constraint where it backs one, and those of partitions."""
    catalog = run.catalog
    table = current(catalog, plan.table)
    run.session.require_create(catalog.get(table.schema, Schema))
    _check_method(run, plan)
    keys, names = index_keys(run, table, plan)
    chosen = choose_index_columns([*names, *plan.include])
    keys = tuple(msgspec.structs.replace(key, name=name) for key, name in zip(keys, chosen, strict=False))
    include = tuple(included_column(table, name) for name in plan.include)
    predicate = _predicate(run, table, plan)
    if (plan.unique or plan.operators) and table.kind == "p":
        _require_partition_key(table, keys, primary=plan.primary)
    name = plan.name or _choose_name(run, table, plan, [*names, *plan.include])
    if (table.schema, name) in catalog.relations:
        raise Refused(DUPLICATE_TABLE, f'relation "{name}" already exists')
    if plan.constraint and name in catalog.constraints_of.get(table.oid, {}):
        raise Refused(DUPLICATE_OBJECT, f'constraint "{name}" for relation "{table.name}" already exists')
    oid = catalog.new_oid()
    index = Index(
        oid=oid,
        schema=table.schema,
        name=name,
        kind="I" if table.kind == "p" else "i",
        owner=table.owner,
        persistence=table.persistence,
        table=table.oid,
        keys=keys,
        include=include,
        unique=plan.unique,
        primary=plan.primary,
        method=plan.method,
        predicate=predicate,
        nulls_not_distinct=plan.nulls_not_distinct,
        exclusion=bool(plan.operators),
        options=plan.options,
        parent=plan.parent,
        because=plan.because,
    )
    if plan.constraint:
        index = _add_constraint(run, table, index, plan)
    catalog.put(catalog.relations, (index.schema, index.name), oid)
    catalog.put_in(catalog.indexes_of, table.oid, name, oid)
    catalog.store(index)
    _depend(run, table, index)
    if table.kind == "p" and plan.recurse and isinstance(table, Table):
        _inherit(run, table, index)
    return index


def _inherit(run: Run, table: Table, index: Index) -> None:
    """Give the partitions of a table an index like its own."""
    from schemaguard.catalog.commands.index_copies import inherit_index  # import cycle

    for child in run.catalog.children(table.oid):
        inherit_index(run, child, index)


def _may_be_there(run: Run, method: str) -> bool:
    """Whether the history made an access method of that name, or an extension may have brought it."""
    catalog = run.catalog
    made = ("pg_am", 0, method) in catalog.others
    return made or any(members(each) is None for each in catalog.extensions)


def _check_method(run: Run, plan: IndexPlan) -> None:
    method = plan.method
    if method == "rtree":
        plan.method = "gist"
        return
    if method not in METHODS:
        # An access method that an extension brings (hnsw, ivfflat, rum …) is taken at its word.
        if run.catalog.facts.get("strict") and not _may_be_there(run, method):
            raise Refused(UNDEFINED_OBJECT, f'access method "{method}" does not exist')
        return
    if plan.unique and method != "btree" and not plan.without_overlaps:
        raise Refused(FEATURE_NOT_SUPPORTED, f'access method "{method}" does not support unique indexes')
    if plan.include and method not in ("btree", "gist", "spgist"):
        raise Refused(FEATURE_NOT_SUPPORTED, f'access method "{method}" does not support included columns')
    if len(plan.elements) > 1 and method in ("hash", "spgist"):
        raise Refused(FEATURE_NOT_SUPPORTED, f'access method "{method}" does not support multicolumn indexes')


def _predicate(run: Run, table: Relation, plan: IndexPlan) -> Expression | None:
    from schemaguard.catalog.analysis.binding import bind_expression, is_true

    if plan.predicate is None:
        return plan.bound_predicate
    predicate = bind_expression(run.session, plan.predicate, table, plan.because, context="predicate")
    return None if is_true(predicate) else predicate


def _choose_name(run: Run, table: Relation, plan: IndexPlan, names: list[str]) -> str:
    """The server's choice for an index without a name (`ChooseIndexName`)."""
    if plan.primary:
        return choose_relation_name(run.catalog, table.schema, table.name, "", "pkey", for_constraint=True)
    label = "excl" if plan.operators else "key" if plan.constraint else "idx"
    middle = name_addition(choose_index_columns(names))
    return choose_relation_name(
        run.catalog, table.schema, table.name, middle, label, for_constraint=plan.constraint
    )


def _require_partition_key(table: Relation, keys: tuple[IndexKey, ...], *, primary: bool) -> None:
    """A unique index on a partitioned table must contain the partition key's columns."""
    if not isinstance(table, Table) or table.partition_key is None:
        return
    what = "PRIMARY KEY" if primary else "UNIQUE"
    numbers = {key.number for key in keys}
    elements = table.partition_key.get("partParams") or ()
    for element in elements:
        name = element["PartitionElem"].get("name")
        if not name:
            raise Refused(
                FEATURE_NOT_SUPPORTED, f"unsupported {what} constraint with partition key definition",
                detail=f"{what} constraints cannot be used when partition keys include expressions.",
            )  # fmt: skip
        number = dict(table.partition_columns).get(name)
        if number not in numbers:
            raise Refused(
                FEATURE_NOT_SUPPORTED,
                "unique constraint on partitioned table must include all partitioning columns",
                detail=f'{what} constraint on table "{table.name}" lacks column "{name}" which is part of the '
                "partition key.",
            )


def _add_constraint(run: Run, table: Relation, index: Index, plan: IndexPlan) -> Index:
    """The constraint that the index backs; the index as it then is."""
    catalog = run.catalog
    constraint = Constraint(
        oid=catalog.new_oid(),
        name=index.name,
        type="p" if plan.primary else "x" if plan.operators and not plan.unique else "u",
        table=table.oid,
        columns=tuple(key.number for key in index.keys),
        operators=plan.operators,
        index=index.oid,
        deferrable=plan.deferrable,
        initially_deferred=plan.initially_deferred,
        without_overlaps=plan.without_overlaps,
        parent=plan.parent_constraint,
        parents=1 if plan.parent_constraint else 0,
        local=not plan.parent_constraint,
        because=plan.because,
    )
    add_constraint_record(catalog, constraint, table.schema)
    for number in constraint.columns:
        if number:
            catalog.depend(constraint.oid, table.oid, "a", on_sub=number)
    if not any(constraint.columns):
        catalog.depend(constraint.oid, table.oid, "a")
    if plan.parent_constraint:
        catalog.depend(constraint.oid, plan.parent_constraint, "i")
    return msgspec.structs.replace(index, constraint=constraint.oid)


def _depend(run: Run, table: Relation, index: Index) -> None:
    from schemaguard.catalog.analysis.binding import dependencies

    catalog = run.catalog
    if index.constraint:
        catalog.depend(index.oid, index.constraint, "i")
    else:
        numbers = {key.number for key in index.keys if key.number} | set(index.include)
        expressions = [key.expression for key in index.keys if key.expression is not None]
        if index.predicate is not None:
            expressions.append(index.predicate)
        for expression in expressions:
            numbers |= {number for _name, number in expression.columns}
        for number in sorted(numbers):
            catalog.depend(index.oid, table.oid, "a", on_sub=number)
        if not numbers:
            catalog.depend(index.oid, table.oid, "a")
        for expression in expressions:
            for oid, sub in dependencies(run.session, expression, table):
                catalog.depend(index.oid, oid, on_sub=sub)
    if index.parent:
        catalog.depend(index.oid, index.parent, "i")


def index_named(run: Run, table: Relation, name: str) -> Index:
    """The index of that name on a table.

    Raises:
        Refused: there is none.
    """
    oid = run.catalog.indexes_of.get(table.oid, {}).get(name)
    if oid is None:
        raise Refused(UNDEFINED_OBJECT, f'index "{name}" for table "{table.name}" does not exist')
    return run.catalog.get(oid, Index)


HANDLERS = {"IndexStmt": index_statement}
IRRELEVANT = {
    "ReindexStmt": "rebuilds indexes, changes no definition",
    "ClusterStmt": "orders rows on disk",
}
