"""Foreign keys, of plain and of partitioned tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.constraints import refuse_taken
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    INVALID_COLUMN_REFERENCE,
    INVALID_FOREIGN_KEY,
    INVALID_TABLE_DEFINITION,
    OBJECT_NOT_IN_STATE,
    SYNTAX_ERROR,
    UNDEFINED_COLUMN,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Constraint, Table
from schemaguard.catalog.names import choose_constraint_name, name_addition
from schemaguard.catalog.relations import (
    SYSTEM_COLUMNS,
    add_constraint_record,
    ancestors_of,
    find_table,
    primary_key,
    unique_index_on,
)

if TYPE_CHECKING:
    from schemaguard.catalog.model import TypeRef
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


NOT_VALID_ON_PARTITIONED_SINCE = 18


# long: one record with many fields
def add_foreign_key(run: Run, table: Table, node: Node) -> None:
    """Add a foreign key to a table; on a partitioned one, to its partitions, too."""
    catalog = run.catalog
    name = node.get("conname")
    if name:
        refuse_taken(run, table, name)
    target_node = node["pktable"]
    _refuse_not_valid(run, table, node)
    target = find_table(run, target_node, "r", "p", "f", "v", "m")
    if target.kind not in "rp":
        raise Refused(WRONG_OBJECT_TYPE, f'referenced relation "{target.name}" is not a table')
    _refuse_persistence(table, target)
    if target.oid != table.oid and table.oid in ancestors_of(run.catalog, target):
        message = (
            f'cannot ALTER TABLE "{target.name}" because it is being used by active queries in this session'
        )
        raise Refused("55006", message)
    names = [node["_column"]] if "_column" in node else strings(node.get("fk_attrs"))
    columns = tuple(_key_column(table, name) for name in names)
    if target.external and not target.columns:
        ref_columns: tuple[int, ...] = tuple(range(1, len(columns) + 1))
        index = 0
    else:
        ref_columns, index = _referenced_key(run, target, strings(node.get("pk_attrs")))
        _require_references(run, target, ref_columns)
        _refuse_actions_on_generated(table, columns, node)
        if len(ref_columns) != len(columns):
            message = "number of referencing and referenced columns for foreign key disagree"
            raise Refused(INVALID_FOREIGN_KEY, message)
    if not name:
        name = choose_constraint_name(catalog, table.schema, table.name, name_addition(names), "fkey")
    if ref_columns and target.columns:
        _refuse_mismatched_types(run, name, (table, columns), (target, ref_columns))
    delete_columns = tuple(_key_column(table, column) for column in strings(node.get("fk_del_set_cols")))
    for number, column in zip(delete_columns, strings(node.get("fk_del_set_cols")), strict=True):
        if number not in columns:
            raise Refused(
                INVALID_COLUMN_REFERENCE,
                f'column "{column}" referenced in ON DELETE SET action must be part of foreign key',
            )
    because = run.origin(node)
    constraint = Constraint(
        oid=catalog.new_oid(),
        name=name,
        type="f",
        table=table.oid,
        columns=columns,
        ref_table=target.oid,
        ref_columns=ref_columns,
        on_delete=node.get("fk_del_action") or "a",
        on_update=node.get("fk_upd_action") or "a",
        match=node.get("fk_matchtype") or "s",
        delete_columns=delete_columns,
        validated=not node.get("skip_validation"),
        enforced=bool(node.get("is_enforced")),
        deferrable=bool(node.get("deferrable")),
        initially_deferred=bool(node.get("initdeferred")),
        index=index,
        no_inherit=True,
        because=because,
        validated_because=because,
    )
    store_foreign_key(run, table, constraint)
    for child in catalog.children(table.oid):
        if table.kind == "p":
            inherit_foreign_key(run, child, constraint)


def _refuse_not_valid(run: Run, table: Table, node: Node) -> None:
    """Before PostgreSQL 18 a partitioned table has only foreign keys that are valid."""
    if (
        table.kind == "p"
        and node.get("skip_validation")
        and run.catalog.version < NOT_VALID_ON_PARTITIONED_SINCE
    ):
        raise Refused(
            WRONG_OBJECT_TYPE,
            f'cannot add NOT VALID foreign key on partitioned table "{table.name}" referencing relation '
            f'"{node["pktable"]["relname"]}"',
        )


def store_foreign_key(run: Run, table: Table, constraint: Constraint) -> None:
    """Store a foreign key with what it depends on."""
    catalog = run.catalog
    add_constraint_record(catalog, constraint, table.schema)
    for number in constraint.columns:
        catalog.depend(constraint.oid, table.oid, "a", on_sub=number)
    for number in constraint.ref_columns:
        catalog.depend(constraint.oid, constraint.ref_table, on_sub=number)
    if constraint.index:
        catalog.depend(constraint.oid, constraint.index)
    if constraint.parent:
        catalog.depend(constraint.oid, constraint.parent, "i")


def inherit_foreign_key(run: Run, child: Table, parent: Constraint) -> None:
    """Give a partitioned table's foreign key to a partition: attach an equal one, else copy it."""
    catalog = run.catalog
    owner = catalog.get(parent.table, Table)
    columns = tuple(_same_column(owner, child, number) for number in parent.columns)
    for own in catalog.constraints(child.oid):
        if (
            own.type == "f" and not own.parent and own.columns == columns
            and own.ref_table == parent.ref_table and own.ref_columns == parent.ref_columns
            and (own.on_delete, own.on_update, own.match, own.deferrable)
            == (parent.on_delete, parent.on_update, parent.match, parent.deferrable)
        ):  # fmt: skip
            catalog.store(
                msgspec.structs.replace(
                    own, parent=parent.oid, parents=1, local=False, validated=parent.validated
                )
            )
            catalog.depend(own.oid, parent.oid, "i")
            return
    name = parent.name
    if name in catalog.constraints_of.get(child.oid, {}):
        names = [column.name for column in child.columns if column.number in columns]
        name = choose_constraint_name(catalog, child.schema, child.name, name_addition(names), "fkey")
    copy = msgspec.structs.replace(
        parent,
        oid=catalog.new_oid(),
        name=name,
        table=child.oid,
        columns=columns,
        parent=parent.oid,
        parents=1,
        local=False,
    )
    store_foreign_key(run, child, copy)
    for grandchild in catalog.children(child.oid):
        inherit_foreign_key(run, grandchild, copy)


