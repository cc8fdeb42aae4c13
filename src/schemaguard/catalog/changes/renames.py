"""Objects that have another name than before, and an older catalog spelled with the names of today.

Records refer to each other by oid. So once an object has its new name in the older catalog, everything that mentions
it (an expression, a foreign key, a view's text) does so by that name, and what is left to compare is what else changed.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from schemaguard.catalog.describe import RELATION_WORDS
from schemaguard.catalog.model import (
    FIRST_USER_OID,
    Constraint,
    EventTrigger,
    Extension,
    Function,
    Index,
    Policy,
    Publication,
    Relation,
    Role,
    Rule,
    Schema,
    Sequence,
    Trigger,
    Type,
)
from schemaguard.catalog.state import PUBLIC_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.state import Catalog


class Rename(NamedTuple):
    """An object (with `number` one of its columns) whose name or schema is another one; records of before and after."""

    old: Any
    new: Any
    number: int = 0

    @property
    def names(self) -> tuple[str, str]:
        """The old and the new name of the object, or of its column."""
        if not self.number:
            return self.old.name, self.new.name
        return self.old.column_at(self.number).name, self.new.column_at(self.number).name


def find_renames(before: Catalog, after: Catalog) -> list[Rename]:
    """The objects that both catalogs hold under different names.

    Two records are one object if they have the same oid, class and creating statement, and neither name is that of
    another object on the other side: histories that begin the same number their objects the same.
    """
    found: list[Rename] = []
    for oid, old in before.objects.items():
        new = after.objects.get(oid)
        is_system = oid < FIRST_USER_OID and oid != PUBLIC_SCHEMA
        if is_system or new is None or type(new) is not type(old) or not _same_origin(old, new):
            continue
        if isinstance(old, Relation):
            found += _columns(old, after.get(oid, Relation))
        moved = getattr(old, "schema", 0) != getattr(new, "schema", 0)
        if (old.name != new.name or moved) and not _name_is_taken(before, after, old, new):
            found.append(Rename(old, new))
    return found


def _columns(old: Relation, new: Relation) -> Iterator[Rename]:
    for column in old.columns:
        other = new.column_at(column.number)
        if other is None or other.name == column.name or not _same_origin(column, other):
            continue
        if old.column(other.name) is None and new.column(column.name) is None:
            yield Rename(old, new, column.number)


def _same_origin(old: Any, new: Any) -> bool:  # noqa: ANN401 - any two records
    """Whether the same statement, at the same place in it, made both."""
    one, other = getattr(old, "because", None), getattr(new, "because", None)
    if one is None or other is None:
        return one is other
    return one.offset == other.offset and (
        one.statement is other.statement or one.statement.sql == other.statement.sql
    )


def _name_is_taken(before: Catalog, after: Catalog, old: Any, new: Any) -> bool:  # noqa: ANN401 - any records
    """Whether the old name is somebody's after, or the new one somebody's before."""
    return _named(after, old) not in (None, new.oid) or _named(before, new) not in (None, old.oid)


def _named(catalog: Catalog, record: Any) -> int | None:  # noqa: ANN401 - any record
    """The oid of who has a record's name in a catalog; routines have theirs for all overloads."""
    found: int | None = None
    match record:
        case Relation():
            found = catalog.relations.get((record.schema, record.name))
        case Type():
            found = catalog.types.get((record.schema, record.name))
        case Schema():
            found = catalog.schemas.get(record.name)
        case Role():
            found = catalog.roles.get(record.name)
        case Policy() | Trigger() | Rule():
            of_table = {Policy: catalog.policies_of, Trigger: catalog.triggers_of, Rule: catalog.rules_of}
            found = of_table[type(record)].get(record.table, {}).get(record.name)
        case Constraint():
            found = catalog.constraints_of.get(record.table or record.domain, {}).get(record.name)
    return found


@contextmanager
def spelled_anew(before: Catalog, after: Catalog, renames: list[Rename]) -> Iterator[set[str]]:
    """Give the renamed objects of `before` their new names for as long as the context lasts.

    Yields the schemas that are in `before` only to move an object there.
    """
    mark = before.mark()
    lent: set[str] = set()
    try:
        for rename in renames:
            if rename.number:
                _spell_column(before, rename)
            else:
                _spell(before, after, rename, lent)
        yield lent
    finally:
        before.rewind(mark)


def _spell_column(catalog: Catalog, rename: Rename) -> None:
    record = catalog.get(rename.old.oid, Relation)
    name = rename.names[1]
    columns = tuple(
        msgspec.structs.replace(column, name=name) if column.number == rename.number else column
        for column in record.columns
    )
    catalog.store(msgspec.structs.replace(record, columns=columns))


# Where an object is found by its schema and name.
_MAPS = ((Relation, "relations"), (Type, "types"))
_GLOBAL_MAPS = (
    (Schema, "schemas"),
    (Role, "roles"),
    (Extension, "extensions"),
    (Publication, "publications"),
    (EventTrigger, "event_triggers"),
)


def _spell(catalog: Catalog, after: Catalog, rename: Rename, lent: set[str]) -> None:
    """Give one object its new name and schema, in its record and where it is found by name."""
    oid, new = rename.old.oid, rename.new
    record = catalog.objects[oid]
    schema = getattr(new, "schema", None)
    changes = {"name": new.name} | ({} if schema is None else {"schema": schema})
    if schema is not None and schema not in catalog.objects:
        target = after.get(schema, Schema)
        catalog.store(target)
        catalog.put(catalog.schemas, target.name, schema)
        lent.add(target.name)
    catalog.store(msgspec.structs.replace(record, **changes))
    for kind, name in _MAPS:
        if isinstance(record, kind):
            mapping = getattr(catalog, name)
            catalog.remove(mapping, (rename.old.schema, rename.old.name))
            catalog.put(mapping, (schema, new.name), oid)
    for global_kind, name in _GLOBAL_MAPS:
        if isinstance(record, global_kind):
            mapping = getattr(catalog, name)
            catalog.remove(mapping, rename.old.name)
            catalog.put(mapping, new.name, oid)
    if isinstance(record, Function):
        _move_function(catalog, rename)


def _move_function(catalog: Catalog, rename: Rename) -> None:
    key = (rename.old.schema, rename.old.name)
    rest = tuple(oid for oid in catalog.functions.get(key, ()) if oid != rename.old.oid)
    catalog.put(catalog.functions, key, rest)
    new = (rename.new.schema, rename.new.name)
    catalog.put(catalog.functions, new, (*catalog.functions.get(new, ()), rename.old.oid))


def rename_words(before: Catalog, after: Catalog, rename: Rename) -> tuple[str, str, str] | None:
    """Noun, old and new name of a renamed object; None for what follows another rename or is no fact."""
    old, new = rename.old, rename.new
    if rename.number:
        table, (was, now) = after.qualified(new), rename.names
        return "column", f"{table}.{was}", f"{table}.{now}"
    match old:
        case Sequence(internal=True):
            return None
        case Index() if old.constraint:
            return None
        case Relation():
            return RELATION_WORDS[old.kind], before.qualified(old), after.qualified(new)
        case Function():
            return "function", before.qualified(old), after.qualified(new)
        case Type() if old.kind in "edr":
            return "type", before.qualified(old), after.qualified(new)
        case Policy() | Trigger() | Rule() | Constraint() if old.table:
            table = after.qualified(after.get(new.table, Relation))
            return type(old).__name__.lower(), f"{table}.{old.name}", f"{table}.{new.name}"
        case Schema() | Role() | Extension() | Publication():
            return type(old).__name__.lower(), old.name, new.name
    return None
