"""CREATE INDEX, and the indexes behind constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import (
    DUPLICATE_TABLE,
    FEATURE_NOT_SUPPORTED,
    UNDEFINED_COLUMN,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Column, Constraint, Index, IndexKey, Relation, Schema, Table
from schemaguard.catalog.names import choose_index_columns, choose_relation_name, name_addition
from schemaguard.catalog.relations import add_constraint_record, current

if TYPE_CHECKING:
    from schemaguard.catalog.model import Expression
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node, Origin

METHODS = frozenset(("btree", "hash", "gist", "gin", "spgist", "brin", "rtree"))


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
    _check_method(plan)
    keys, names = _keys(run, table, plan)
    chosen = choose_index_columns([*names, *plan.include])
    keys = tuple(msgspec.structs.replace(key, name=name) for key, name in zip(keys, chosen, strict=False))
    include = tuple(_included(table, name) for name in plan.include)
    predicate = _predicate(run, table, plan)
    if (plan.unique or plan.operators) and table.kind == "p":
        _require_partition_key(table, keys, primary=plan.primary)
    name = plan.name or _choose_name(run, table, plan, [*names, *plan.include])
    if (table.schema, name) in catalog.relations:
        raise Refused(DUPLICATE_TABLE, f'relation "{name}" already exists')
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
        from schemaguard.catalog.commands.index_copies import inherit_index  # import cycle

        for child in catalog.children(table.oid):
            inherit_index(run, child, index)
    return index


def _check_method(plan: IndexPlan) -> None:
    method = plan.method
    if method == "rtree":
        plan.method = "gist"
        return
    if method not in METHODS:
        # An access method that an extension brings (hnsw, ivfflat, rum …) is taken at its word.
        return
    if plan.unique and method != "btree" and not plan.without_overlaps:
        raise Refused(FEATURE_NOT_SUPPORTED, f'access method "{method}" does not support unique indexes')
    if plan.include and method not in ("btree", "gist", "spgist"):
        raise Refused(FEATURE_NOT_SUPPORTED, f'access method "{method}" does not support included columns')
    if len(plan.elements) > 1 and method in ("hash", "spgist"):
        raise Refused(FEATURE_NOT_SUPPORTED, f'access method "{method}" does not support multicolumn indexes')


def _nulls_first(element: Node) -> bool:
    """Where nulls stand: as written, else last, but first where the order is descending."""
    nulls = element.get("nulls_ordering", "SORTBY_NULLS_DEFAULT")
    if nulls == "SORTBY_NULLS_DEFAULT":
        return element.get("ordering") == "SORTBY_DESC"
    return bool(nulls == "SORTBY_NULLS_FIRST")


def _keys(run: Run, table: Relation, plan: IndexPlan) -> tuple[tuple[IndexKey, ...], list[str]]:
    """The index's keys, and for each the name that its column gets."""
    keys: list[IndexKey] = []
    names: list[str] = []
    for written in plan.elements:
        element = _without_collate(written)
        expression: Expression | None = None
        number = 0
        if name := element.get("name"):
            number = _column(table, name).number
            names.append(element.get("indexcolname") or name)
        else:
            expression, number, name = _expression_key(run, table, element, plan)
            names.append(name)
        keys.append(
            IndexKey(
                number,
                expression,
                opclass=".".join(strings(element.get("opclass"))),
                collation=".".join(strings(element.get("collation"))),
                descending=element.get("ordering") == "SORTBY_DESC",
                nulls_first=_nulls_first(element),
            )
        )
        if plan.method != "btree" and plan.method in METHODS and keys[-1].descending:
            raise Refused(
                FEATURE_NOT_SUPPORTED, f'access method "{plan.method}" does not support ASC/DESC options'
            )
    return tuple(keys), names


def _without_collate(element: Node) -> Node:
    """The element with an outermost COLLATE of its expression as its own: the key is what stands before it."""
    inner = element.get("expr", {})
    while "CollateClause" in inner:
        collation = element.get("collation") or inner["CollateClause"]["collname"]
        inner = inner["CollateClause"]["arg"]
        element = element | {"expr": inner, "collation": collation}
    return element


def _expression_key(
    run: Run, table: Relation, element: Node, plan: IndexPlan
) -> tuple[Expression | None, int, str]:
    from schemaguard.catalog.analysis.binding import bind_expression

    if "_expression" in element:
        copied: Expression = element["_expression"]
        return copied, 0, _name_of(run, element, copied.node)
    node = element["expr"]
    tag, fields = only(node)
    if tag == "ColumnRef" and len(fields["fields"]) == 1 and "String" in fields["fields"][0]:
        name = strings(fields["fields"])[0]
        return None, _column(table, name).number, name
    if plan.primary:
        raise Refused(FEATURE_NOT_SUPPORTED, "primary keys cannot be expressions")
    expression = bind_expression(run.session, node, table, plan.because, context="index")
    return expression, 0, _name_of(run, element, node)


def _name_of(run: Run, element: Node, node: Node) -> str:
    """The name that an expression's column of an index gets."""
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.transform.names import index_column_name
    from schemaguard.catalog.analysis.transform.scope import ParseState

    given = element.get("indexcolname")
    return given or index_column_name(ParseState(Environment(run.session)), node) or "expr"


def _column(table: Relation, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise Refused(UNDEFINED_COLUMN, f'column "{name}" does not exist')
    return column


def _included(table: Relation, name: str) -> int:
    if not name:
        raise Refused(FEATURE_NOT_SUPPORTED, "expressions are not supported in included columns")
    return _column(table, name).number


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
