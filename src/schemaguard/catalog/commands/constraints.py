"""Constraints of tables: CHECK, PRIMARY KEY, UNIQUE, EXCLUDE, FOREIGN KEY; the same for CREATE and ALTER TABLE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.nodes import only, string, strings
from schemaguard.catalog.commands.not_null import NotNull, set_not_null
from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    INVALID_TABLE_DEFINITION,
    OBJECT_NOT_IN_STATE,
    SYNTAX_ERROR,
    UNDEFINED_COLUMN,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Constraint, Expression, Index, IndexKey, Table
from schemaguard.catalog.names import choose_constraint_name
from schemaguard.catalog.relations import (
    add_constraint_record,
    current,
    primary_key,
)

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def add_constraint(run: Run, table: Table, node: Node) -> None:
    """Add the constraint that a Constraint node describes to an existing table (and to its descendants)."""
    match node["contype"]:
        case "CONSTR_CHECK":
            add_check(run, current(run.catalog, table), node)
        case "CONSTR_PRIMARY" | "CONSTR_UNIQUE" | "CONSTR_EXCLUSION":
            add_index_constraint(run, current(run.catalog, table), node)
        case "CONSTR_FOREIGN":
            from schemaguard.catalog.commands.foreign_keys import add_foreign_key  # import cycle

            add_foreign_key(run, current(run.catalog, table), node)
        case "CONSTR_NOTNULL":
            _add_not_null(run, current(run.catalog, table), node)
        case other:
            raise Refused(SYNTAX_ERROR, f"unexpected constraint {other}")


def refuse_taken(run: Run, table: Table, name: str) -> None:
    """Refuse a constraint name that the table has already."""
    if name in run.catalog.constraints_of.get(table.oid, {}):
        raise Refused(DUPLICATE_OBJECT, f'constraint "{name}" for relation "{table.name}" already exists')


# CHECK


def add_check(run: Run, table: Table, node: Node) -> None:
    """Add a CHECK, named by the server where it is not, to the table and those that inherit from it."""
    from schemaguard.catalog.analysis.binding import bind_expression

    because = run.origin(node)
    expression = node.get("_expression")  # LIKE copies one that is bound
    if expression is None:
        expression = bind_expression(run.session, node["raw_expr"], table, because, context="check")
    name = node.get("conname")
    if name:
        existing = run.catalog.constraints_of.get(table.oid, {}).get(name)
        if existing is not None and _merges(run, existing, expression, node):
            return
        refuse_taken(run, table, name)
    else:
        used = {column for column, _number in expression.columns}
        only_column = next(iter(used)) if len(used) == 1 else ""
        name = choose_constraint_name(run.catalog, table.schema, table.name, only_column, "check")
    no_inherit = bool(node.get("is_no_inherit"))
    if no_inherit and table.kind == "p":
        raise Refused(
            INVALID_TABLE_DEFINITION, f'cannot add NO INHERIT constraint to partitioned table "{table.name}"'
        )
    constraint = Constraint(
        oid=run.catalog.new_oid(),
        name=name,
        type="c",
        table=table.oid,
        columns=tuple(sorted({number for _column, number in expression.columns if number > 0})),
        expression=expression,
        validated=bool(node.get("initially_valid")) and not node.get("skip_validation"),
        enforced=bool(node.get("is_enforced")),
        no_inherit=no_inherit,
        because=because,
        validated_because=because,
    )
    store_check(run, table, constraint)
    if not no_inherit:
        for child in run.catalog.children(table.oid):
            inherit_check(run, child, constraint)


def _merges(run: Run, existing: int, expression: Expression, node: Node) -> bool:
    """Whether a constraint that a parent gave is defined again, equal, so that it becomes local as well."""
    from schemaguard.catalog.analysis.binding import same_expression

    constraint = run.catalog.get(existing, Constraint)
    if constraint.type != "c" or not constraint.parents or constraint.expression is None or constraint.local:
        return False
    if not same_expression(constraint.expression, expression) or node.get("is_no_inherit"):
        return False
    run.catalog.store(msgspec.structs.replace(constraint, local=True))
    return True


def store_check(run: Run, table: Table, constraint: Constraint) -> None:
    """Store a CHECK with what it depends on."""
    from schemaguard.catalog.analysis.binding import dependencies

    catalog = run.catalog
    add_constraint_record(catalog, constraint, table.schema)
    if not constraint.columns:
        catalog.depend(constraint.oid, table.oid, "a")
    for number in constraint.columns:
        catalog.depend(constraint.oid, table.oid, "a", on_sub=number)
    if constraint.expression is not None:
        for oid, sub in dependencies(run.session, constraint.expression, table):
            catalog.depend(constraint.oid, oid, on_sub=sub)


def inherit_check(run: Run, child: Table, parent: Constraint) -> None:
    """Give a parent's CHECK to a child: merge with an equal one of that name, else copy it; and on to its children."""
    from schemaguard.catalog.analysis.binding import for_child, same_expression

    catalog = run.catalog
    if parent.expression is None or parent.no_inherit:
        return
    expression = for_child(catalog, parent.expression, catalog.get(parent.table, Table), child)
    existing = catalog.constraints_of.get(child.oid, {}).get(parent.name)
    if existing is not None:
        own = catalog.get(existing, Constraint)
        if own.type != "c" or own.expression is None or not same_expression(own.expression, expression):
            raise Refused(
                DUPLICATE_OBJECT, f'constraint "{parent.name}" for relation "{child.name}" already exists'
            )
        if own.no_inherit:
            raise Refused(
                "42P17",
                f'constraint "{parent.name}" conflicts with non-inherited constraint on relation "{child.name}"',
            )
        catalog.store(msgspec.structs.replace(own, parents=own.parents + 1))
        return
    copy = msgspec.structs.replace(
        parent,
        oid=catalog.new_oid(),
        table=child.oid,
        expression=expression,
        columns=tuple(sorted({number for _name, number in expression.columns if number > 0})),
        parents=1,
        local=False,
    )
    store_check(run, child, copy)
    for grandchild in catalog.children(child.oid):
        inherit_check(run, grandchild, copy)