def _same_column(parent: Table, child: Table, number: int) -> int:
    column = parent.column_at(number)
    own = child.column(column.name) if column is not None else None
    return own.number if own is not None else number


def _key_column(table: Table, name: str) -> int:
    column = table.column(name)
    if column is None:
        if name in SYSTEM_COLUMNS:
            raise Refused(FEATURE_NOT_SUPPORTED, "system columns cannot be used in foreign keys")
        raise Refused(
            UNDEFINED_COLUMN, f'column "{name}" referenced in foreign key constraint does not exist'
        )
    return column.number


def _refuse_persistence(table: Table, target: Table) -> None:
    if table.persistence == "p" and target.persistence != "p":
        raise Refused(
            INVALID_TABLE_DEFINITION, "constraints on permanent tables may reference only permanent tables"
        )
    if table.persistence == "u" and target.persistence == "t":
        raise Refused(
            INVALID_TABLE_DEFINITION,
            "constraints on unlogged tables may reference only permanent or unlogged tables",
        )
    if (table.persistence == "t") != (target.persistence == "t"):
        raise Refused(
            INVALID_TABLE_DEFINITION, "constraints on temporary tables may reference only temporary tables"
        )


def _referenced_key(run: Run, target: Table, names: list[str]) -> tuple[tuple[int, ...], int]:
    """The referenced columns and the unique index that backs them."""
    catalog = run.catalog
    if not names:
        key = primary_key(catalog, target.oid)
        if key is None:
            raise Refused(UNDEFINED_OBJECT, f'there is no primary key for referenced table "{target.name}"')
        if key.deferrable:
            message = f'cannot use a deferrable primary key for referenced table "{target.name}"'
            raise Refused(OBJECT_NOT_IN_STATE, message)
        return key.columns, key.index
    columns = tuple(_key_column(target, name) for name in names)
    if len(set(columns)) < len(columns):
        message = "foreign key referenced-columns list must not contain duplicates"
        raise Refused(INVALID_FOREIGN_KEY, message)
    index = unique_index_on(catalog, target.oid, columns)
    if index is None:
        raise Refused(
            INVALID_FOREIGN_KEY,
            f'there is no unique constraint matching given keys for referenced table "{target.name}"',
        )
    if index.constraint and catalog.get(index.constraint, Constraint).deferrable:
        raise Refused(
            OBJECT_NOT_IN_STATE,
            f'cannot use a deferrable unique constraint for referenced table "{target.name}"',
        )
    return columns, index.oid


