"""User-defined types: putting them into the catalog under their names, and finding them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    INSUFFICIENT_PRIVILEGE,
    INVALID_TABLE_DEFINITION,
    SYNTAX_ERROR,
    UNDEFINED_OBJECT,
    UNDEFINED_SCHEMA,
    Refused,
)
from schemaguard.catalog.model import CompositeType, Relation, Schema, Type, TypeRef
from schemaguard.catalog.state import PG_CATALOG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.session import Run, Session
    from schemaguard.catalog.state import Catalog


def target_of(run: Run, names: Sequence[str]) -> tuple[Schema, str]:
    """Schema and name of a new object with a possibly qualified name; needs CREATE on the schema.

    Raises:
        Refused: the name has too many parts, the schema is missing, or it is not the role's to create in.
    """
    if len(names) > 3:
        dotted = ".".join(names)
        raise Refused(SYNTAX_ERROR, f"improper qualified name (too many dotted names): {dotted}")
    schema = run.session.creation_schema(names[-2] if len(names) > 1 else None)
    if schema.oid == PG_CATALOG and not run.session.is_superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for schema {schema.name}")
    run.session.require_create(schema)
    return schema, names[-1]


def add_type(catalog: Catalog, record: Type) -> None:
    """Store a new type under its name, depending on its schema.

    Raises:
        Refused: the name is taken, be it by a relation's row type.
    """
    require_free_type_name(catalog, record.schema, record.name)
    catalog.put(catalog.types, (record.schema, record.name), record.oid)
    catalog.store(record)
    catalog.depend(record.oid, record.schema)


def require_free_type_name(catalog: Catalog, schema: int, name: str) -> None:
    """Refuse where the schema has a type of that name."""
    if (schema, name) in catalog.types:
        raise Refused(DUPLICATE_OBJECT, f'type "{name}" already exists')


def find_type(session: Session, names: Sequence[str]) -> Type | None:
    """The user-defined type of a possibly qualified name, or None: missing, or built in."""
    for oid in session.names_in_path(session.catalog.types, list(names)):
        record = session.catalog.objects[oid]
        if isinstance(record, Type):
            return record
    return None


def require_type(session: Session, names: Sequence[str]) -> TypeRef:
    """The type of a possibly qualified name, built in or not.

    Raises:
        Refused: it does not exist.
    """
    from schemaguard.catalog.analysis.types import resolve_type

    if len(names) > 1 and names[-2] not in session.catalog.schemas:
        raise Refused(UNDEFINED_SCHEMA, f'schema "{names[-2]}" does not exist')
    return resolve_type(session, {"names": [{"String": {"sval": name}} for name in names], "typemod": -1})


def type_record(session: Session, names: Sequence[str], *, missing_ok: bool = False) -> Type | None:
    """The user-defined type of that name, None for a built-in one (or a missing one that may be missing).

    Raises:
        Refused: it does not exist.
    """
    found = find_type(session, names)
    if found is not None:
        return found
    try:
        require_type(session, names)
    except Refused as refused:
        if missing_ok and refused.sqlstate in (UNDEFINED_OBJECT, UNDEFINED_SCHEMA):
            return None
        raise
    return None


def require_type_owner(run: Run, record: Type) -> None:
    """Refuse unless the role in force owns the type."""
    from schemaguard.catalog.analysis.types import format_type

    if not run.session.owns(record.owner):
        text = format_type(run.catalog, TypeRef(record.oid))
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of type {text}")


def usable_type(run: Run, type_: TypeRef) -> TypeRef:
    """The type, if the role in force may use it.

    Raises:
        Refused: it has no USAGE on a user-defined type (or on the element of an array).
    """
    from schemaguard.catalog.analysis.types import format_type
    from schemaguard.catalog.privileges.query import has_privilege

    record = run.catalog.objects.get(type_.oid)
    if isinstance(record, Type) and not has_privilege(run.catalog, run.session.role, "USAGE", record.oid):
        text = format_type(run.catalog, TypeRef(type_.oid))
        raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for type {text}")
    return type_


def stand_alone_composite(catalog: Catalog, record: Type) -> CompositeType | None:
    """The relation of a type that CREATE TYPE … AS made, None for any other type, row types included."""
    relation = catalog.objects.get(record.relation)
    return relation if isinstance(relation, CompositeType) else None


def depend_on_type(catalog: Catalog, oid: int, type_: TypeRef | None, *, sub: int = 0) -> None:
    """Record that an object (its column `sub`) depends on a type, unless that is built in."""
    if type_ is not None and type_.oid in catalog.objects:
        catalog.depend(oid, type_.oid, sub=sub)


def binary_coercible(catalog: Catalog, source: TypeRef, target: TypeRef) -> bool:
    """Whether a value of one type can be taken for one of the other as it is (`IsBinaryCoercible`)."""
    from schemaguard.catalog.builtin.operators import casts

    if (source.oid, source.array) == (target.oid, target.array):
        return True
    record = catalog.objects.get(source.oid)
    if isinstance(record, Type) and record.kind == "d" and record.base is not None and not source.array:
        return binary_coercible(catalog, record.base, target)
    if source.array or target.array:
        return False
    cast = casts().get((source.oid, target.oid))
    return cast is not None and (cast.context, cast.method) == ("i", "b")


def refuse_self_reference(catalog: Catalog, relation: Relation, type_: TypeRef) -> None:
    """Refuse a column whose type holds the relation's own row type, at any depth (`CheckAttributeType`)."""
    record = catalog.objects.get(type_.oid)
    if not isinstance(record, Type):
        return
    if record.relation == relation.oid:
        message = f"composite type {record.name} cannot be made a member of itself"
        raise Refused(INVALID_TABLE_DEFINITION, message)
    if record.kind == "d" and record.base is not None:
        refuse_self_reference(catalog, relation, record.base)
    if record.subtype is not None:
        refuse_self_reference(catalog, relation, record.subtype)
    inner = catalog.objects.get(record.relation)
    if isinstance(inner, Relation):
        for column in inner.columns:
            refuse_self_reference(catalog, relation, column.type)