# NOT NULL as a table constraint (PostgreSQL 18)


def _add_not_null(run: Run, table: Table, node: Node) -> None:
    wanted = NotNull(
        run.origin(node),
        node.get("conname", ""),
        no_inherit=bool(node.get("is_no_inherit")),
        valid=not node.get("skip_validation"),
    )
    set_not_null(run, table, string(node["keys"][0]), wanted, recurse=not node.get("_only"))


# PRIMARY KEY, UNIQUE, EXCLUDE

EXCLUSION_ON_PARTITIONED_SINCE = 17


def add_index_constraint(run: Run, table: Table, node: Node) -> None:
    """Add a constraint that an index backs, with the index; `USING INDEX` takes an existing one."""
    from schemaguard.catalog.commands.indexes import IndexPlan, create_index

    primary = node["contype"] == "CONSTR_PRIMARY"
    exclusion = node["contype"] == "CONSTR_EXCLUSION"
    if exclusion and table.kind == "p" and run.catalog.version < EXCLUSION_ON_PARTITIONED_SINCE:
        raise Refused("0A000", "exclusion constraints are not supported on partitioned tables")
    if table.kind == "f":
        what = "primary key" if primary else "unique"
        raise Refused("0A000", f"{what} constraints are not supported on foreign tables")
    if node.get("indexname"):
        _adopt_index(run, table, node, primary=primary)
        return
    names = [node["_column"]] if "_column" in node and not node.get("keys") else strings(node.get("keys"))
    if node["contype"] != "CONSTR_EXCLUSION":
        _refuse_bad_keys(table, names, primary=primary)
    if primary:
        _refuse_second_key(run, table)
    if primary:
        for key in names:
            _require_passed_on(table, key)
            set_not_null(run, current(run.catalog, table), key, NotNull(run.origin(node)))
        table = current(run.catalog, table)
    plan = IndexPlan(table=table, because=run.origin(node), name=node.get("conname", ""))
    plan.primary, plan.unique, plan.constraint = primary, node["contype"] != "CONSTR_EXCLUSION", True
    plan.method = node.get("access_method") or "btree"
    plan.nulls_not_distinct = bool(node.get("nulls_not_distinct"))
    plan.deferrable, plan.initially_deferred = bool(node.get("deferrable")), bool(node.get("initdeferred"))
    plan.include = strings(node.get("including"))
    plan.predicate = node.get("where_clause")
    if node.get("without_overlaps"):
        if len(names) < 2:
            raise Refused(SYNTAX_ERROR, "constraint using WITHOUT OVERLAPS needs at least two columns")
        plan.without_overlaps, plan.method = True, "gist"
    plan.recurse = not node.get("_only")
    if node["contype"] == "CONSTR_EXCLUSION":
        pairs = [pair["List"]["items"] for pair in node["exclusions"]]
        plan.elements = [pair[0]["IndexElem"] for pair in pairs]
        plan.operators = tuple(".".join(strings(pair[1]["List"]["items"])) for pair in pairs)
    else:
        plan.elements = [{"name": key} for key in names]
    create_index(run, plan)


def _require_passed_on(table: Table, name: str) -> None:
    """From PostgreSQL 18 on a key's NOT NULL must be one that children get, and valid."""
    column = table.column(name)
    if column is not None and column.not_null and (column.not_null_no_inherit or not column.not_null_valid):
        raise Refused(OBJECT_NOT_IN_STATE, f'cannot create primary key on column "{name}"')