def _require_references(run: Run, target: Table, columns: tuple[int, ...]) -> None:
    """Refuse unless the role in force has REFERENCES on the table, or on each of the columns."""
    from schemaguard.catalog.privileges.query import has_column_privilege, has_privilege

    catalog, role = run.catalog, run.session.role
    if has_privilege(catalog, role, "REFERENCES", target.oid):
        return
    for number in columns:
        if not has_column_privilege(catalog, role, "REFERENCES", target.oid, number):
            raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for table {target.name}")


def _refuse_actions_on_generated(table: Table, columns: tuple[int, ...], node: Node) -> None:
    """A generated column can't be set by an action."""
    if not any(column.generated for column in table.columns if column.number in columns):
        return
    for clause, action, forbidden in (
        ("UPDATE", node.get("fk_upd_action"), "ndc"),
        ("DELETE", node.get("fk_del_action"), "nd"),
    ):
        if action and action in forbidden:
            message = f"invalid ON {clause} action for foreign key constraint containing generated column"
            raise Refused(SYNTAX_ERROR, message)


def refuse_mismatched_types(run: Run, constraint: Constraint) -> None:
    """Refuse a foreign key whose columns can't be compared, as they are now."""
    table, target = (run.catalog.get(oid, Table) for oid in (constraint.table, constraint.ref_table))
    sides = (table, constraint.columns), (target, constraint.ref_columns)
    _refuse_mismatched_types(run, constraint.name, *sides)


def _refuse_mismatched_types(
    run: Run, name: str, referencing: tuple[Table, tuple[int, ...]], referenced: tuple[Table, tuple[int, ...]]
) -> None:
    from schemaguard.catalog.analysis.types import format_type

    (table, columns), (target, ref_columns) = referencing, referenced
    for number, ref_number in zip(columns, ref_columns, strict=True):
        column, ref_column = table.column_at(number), target.column_at(ref_number)
        if column is None or ref_column is None:
            continue
        if not _comparable(run, column.type, ref_column.type):
            raise Refused(
                DATATYPE_MISMATCH,
                f'foreign key constraint "{name}" cannot be implemented',
                detail=f'Key columns "{column.name}" and "{ref_column.name}" are of incompatible types: '
                f"{format_type(run.catalog, column.type)} and {format_type(run.catalog, ref_column.type)}.",
            )


_FAMILIES = ((20, 21, 23), (700, 701), (19, 25, 1043), (1082, 1114, 1184))
"""Types of one B-tree operator family: integers, floats, strings, dates and timestamps."""


def _comparable(run: Run, referencing: TypeRef, referenced: TypeRef) -> bool:
    """Whether the key's operator family compares the two types, or the first one is converted to the second unasked."""
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.transform.pathways import IMPLICIT, can_coerce
    from schemaguard.catalog.analysis.types import type_number

    environment = Environment(run.session)
    own, key = (environment.base(type_number(ref)) for ref in (referencing, referenced))
    if own == key or any(own in family and key in family for family in _FAMILIES):
        return True
    return can_coerce(environment, [own], [key], IMPLICIT)
