"""Putting relations and what belongs to them into the catalog, under their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    DUPLICATE_TABLE,
    INVALID_TABLE_DEFINITION,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Column, Constraint, Index, Relation, Table, Type

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

_R = TypeVar("_R", bound=Relation)

SYSTEM_COLUMNS = frozenset(("tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"))
"""Columns that every table has, and that nothing else may be called."""


def require_free_name(catalog: Catalog, schema: int, name: str, *, row_type: bool = True) -> None:
    """Refuse where a relation (or, for one with a row type, a type) of that name is in the schema already."""
    if (schema, name) in catalog.relations:
        raise Refused(DUPLICATE_TABLE, f'relation "{name}" already exists')
    if row_type and (schema, name) in catalog.types:
        raise Refused(
            DUPLICATE_OBJECT,
            f'type "{name}" already exists',
            hint="A relation has an associated type of the same name, so you must use a name that doesn't conflict "
            "with any existing type.",
        )


def add_relation(catalog: Catalog, relation: Relation) -> None:
    """Store a new relation under its name, with its row type where its kind has one.

    Raises:
        Refused: the name is taken.
    """
    has_row_type = relation.kind in "rpfvmc"
    # A sequence has no row type, and yet the server wants its name to be free among types, too.
    require_free_name(catalog, relation.schema, relation.name, row_type=has_row_type or relation.kind == "S")
    catalog.put(catalog.relations, (relation.schema, relation.name), relation.oid)
    catalog.store(relation)
    catalog.depend(relation.oid, relation.schema)
    if has_row_type:
        row_type = Type(
            oid=catalog.new_oid(),
            schema=relation.schema,
            name=relation.name,
            kind="c",
            owner=relation.owner,
            relation=relation.oid,
            because=relation.because,
        )
        catalog.put(catalog.types, (row_type.schema, row_type.name), row_type.oid)
        catalog.store(row_type)
        if relation.kind == "c":
            catalog.depend(relation.oid, row_type.oid, "i")
        else:
            catalog.depend(row_type.oid, relation.oid, "i")


def row_type_of(catalog: Catalog, relation: Relation) -> int:
    """The oid of a relation's row type."""
    return catalog.types[relation.schema, relation.name]


def add_constraint_record(catalog: Catalog, constraint: Constraint, schema: int) -> None:
    """Store a new constraint of a table or domain in `schema` under its name."""
    owner = constraint.table or constraint.domain
    catalog.put_in(catalog.constraints_of, owner, constraint.name, constraint.oid)
    key = (schema, constraint.name)
    catalog.put(catalog.constraint_names, key, catalog.constraint_names.get(key, 0) + 1)
    catalog.store(constraint)


def remove_constraint_record(catalog: Catalog, constraint: Constraint, schema: int) -> None:
    """Forget a constraint and its name."""
    catalog.remove(catalog.constraints_of.get(constraint.table or constraint.domain, {}), constraint.name)
    key = (schema, constraint.name)
    catalog.put(catalog.constraint_names, key, catalog.constraint_names.get(key, 1) - 1)
    catalog.remove(catalog.objects, constraint.oid)


def replace_column(catalog: Catalog, table: _R, column: Column) -> _R:
    """Put a changed column in the place of the one with its number; the new record of the relation."""
    changed = msgspec.structs.replace(
        table, columns=tuple(column if old.number == column.number else old for old in table.columns)
    )
    catalog.store(changed)
    return changed


def current(catalog: Catalog, relation: _R) -> _R:
    """The present record of a relation of which an older one is at hand."""
    return catalog.get(relation.oid, type(relation))


def primary_key(catalog: Catalog, table: int) -> Constraint | None:
    """The primary key constraint of a table."""
    for constraint in catalog.constraints(table):
        if constraint.type == "p":
            return constraint
    return None


def unique_index_on(catalog: Catalog, table: int, columns: tuple[int, ...]) -> Index | None:
    """A valid, unconditional unique index over exactly these columns, as a foreign key needs it on its target."""
    wanted = sorted(columns)
    for index in catalog.indexes(table):
        if (
            index.unique
            and index.predicate is None
            and index.valid
            and sorted(key.number for key in index.keys) == wanted
        ):
            return index
    return None


def find_table(run: Run, node: Node, *kinds: str) -> Table:
    """The table that a RangeVar names; `kinds` (default r, p, f) says which relation kinds the statement takes.

    Raises:
        Refused: it does not exist, or is of another kind.
    """
    relation = run.session.relation(node)
    if relation.kind not in (kinds or ("r", "p", "f")):
        raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is not a table', offset=node.get("location", -1))
    return relation  # type: ignore[no-any-return]  # find_relation gives any kind; checked above


def ancestors_of(catalog: Catalog, table: Table) -> set[int]:
    """The tables that a table inherits from or is a partition of, at any distance."""
    found: set[int] = set()
    pending = list(table.parents)
    while pending:
        oid = pending.pop()
        if oid not in found:
            found.add(oid)
            pending.extend(catalog.get(oid, Table).parents)
    return found


def descendants(catalog: Catalog, table: int) -> list[Table]:
    """Partitions and inheritance children of a table, at any depth, parents before children, each once."""
    found: dict[int, Table] = {}
    pending = [child.oid for child in catalog.children(table)]
    while pending:
        oid = pending.pop(0)
        if oid not in found:
            found[oid] = catalog.get(oid, Table)
            pending.extend(child.oid for child in catalog.children(oid))
    return list(found.values())


def require_column(table: Relation, name: str, offset: int = -1) -> Column:
    """The column of that name.

    Raises:
        Refused: there is none.
    """
    column = table.column(name)
    if column is None:
        from schemaguard.catalog.errors import UNDEFINED_COLUMN

        raise Refused(
            UNDEFINED_COLUMN, f'column "{name}" of relation "{table.name}" does not exist', offset=offset
        )
    return column


def refuse_duplicate_columns(names: list[str]) -> None:
    """Refuse a list of columns that names one twice."""
    from schemaguard.catalog.errors import DUPLICATE_COLUMN

    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Refused(DUPLICATE_COLUMN, f'column "{name}" specified more than once')
        seen.add(name)


MAX_COLUMNS = 1600


def refuse_too_many_columns(columns: int) -> None:
    """Refuse a table wider than PostgreSQL allows."""
    if columns > MAX_COLUMNS:
        raise Refused(INVALID_TABLE_DEFINITION, f"tables can have at most {MAX_COLUMNS} columns")