def _refuse_second_key(run: Run, table: Table) -> None:
    if primary_key(run.catalog, table.oid) is not None:
        raise Refused(
            INVALID_TABLE_DEFINITION, f'multiple primary keys for table "{table.name}" are not allowed'
        )


def _refuse_bad_keys(table: Table, names: list[str], *, primary: bool) -> None:
    what = "primary key" if primary else "unique"
    for position, name in enumerate(names):
        if table.column(name) is None:
            raise Refused(UNDEFINED_COLUMN, f'column "{name}" named in key does not exist')
        if name in names[:position]:
            raise Refused("42701", f'column "{name}" appears twice in {what} constraint')


def _adopt_index(run: Run, table: Table, node: Node, *, primary: bool) -> None:
    """`ADD … USING INDEX`: the index becomes the constraint's and takes its name."""
    catalog = run.catalog
    oid = catalog.relations.get((table.schema, node["indexname"]))
    index = catalog.objects.get(oid) if oid is not None else None
    if not isinstance(index, Index):
        raise Refused(UNDEFINED_OBJECT, f'index "{node["indexname"]}" does not exist')
    _refuse_unfit_index(table, index)
    if table.kind == "p":
        message = "ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables"
        raise Refused("0A000", message)
    name = node.get("conname") or index.name
    if primary:
        _refuse_second_key(run, table)
        for key in index.keys:
            column = table.column_at(key.number)
            if column is not None:
                set_not_null(run, current(catalog, table), column.name, NotNull(run.origin(node)))
    constraint = Constraint(
        oid=catalog.new_oid(),
        name=name,
        type="p" if primary else "u",
        table=table.oid,
        columns=tuple(key.number for key in index.keys),
        index=index.oid,
        deferrable=bool(node.get("deferrable")),
        initially_deferred=bool(node.get("initdeferred")),
        because=run.origin(node),
    )
    if name != index.name:
        if (index.schema, name) in catalog.relations:
            raise Refused("42P07", f'relation "{name}" already exists')
        catalog.remove(catalog.relations, (index.schema, index.name))
        catalog.put(catalog.relations, (index.schema, name), index.oid)
        catalog.remove(catalog.indexes_of[table.oid], index.name)
        catalog.put_in(catalog.indexes_of, table.oid, name, index.oid)
    catalog.store(msgspec.structs.replace(index, name=name, constraint=constraint.oid, primary=primary))
    add_constraint_record(catalog, constraint, table.schema)
    catalog.forget_dependencies(index.oid)
    catalog.depend(index.oid, constraint.oid, "i")
    for number in constraint.columns:
        catalog.depend(constraint.oid, table.oid, "a", on_sub=number)


def _refuse_unfit_index(table: Table, index: Index) -> None:
    """Refuse an index that a constraint would not have made so."""
    if index.table != table.oid:
        raise Refused(OBJECT_NOT_IN_STATE, f'index "{index.name}" does not belong to table "{table.name}"')
    if index.constraint:
        raise Refused(OBJECT_NOT_IN_STATE, f'index "{index.name}" is already associated with a constraint')
    for bad, message in (
        (not index.valid, f'index "{index.name}" is not valid'),
        (not index.unique, f'"{index.name}" is not a unique index'),
        (index.predicate is not None, f'"{index.name}" is a partial index'),
        (any(not key.number for key in index.keys), f'index "{index.name}" contains expressions'),
    ):
        if bad:
            raise Refused(OBJECT_NOT_IN_STATE if "valid" in message else WRONG_OBJECT_TYPE, message)
    for at, key in enumerate(index.keys, 1):
        if not _sorts_by_default(key):
            message = f'index "{index.name}" column number {at} does not have default sorting behavior'
            raise Refused(WRONG_OBJECT_TYPE, message)


def _sorts_by_default(key: IndexKey) -> bool:
    """Whether an index's column is as a constraint would make it."""
    return not (key.descending or key.nulls_first or key.opclass or key.collation)


def constraint_named(run: Run, table: Table, name: str) -> Constraint:
    """The constraint of that name on a table.

    Raises:
        Refused: there is none.
    """
    oid = run.catalog.constraints_of.get(table.oid, {}).get(name)
    if oid is None:
        raise Refused(UNDEFINED_OBJECT, f'constraint "{name}" of relation "{table.name}" does not exist')
    return run.catalog.get(oid, Constraint)


def split_elements(elements: list[Node] | None) -> tuple[list[Node], list[Node], list[Node]]:
    """The elements of CREATE TABLE by kind: column definitions, LIKE clauses (both in place), table constraints."""
    columns: list[Node] = []
    likes: list[Node] = []
    constraints: list[Node] = []
    for element in elements or ():
        tag, fields = only(element)
        if tag == "Constraint":
            constraints.append(fields)
        else:
            columns.append(element)
            if tag == "TableLikeClause":
                likes.append(fields)
    return columns, likes, constraints
